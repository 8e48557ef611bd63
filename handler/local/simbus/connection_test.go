package simbus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/simbus"
)

func TestDropConnectionsKeepsLocks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	r.send(sessions, of("a", "1"))
	m := r.one(r.receiver(plain))
	r.one(r.session("a"))
	r.bus.DropConnections()

	other := &rig{t, r.bus, connect(t, r.bus), r.clock}
	_, err := other.client.AcceptSessionForQueue(r.context(), sessions, "a", nil)
	other.refused(err, "")
	other.counts(plain, simbus.Counts{Locked: 1})
	other.counts(sessions, simbus.Counts{Locked: 1})

	other.pass(time.Minute)
	receiver := other.receiver(plain)
	again := other.one(receiver)
	if again.MessageID != m.MessageID || again.DeliveryCount != 2 {
		t.Errorf("received delivery %d", again.DeliveryCount)
	}
	if m := other.one(other.session("a")); m.DeliveryCount != 2 {
		t.Errorf("received delivery %d of the session's message, want 2", m.DeliveryCount)
	}
}

func TestSettleByLockAfterTheConnectionBroke(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	receiver := r.receiver(plain)
	m := r.one(receiver)
	r.bus.DropConnections()
	again := connect(t, r.bus)
	other, err := again.NewReceiverForQueue(plain, nil)
	r.check(err)
	r.check(other.CompleteMessage(r.context(), &azservicebus.ReceivedMessage{LockToken: m.LockToken}, nil))
	r.counts(plain, simbus.Counts{Completed: 1})
}

func TestSenderConnectsAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sender := r.sender(plain)
	for i := range 5 {
		r.check(sender.SendMessage(r.context(), text(fmt.Sprint(i)), nil))
		r.bus.DropConnections()
	}
	r.counts(plain, simbus.Counts{Active: 5})
}

// Two receivers of one queue and two of its sessions, on connections of their
// own: run it with -race.
func TestTwoReceivers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const each = 100
	var want []string
	for i := range each {
		want = append(want, fmt.Sprintf("%03d", i))
		r.send(plain, text(want[i]))
		r.send(sessions, of([]string{"a", "b"}[i%2], want[i]))
	}
	var running sync.WaitGroup
	var got worked
	for _, session := range []string{"a", "b"} {
		own := &rig{t, r.bus, connect(t, r.bus), r.clock}
		receiver, held := own.receiver(plain), own.session(session)
		running.Go(func() { got.work(own, session, held, sessions, each) })
		running.Go(func() { got.work(own, plain, receiver, plain, each) })
	}
	running.Wait()
	all := got.bodies[plain]
	slices.Sort(all)
	if !slices.Equal(all, want) {
		t.Errorf("the queue's messages were not received once each: %v", all)
	}
	for i, session := range []string{"a", "b"} {
		for n, body := range got.bodies[session] {
			if body != want[2*n+i] {
				t.Fatalf("session %s out of order: %v", session, got.bodies[session])
			}
		}
	}
	r.counts(sessions, simbus.Counts{Completed: each})
}

// worked is what several receivers completed.
type worked struct {
	mu     sync.Mutex
	bodies map[string][]string
}

// completer is a receiver with or without a session.
type completer interface {
	source
	CompleteMessage(context.Context, *azservicebus.ReceivedMessage, *azservicebus.CompleteMessageOptions) error
}

// work completes messages until so many of a queue are completed, by whomever.
func (w *worked) work(r *rig, key string, from completer, queue string, count int) {
	for ctx := r.context(); r.bus.Counts(queue).Completed < count && ctx.Err() == nil; {
		messages, _ := from.ReceiveMessages(r.moment(), 10, nil)
		for _, m := range messages {
			if err := from.CompleteMessage(ctx, m, nil); err != nil {
				r.t.Error(err)
			}
			w.mu.Lock()
			if w.bodies == nil {
				w.bodies = map[string][]string{}
			}
			w.bodies[key] = append(w.bodies[key], string(m.Body))
			w.mu.Unlock()
		}
	}
}

// address is where a bus listens.
func address(b *simbus.Bus) string {
	endpoint, _, _ := strings.Cut(b.ConnectionString(), ";")
	return strings.TrimPrefix(endpoint, "Endpoint=sb://")
}

func TestHostilePeers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const (
		hello = "AMQP\x00\x01\x00\x00"
		begin = "\x00\x00\x00\x11\x02\x00\x00\x00\x00\x53\x11\xc0\x04\x03\x40\x43\x43"
	)
	for name, c := range map[string]struct{ lawful, hostile string }{
		"HTTP":                     {"", "GET / HTTP/1.1\r\nHost: bus\r\n\r\n"},
		"frame of 4 GiB":           {hello, "\xff\xff\xff\xff\x02\x00\x00\x00"},
		"frame of 7 bytes":         {hello, "\x00\x00\x00\x07\x02\x00\x00\x00"},
		"header beyond the frame":  {hello, "\x00\x00\x00\x08\xff\x00\x00\x00"},
		"header within itself":     {hello, "\x00\x00\x00\x08\x01\x00\x00\x00"},
		"no performative":          {hello, "\x00\x00\x00\x09\x02\x00\x00\x00\x41"},
		"a list of 4 G elements":   {hello, "\x00\x00\x00\x14\x02\x00\x00\x00\x00\x53\x10\xd0\x00\x00\x00\x04\xff\xff\xff\xff"},
		"channel begun twice":      {hello + begin, begin},
		"performative out of turn": {hello + begin, "\x00\x00\x00\x0c\x02\x00\x00\x00\x00\x53\x19\x45"},
	} {
		t.Run(name, func(t *testing.T) {
			stream, err := net.Dial("tcp", address(r.bus))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = stream.Close() }()
			if err := stream.SetDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			answered(t, stream, c.lawful)
			if _, err := io.WriteString(stream, c.hostile); err != nil {
				t.Fatal(err)
			}
			// The bus hangs up; what it says before that does not matter.
			_, err = io.Copy(io.Discard, stream)
			if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
				t.Error("the connection was left open")
			}
		})
	}
	r.send(plain, text("still there"))
	r.counts(plain, simbus.Counts{Active: 1})
}

// answered says something and waits until as much of it is answered: a protocol
// header with one, a begin frame behind it with another.
func answered(t *testing.T, stream net.Conn, lawful string) {
	t.Helper()
	if _, err := io.WriteString(stream, lawful); err != nil {
		t.Fatal(err)
	}
	const header = 8
	answer := make([]byte, min(len(lawful), header))
	if len(lawful) > header {
		answer = make([]byte, 2*header)
	}
	if _, err := io.ReadFull(stream, answer); err != nil {
		t.Fatalf("no answer to what is lawful: %v", err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for name, o := range map[string]simbus.Options{
		"no name":         {Queues: []simbus.Queue{{}}},
		"a reserved name": {Queues: []simbus.Queue{{Name: "$cbs"}}},
		"a name twice":    {Queues: []simbus.Queue{{Name: "a"}, {Name: "A"}}},
		"negative lock":   {Queues: []simbus.Queue{{Name: "a", LockDuration: -1}}},
		"negative count":  {Queues: []simbus.Queue{{Name: "a", MaxDeliveryCount: -1}}},
		"address taken":   {Address: taken.Addr().String()},
	} {
		t.Run(name, func(t *testing.T) {
			if bus, err := simbus.Start(o); err == nil {
				_ = bus.Close()
				t.Error("it started")
			}
		})
	}
}

func TestCloseAndUnknownQueues(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	if got := r.bus.Messages("nope"); got != nil {
		t.Errorf("messages of a queue that is not there: %v", got)
	}
	r.counts("nope", simbus.Counts{})
	r.counts(plain+"/$DeadLetterQueue", simbus.Counts{})
	for range 2 {
		r.check(r.bus.Close())
	}
	r.refused(r.sender(plain).SendMessage(r.moment(), text("x"), nil), "")
	again, err := simbus.Start(simbus.Options{Address: address(r.bus)})
	if err != nil {
		t.Fatalf("the address is not free after Close: %v", err)
	}
	r.check(again.Close())
}

func TestClockOfItsOwn(t *testing.T) {
	t.Parallel()
	bus, err := simbus.Start(simbus.Options{Queues: []simbus.Queue{{Name: plain}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() })
	r := &rig{t, bus, connect(t, bus), nil}
	m := text("soon")
	m.ScheduledEnqueueTime = to.Ptr(time.Now().Add(100 * time.Millisecond))
	r.send(plain, m)
	if got := r.one(r.receiver(plain)); string(got.Body) != "soon" {
		t.Errorf("received %s", got.Body)
	}
}
