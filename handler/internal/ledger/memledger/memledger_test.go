package memledger_test

import (
	"testing"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/ledgertest"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
)

func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store { return new(memledger.Store) })
}
