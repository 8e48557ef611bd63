package desk_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/bus"
	"github.com/storeteams/storeteams/handler/internal/desk"
)

// pile is a queue's dead letters.
type pile map[int64]time.Time

func (p pile) DeadLetters(_ context.Context, limit int) (all []bus.Dead, err error) {
	for id, at := range p {
		if len(all) < limit {
			all = append(all, bus.Dead{ID: id, At: at})
		}
	}
	return all, nil
}

func (p pile) Retry(ctx context.Context, id int64) error { return p.Drop(ctx, id) }

func (p pile) Drop(_ context.Context, id int64) error {
	if _, there := p[id]; !there {
		return fmt.Errorf("there is no %d", id)
	}
	delete(p, id)
	return nil
}

// Each queue counts from 0, and an operator who drops one must not drop the other.
func TestLettersOfBothQueues(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	tasks, organization := pile{0: at, 7: at.Add(2 * time.Minute)}, pile{0: at.Add(time.Minute), 7: at.Add(3 * time.Minute)}
	both := desk.BothQueues{Tasks: tasks, Organization: organization}
	list := func() (ids []int64) {
		all, err := both.DeadLetters(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			ids = append(ids, one.ID)
		}
		return ids
	}
	if got := fmt.Sprint(list()); got != "[0 -1 7 -8]" {
		t.Errorf("listed %s", got)
	}
	if err := both.Drop(t.Context(), -8); err != nil {
		t.Error(err)
	}
	if err := both.Retry(t.Context(), 0); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(list()); got != "[-1 7]" {
		t.Errorf("left are %s", got)
	}
}
