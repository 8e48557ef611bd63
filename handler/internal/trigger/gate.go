package trigger

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/semaphore"
)

// How many operators' calls one process carries out. What the host calls itself
// needs the rest of the machine, and of what Graph and Commerce allow us.
const (
	lightAtOnce  = 8
	heavyAtOnce  = 1
	heavyInLine  = 4
	actingAtOnce = 1
	actingInLine = 4

	// placeSoon is when somebody who got no place is told to ask again.
	placeSoon = 5 * time.Second
)

// gate lets so many calls work at once and so many more wait in line for that,
// first come first served.
type gate struct {
	places *semaphore.Weighted // of those who work and those who wait
	turns  *semaphore.Weighted // of those who work
}

func newGate(atOnce, inLine int64) *gate {
	return &gate{places: semaphore.NewWeighted(atOnce + inLine), turns: semaphore.NewWeighted(atOnce)}
}

// join takes a place, or refuses. Whoever has one must pass.
func (g *gate) join() error {
	if g.places.TryAcquire(1) {
		return nil
	}
	return &refusal{
		status: http.StatusTooManyRequests, code: "busy",
		message: "Too many calls are under way or wait in line: ask again in a few seconds.",
		header:  map[string]string{"Retry-After": strconv.Itoa(int(placeSoon.Seconds()))},
	}
}

// pass waits in line while line lasts, works, and gives up the place.
func (g *gate) pass(line context.Context, work func() (answer, error)) (answer, error) {
	defer g.places.Release(1)
	if err := g.turns.Acquire(line, 1); err != nil {
		return answer{}, fmt.Errorf("wait in line: %w", err)
	}
	defer g.turns.Release(1)
	return work()
}
