package boltledger_test

import (
	"path/filepath"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/ledgertest"
)

func TestStore(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		return open(t, filepath.Join(t.TempDir(), "ledger"))
	})
}

// open opens a ledger that must open; the caller closes it.
func open(t *testing.T, path string) *boltledger.Store {
	t.Helper()
	s, err := boltledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
