package simbus_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/simbus"
)

const (
	plain    = "plain"
	sessions = "by-session"
)

// patience bounds what should happen at once, so that a test that fails ends.
const patience = 10 * time.Second

// rig is a bus with a clock that stands still, and an SDK client of it.
type rig struct {
	t      *testing.T
	bus    *simbus.Bus
	client *azservicebus.Client
	*clock
}

// clock stands still unless it is moved.
type clock struct {
	base  time.Time
	moved atomic.Int64
}

func (c *clock) now() time.Time { return c.base.Add(time.Duration(c.moved.Load())) }

// newRig starts a bus with a queue without sessions and one with.
func newRig(t *testing.T, more ...simbus.Queue) *rig {
	t.Helper()
	r := &rig{t: t, clock: &clock{base: time.Now().Truncate(time.Millisecond)}}
	bus, err := simbus.Start(simbus.Options{
		Now:    r.now,
		Queues: append(more, simbus.Queue{Name: plain}, simbus.Queue{Name: sessions, Sessions: true}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bus.Close(); err != nil {
			t.Error(err)
		}
	})
	r.bus, r.client = bus, connect(t, bus)
	return r
}

func connect(t *testing.T, bus *simbus.Bus) *azservicebus.Client {
	t.Helper()
	client, err := azservicebus.NewClientFromConnectionString(bus.ConnectionString(), &azservicebus.ClientOptions{
		RetryOptions: azservicebus.RetryOptions{MaxRetries: 3, RetryDelay: time.Millisecond, MaxRetryDelay: 10 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		_ = client.Close(ctx) // its connection may have been cut
	})
	return client
}

// in is the rig for a subtest.
func (r *rig) in(t *testing.T) *rig { return &rig{t, r.bus, r.client, r.clock} }

// pass lets time pass on the bus.
func (r *rig) pass(d time.Duration) {
	r.moved.Add(int64(d))
	r.bus.Tick()
}

func (r *rig) context() context.Context {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	r.t.Cleanup(cancel)
	return ctx
}

// moment is a context that ends soon: for what is known to wait in vain.
func (r *rig) moment() context.Context {
	ctx, cancel := context.WithTimeout(r.t.Context(), 200*time.Millisecond)
	r.t.Cleanup(cancel)
	return ctx
}

func (r *rig) sender(queue string) *azservicebus.Sender {
	r.t.Helper()
	sender, err := r.client.NewSender(queue, nil)
	r.check(err)
	return sender
}

// send sends messages one by one.
func (r *rig) send(queue string, messages ...*azservicebus.Message) {
	r.t.Helper()
	sender := r.sender(queue)
	for _, m := range messages {
		r.check(sender.SendMessage(r.context(), m, nil))
	}
	r.check(sender.Close(r.context()))
}

func (r *rig) receiver(queue string) *azservicebus.Receiver {
	r.t.Helper()
	receiver, err := r.client.NewReceiverForQueue(queue, nil)
	r.check(err)
	return receiver
}

func (r *rig) deadLetters(queue string) *azservicebus.Receiver {
	r.t.Helper()
	receiver, err := r.client.NewReceiverForQueue(queue, &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter})
	r.check(err)
	return receiver
}

// session accepts a session.
func (r *rig) session(id string) *azservicebus.SessionReceiver {
	r.t.Helper()
	receiver, err := r.client.AcceptSessionForQueue(r.context(), sessions, id, nil)
	r.check(err)
	return receiver
}

// source is a receiver with or without a session.
type source interface {
	ReceiveMessages(context.Context, int, *azservicebus.ReceiveMessagesOptions) ([]*azservicebus.ReceivedMessage, error)
}

// receive receives exactly so many messages.
func (r *rig) receive(from source, count int) []*azservicebus.ReceivedMessage {
	r.t.Helper()
	var all []*azservicebus.ReceivedMessage
	for ctx := r.context(); len(all) < count; {
		messages, err := from.ReceiveMessages(ctx, count-len(all), nil)
		if err != nil {
			r.t.Fatalf("received %d of %d messages: %v", len(all), count, err)
		}
		all = append(all, messages...)
	}
	return all
}

// one receives one message.
func (r *rig) one(from source) *azservicebus.ReceivedMessage {
	r.t.Helper()
	return r.receive(from, 1)[0]
}

func (r *rig) counts(queue string, want simbus.Counts) {
	r.t.Helper()
	if got := r.bus.Counts(queue); got != want {
		r.t.Errorf("counts of %s: %+v, want %+v", queue, got, want)
	}
}

// check fails the test at an error.
func (r *rig) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// refused wants an error of the SDK with a code; "" is any error.
func (r *rig) refused(err error, code azservicebus.Code) {
	r.t.Helper()
	var coded *azservicebus.Error
	if err == nil || code != "" && (!errors.As(err, &coded) || coded.Code != code) {
		r.t.Errorf("error %v, want code %q", err, code)
	}
}

func text(body string) *azservicebus.Message { return &azservicebus.Message{Body: []byte(body)} }

// identified is a message with an id.
func identified(id string) *azservicebus.Message {
	return &azservicebus.Message{MessageID: &id, Body: []byte(id)}
}

// of is a message of a session.
func of(session, body string) *azservicebus.Message {
	return &azservicebus.Message{SessionID: to.Ptr(session), Body: []byte(body)}
}

// bodies of messages, in their order.
func bodies(messages []*azservicebus.ReceivedMessage) []string {
	var all []string
	for _, m := range messages {
		all = append(all, string(m.Body))
	}
	return all
}
