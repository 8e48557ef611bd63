package orgchange

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/storeteams/storeteams/handler/internal/businessevent"
	"github.com/storeteams/storeteams/handler/internal/hint"
)

// Sender sends hints. *bus.Bus is one.
type Sender interface {
	Send(ctx context.Context, hints []hint.Hint) error
}

// Events turns what Commerce puts on its queue into hints. It is safe for
// concurrent use.
type Events struct {
	Org   Queue  // the queue of the organization
	Tasks Sender // the queue of tasks; nil: tasks are not synced
	Log   *slog.Logger

	unknown atomic.Int64
}

// Receive takes one event. What is no event is put among the dead letters of the
// organization's queue. One that tells of nothing we know is counted, and done
// with. An error says that it has to be delivered again.
func (e *Events) Receive(ctx context.Context, body []byte) error {
	event, err := businessevent.Parse(body)
	if err != nil {
		e.Log.WarnContext(ctx, "a message is no event", "err", err)
		return e.Org.DeadLetterBody(ctx, body, "NoEvent", err.Error())
	}
	switch event.About() {
	case businessevent.Task:
		if e.Tasks != nil {
			return e.send(ctx, e.Tasks, []hint.Hint{{
				Kind: hint.Task, Store: event.Stores[0], Key: "commerce:" + event.Process + "/" + event.Task, Seen: event.ID,
			}})
		}
	case businessevent.Someone:
		hints := make([]hint.Hint, len(event.Workers))
		for i, worker := range event.Workers {
			// The queue drops a second hint of the same event.
			hints[i] = hint.Hint{Kind: hint.Worker, Key: string(worker), Seen: event.ID}
		}
		return e.send(ctx, e.Org, hints)
	case businessevent.Organization:
		return e.send(ctx, e.Org, []hint.Hint{{Kind: hint.Org, Seen: event.ID}})
	case businessevent.Nothing:
		e.Log.InfoContext(ctx, "an event tells nothing", "form", string(event.Form), "event", event.ID, "unknown", e.unknown.Add(1))
	}
	return nil
}

func (e *Events) send(ctx context.Context, queue Sender, hints []hint.Hint) error {
	if err := queue.Send(ctx, hints); err != nil {
		return fmt.Errorf("orgchange: pass an event on: %w", err)
	}
	return nil
}
