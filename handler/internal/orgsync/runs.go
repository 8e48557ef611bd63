package orgsync

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// Record is a run record with its plan.
type Record struct {
	*ledger.Run
	Plan string `json:"plan"` // as text; cut if it is very long
}

// maxPlanText bounds the plan in a record. The whole is in the ledger.
const maxPlanText = 1 << 20

// RunNow reconciles at an operator's word, everything or one store, and returns
// the record. A fault.NotFound: Commerce has no such store, and there is no team
// of one.
func (s *Syncer) RunNow(ctx context.Context, invocation, store string) (Record, error) {
	number, err := s.storeNumber(ctx, store)
	if err != nil {
		return Record{}, err
	}
	run, err := s.run(ctx, "Operations", invocation, scope{store: number})
	if err != nil {
		return Record{}, err
	}
	return s.record(ctx, run)
}

// storeNumber finds a store, whatever the case its number is written in.
func (s *Syncer) storeNumber(ctx context.Context, written string) (org.StoreNumber, error) {
	if written == "" {
		return "", nil
	}
	links, err := s.Book.Links(ctx)
	if err != nil {
		return "", fmt.Errorf("orgsync: look for the store: %w", err)
	}
	if number := linkedStore(links, written); number != "" {
		return number, nil
	}
	snapshot, _, err := s.Book.Snapshot(ctx)
	if err != nil {
		return "", fmt.Errorf("orgsync: look for the store: %w", err)
	}
	return listedStore(snapshot, written)
}

// linkedStore finds a store that has a team; empty: none has that number.
func linkedStore(links map[org.TeamKey]*ledger.Link, written string) org.StoreNumber {
	for key := range links {
		if key.IsStore() && key.Store.Folded() == org.StoreNumber(written).Folded() {
			return key.Store
		}
	}
	return ""
}

// listedStore finds a store that has a row, or is a fault.NotFound.
func listedStore(snapshot org.Snapshot, written string) (org.StoreNumber, error) {
	if number := snapshot.StoreNumbered(org.StoreNumber(written)); number != "" {
		return number, nil
	}
	return "", fault.Newf(fault.NotFound, "orgsync: look for the store",
		"no store has the number %s, by the reading of Commerce of %s", written, snapshot.ReadAt.UTC().Format(time.RFC3339))
}

// Runs returns the newest so many records, newest first and without their
// notes.
func (s *Syncer) Runs(ctx context.Context, limit int) ([]*ledger.Run, error) {
	runs, err := s.Book.Runs(ctx)
	if err != nil {
		return nil, fmt.Errorf("orgsync: list the runs: %w", err)
	}
	runs = runs[max(0, len(runs)-limit):]
	slices.Reverse(runs)
	for _, run := range runs {
		run.Notes = nil
	}
	return runs, nil
}

// ReadRun returns a record, or a fault.NotFound.
func (s *Syncer) ReadRun(ctx context.Context, id string) (Record, error) {
	run, err := s.Book.ReadRun(ctx, id)
	if err != nil {
		return Record{}, err
	}
	return s.record(ctx, run)
}

// LastRun returns the newest record, or a fault.NotFound.
func (s *Syncer) LastRun(ctx context.Context) (Record, error) {
	run, err := s.Book.LastRun(ctx)
	if err != nil {
		return Record{}, err
	}
	return s.record(ctx, run)
}

func (s *Syncer) record(ctx context.Context, run *ledger.Run) (Record, error) {
	record := Record{Run: run}
	err := s.Book.ReadPlan(ctx, run.ID, func(r io.Reader) error {
		text, err := io.ReadAll(io.LimitReader(r, maxPlanText+1))
		if len(text) > maxPlanText {
			text = append(bytes.ToValidUTF8(text[:maxPlanText], nil), "\n… (cut)\n"...)
		}
		record.Plan = string(text)
		return err
	})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Record{}, err
	}
	return record, nil
}
