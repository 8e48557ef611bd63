package tasksync

import (
	"context"
	"iter"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// Book is the part of the ledger that tasks need; *ledger.Book is one. A value
// that was read carries its version: saving one that somebody changed since is a
// fault.Conflict.
type Book interface {
	// Board returns what is remembered of a store's board, an empty one with that
	// store if nothing is. The communications team's is that of the store "".
	Board(ctx context.Context, store org.StoreNumber) (*BoardRow, error)
	// Boards yields all boards, the communications team's too.
	Boards(ctx context.Context) iter.Seq2[*BoardRow, error]
	SaveBoard(ctx context.Context, b *BoardRow) error

	// Campaigns returns the lists sent from the communications board, and drafts
	// that were previewed, by id.
	Campaigns(ctx context.Context) (map[string]*CampaignRow, error)
	SaveCampaign(ctx context.Context, c *CampaignRow) error
	DropCampaign(ctx context.Context, c *CampaignRow) error

	// Sweep returns what the sweep remembers, the zero one if nothing.
	Sweep(ctx context.Context) (*SweepRow, error)
	SaveSweep(ctx context.Context, s *SweepRow) error

	// CountDeletions counts up to n deletions of tasks at now, as many as leave
	// the last 24 hours with at most limit, and returns how many may go.
	CountDeletions(ctx context.Context, n, limit int, now time.Time) (may int, err error)
}

// BoardRow is the ledger's row of a store's board; its ETag is the version read.
type BoardRow = ledger.Board

// CampaignRow is the ledger's row of a campaign; its ETag is the version read.
type CampaignRow = ledger.Campaign

// SweepRow is what the ledger has of the sweep; its ETag is the version read.
type SweepRow = ledger.Sweep

// SweptStore is what it has of one store.
type SweptStore = ledger.Swept
