package simhost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

const (
	// settleTime bounds every settling, renewing and closing. Without a bound of
	// its own the SDK tries for most of a minute to settle a message whose
	// connection is gone, which cannot succeed.
	settleTime = 2 * time.Second
	// reconnectGap is the pause before a new connection to the bus.
	reconnectGap = 250 * time.Millisecond
)

// errLost is how a receiver ends whose link or connection did: the SDK says
// nothing but that there is no message.
var errLost = errors.New("the link to the bus was lost")

// listener passes the messages of one queue to its function, as the processors
// of the host's SDK do (ReceiverManager, SessionReceiverManager).
//
// It has as many slots as calls may run at once. A slot works on one message
// at a time and has a connection of its own, so that what one slot loses, and
// then takes down, takes nothing from the others.
type listener struct {
	host     *Host
	function *function

	mu      sync.Mutex
	trouble string // what was last logged, empty once the bus has been heard
}

// run listens until ctx ends, whatever becomes of the bus.
func (l *listener) run(ctx context.Context) {
	slots, serve := l.host.file.bus.calls, l.serveMessages
	if l.function.queue.sessions {
		slots, serve = l.host.file.bus.sessions, l.serveSessions
	}
	var all sync.WaitGroup
	for range slots {
		all.Go(func() {
			for ctx.Err() == nil {
				l.lost(ctx, l.connected(ctx, serve))
			}
		})
	}
	all.Wait()
}

// connected is the life of one connection.
func (l *listener) connected(ctx context.Context, serve func(context.Context, *azservicebus.Client) error) error {
	client, err := azservicebus.NewClientFromConnectionString(l.function.queue.connection, &azservicebus.ClientOptions{
		RetryOptions: azservicebus.RetryOptions{MaxRetries: -1}, // the slot does that itself
	})
	if err != nil {
		return err
	}
	defer func() {
		ending, cancel := brief(ctx)
		defer cancel()
		_ = client.Close(ending) // whatever could fail has gone already
	}()
	return serve(ctx, client)
}

// lost logs why a connection ended, unless it has just said so, and waits
// before the next.
func (l *listener) lost(ctx context.Context, why error) {
	if ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	news := l.trouble != why.Error()
	l.trouble = why.Error()
	l.mu.Unlock()
	if news {
		l.log(slog.LevelError, fmt.Errorf("listen to the queue %s: %w", l.function.queue.name, why).Error())
	}
	pause := time.NewTimer(reconnectGap)
	defer pause.Stop()
	select {
	case <-ctx.Done():
	case <-pause.C:
	}
}

// heard notes that the bus works.
func (l *listener) heard() {
	l.mu.Lock()
	again := l.trouble != ""
	l.trouble = ""
	l.mu.Unlock()
	if again {
		l.log(slog.LevelInfo, "the queue "+l.function.queue.name+" is listened to again")
	}
}

func (l *listener) log(level slog.Level, text string) {
	l.host.journal.write(Line{Level: level, Source: FromHost, Function: l.function.name, Text: text})
}

// serveMessages serves a queue without sessions over client, until it is lost.
func (l *listener) serveMessages(ctx context.Context, client *azservicebus.Client) error {
	r, err := client.NewReceiverForQueue(l.function.queue.name, nil)
	if err != nil {
		return err
	}
	from := source{receiver: r, patience: tryTimeout, lease: func(m *azservicebus.ReceivedMessage) func() {
		var until time.Time
		if m.LockedUntil != nil {
			until = *m.LockedUntil
		}
		return l.hold(ctx, until, func(ctx context.Context) (time.Time, error) {
			if err := r.RenewMessageLock(ctx, m, nil); err != nil {
				return time.Time{}, err
			}
			return *m.LockedUntil, nil
		})
	}}
	for err == nil {
		err = l.take(ctx, from)
	}
	return err
}

// source is a receiver and how to wait for its messages.
type source struct {
	receiver receiver
	patience time.Duration // how long to wait for a message
	// lease keeps a message locked until the function it returns was called.
	lease func(*azservicebus.ReceivedMessage) (end func())
}

// receiver is what the SDK's two kinds of receivers have in common.
type receiver interface {
	ReceiveMessages(context.Context, int, *azservicebus.ReceiveMessagesOptions) ([]*azservicebus.ReceivedMessage, error)
	CompleteMessage(context.Context, *azservicebus.ReceivedMessage, *azservicebus.CompleteMessageOptions) error
	AbandonMessage(context.Context, *azservicebus.ReceivedMessage, *azservicebus.AbandonMessageOptions) error
}

// take works off one message after the other. It returns nil when none has
// come for as long as the source's patience.
func (l *listener) take(ctx context.Context, from source) error {
	for {
		waiting, cancel := context.WithTimeout(ctx, from.patience)
		messages, err := from.receiver.ReceiveMessages(waiting, 1, nil)
		cancel()
		switch {
		case len(messages) > 0:
			l.heard()
		case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			return nil
		case err != nil:
			return fmt.Errorf("receive: %w", err)
		default:
			return errLost
		}
		if err := l.handle(ctx, from, messages[0]); err != nil {
			return err
		}
	}
}

// handle calls the function for a message and settles it by the outcome: a
// success completes it, every failure abandons it at once. An error means that
// the message could not be settled or that no further one should be taken.
func (l *listener) handle(ctx context.Context, from source, m *azservicebus.ReceivedMessage) error {
	end := from.lease(m)
	_, failure := l.host.dispatch(ctx, l.function, messageValue(m)) // which logs it
	if errors.Is(failure, ErrConnection) {
		l.host.worker.noticeEnd(ctx)
	}
	end()
	settling, cancel := brief(ctx)
	defer cancel()
	switch {
	case failure != nil:
		if err := from.receiver.AbandonMessage(settling, m, nil); err != nil {
			return fmt.Errorf("abandon a message: %w", err)
		}
	case l.function.queue.complete:
		if err := from.receiver.CompleteMessage(settling, m, nil); err != nil {
			return fmt.Errorf("complete a message: %w", err)
		}
	}
	if errors.Is(failure, ErrStopped) {
		return failure // or the next messages would be abandoned for nothing
	}
	return nil
}

// brief is the context of what must be done even when ctx has ended.
func brief(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTime)
}
