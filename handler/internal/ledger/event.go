package ledger

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// actLife is how long it is kept what operators did: as long as the details of
// runs may be.
const actLife = 90 * 24 * time.Hour

// Event is one thing that was done, or tried, and when: a change that a run
// carried out, or what an operator did.
type Event struct {
	At     time.Time           `json:"at"`
	Run    string              `json:"run,omitempty"`  // the run that did it; empty: an operator did
	Team   *org.TeamKey        `json:"team,omitempty"` // nil: it is about all teams, or about none
	What   string              `json:"what"`           // a change's kind ("add member"), or an operator's act ("block", "allow")
	Text   string              `json:"text"`           // the same in words, with its reason; ids only
	User   org.UserID          `json:"user,omitzero"`  // whom it was about, if anybody
	Worker org.PersonnelNumber `json:"worker,omitempty"`
	Error  string              `json:"error,omitempty"` // why it failed; empty: it was done
}

// act is the row of what an operator did.
type act struct {
	ID string `json:"id"` // sorts by time
	Event

	etag string
}

func (a *act) key(string) Key   { return Key{partAct, a.ID} }
func (a *act) version() *string { return &a.etag }

// RecordAct keeps what an operator did.
func (b *Book) RecordAct(ctx context.Context, e Event) error {
	a := &act{ID: e.At.UTC().Format("20060102T150405.000Z") + "-" + strings.ToLower(rand.Text()[:8]), Event: e}
	if err := saveRow(ctx, b, a); err != nil {
		return fmt.Errorf("ledger: record what was done: %w", err)
	}
	return nil
}

// ForgetActs deletes what operators did 90 days ago and before.
func (b *Book) ForgetActs(ctx context.Context, now time.Time) error {
	acts, err := readAll(ctx, b, new(act), func(a *act) string { return a.ID })
	if err != nil {
		return err
	}
	for _, a := range acts {
		if now.Sub(a.At) >= actLife {
			if err := dropRow(ctx, b, a); err != nil && !fault.Is(err, fault.Conflict) {
				return err
			}
		}
	}
	return nil
}

// SaveEvents keeps what a run did.
func (b *Book) SaveEvents(ctx context.Context, run string, events []Event) error {
	_, err := WriteBlob(ctx, b.store, eventsBlob(run), "", func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		for _, e := range events {
			if err := encoder.Encode(e); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

func eventsBlob(run string) string { return "events/" + run }

// Events returns what the kept runs and the operators did, as far as about says
// that it matters, oldest first.
func (b *Book) Events(ctx context.Context, about func(Event) bool) ([]Event, error) {
	acts, err := readAll(ctx, b, new(act), func(a *act) string { return a.ID })
	if err != nil {
		return nil, fmt.Errorf("ledger: read what operators did: %w", err)
	}
	events := []Event{}
	for _, a := range acts {
		if about(a.Event) {
			events = append(events, a.Event)
		}
	}
	runs, err := b.Runs(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if len(r.Done) == 0 && len(r.Failed) == 0 {
			continue // it did nothing, as nearly all do
		}
		if events, err = b.appendEvents(ctx, events, r.ID, about); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	return events, nil
}

// appendEvents appends those of a run. One that was killed left none.
func (b *Book) appendEvents(ctx context.Context, events []Event, run string, about func(Event) bool) ([]Event, error) {
	before := len(events)
	_, err := ReadBlob(ctx, b.store, eventsBlob(run), func(r io.Reader) error {
		events = events[:before] // a blob that is swapped meanwhile is read again
		for decoder := json.NewDecoder(bufio.NewReader(r)); ; {
			var e Event
			if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return fault.New(fault.Internal, "ledger: read the events of run "+run, err)
			}
			if about(e) {
				events = append(events, e)
			}
		}
	})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	return events, nil
}
