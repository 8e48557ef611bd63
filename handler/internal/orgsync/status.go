package orgsync

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// Status is how the app is, in a few figures.
type Status struct {
	Instance string    `json:"instance"`
	Mode     Mode      `json:"mode"`
	At       time.Time `json:"at"`

	Teams        int               `json:"teams"`               // that are ours
	LastRun      *ledger.Run       `json:"lastRun"`             // without its notes; null: there was none
	LastGood     *time.Time        `json:"lastGood"`            // when the newest run of all stores ended that was carried out; null: none of those kept
	SnapshotAt   time.Time         `json:"snapshotAt,omitzero"` // when Commerce was last read, by the newest run that knew
	Short        string            `json:"short,omitempty"`     // what was short about that reading
	HoldsWaiting int               `json:"holdsWaiting"`
	Blocks       int               `json:"blocks"`
	Quarantine   *rails.Quarantine `json:"quarantine"` // null: none
}

// Status says how the app is, from the ledger's small rows only.
func (s *Syncer) Status(ctx context.Context) (Status, error) {
	status := Status{Instance: s.settings.Rules.Instance, Mode: s.settings.Mode, At: time.Now().UTC()}
	if err := s.statusOfRuns(ctx, &status); err != nil {
		return Status{}, fmt.Errorf("orgsync: read the runs: %w", err)
	}
	links, err := s.Book.Links(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("orgsync: read the links: %w", err)
	}
	status.Teams = len(links)
	w := &world{}
	if err := s.recallRails(ctx, w); err != nil {
		return Status{}, fmt.Errorf("orgsync: read what the rails remember: %w", err)
	}
	status.Blocks = len(w.blocks)
	for _, hold := range w.holds.All() {
		if hold.Decision == rails.Waiting {
			status.HoldsWaiting++
		}
	}
	if w.quarantine != nil {
		status.Quarantine = &w.quarantine.Quarantine
	}
	return status, nil
}

func (s *Syncer) statusOfRuns(ctx context.Context, status *Status) error {
	runs, err := s.Book.Runs(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if !run.OfSome() && (run.Outcome == ledger.Done || run.Outcome == ledger.Partial) {
			status.LastGood = &run.Ended
		}
		if !run.SnapshotAt.IsZero() {
			status.SnapshotAt, status.Short = run.SnapshotAt, run.Short
		}
		status.LastRun = run
	}
	if status.LastRun != nil {
		status.LastRun.Notes = nil
	}
	return nil
}
