package simhost_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simbus"
)

// A handler that dies over a call has not done it: the message comes again, to
// the process that follows.
func TestTheHandlerIsKilledDuringACall(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{Sessions: true})
	r := newRig(t)
	questions := r.asks(t)
	r.queue(t, "Ask", bus.ConnectionString(), nil)
	h := r.start(t)
	post(t, bus.ConnectionString(), "store", "hint")
	next(t, questions)
	if err := h.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := next(t, questions)
	if got := again.metadata["DeliveryCount"]; got == "1" {
		t.Error("the message came again as its first delivery")
	}
	again.succeed()
	eventually(t, bus, simbus.Counts{Completed: 1})
}

// While no handler is ready its messages wait, locked, and no delivery is lost.
func TestMessagesWaitForTheHandler(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{Sessions: true})
	r := newRig(t)
	open := make(chan struct{})
	gate := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-open }))
	defer gate.Close()
	r.env = append(r.env, fakeGate+"="+gate.URL)
	questions := r.asks(t)
	r.queue(t, "Ask", bus.ConnectionString(), nil)
	r.start(t)
	post(t, bus.ConnectionString(), "store", "hint")
	eventually(t, bus, simbus.Counts{Locked: 1})
	close(open)
	q := next(t, questions)
	if got := q.metadata["DeliveryCount"]; got != "1" {
		t.Errorf("the message comes as delivery %v, want the first", got)
	}
	q.succeed()
	eventually(t, bus, simbus.Counts{Completed: 1})
}

// A message whose connection is lost during its call cannot be settled any
// more: it comes again, however the call ended.
func TestTheConnectionIsLostDuringACall(t *testing.T) {
	t.Parallel()
	for name, sessions := range map[string]bool{"sessions": true, "no sessions": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := newBus(t, simbus.Queue{Sessions: sessions, LockDuration: 2 * time.Second})
			r := newRig(t)
			questions := r.asks(t)
			r.serviceBus("maxConcurrentCalls", 2)
			r.queue(t, "Ask", bus.ConnectionString(), map[string]any{"isSessionsEnabled": sessions})
			r.start(t)
			post(t, bus.ConnectionString(), "store", "hint")
			first := next(t, questions)
			bus.DropConnections()
			first.succeed()
			again := next(t, questions)
			if again.body != "hint" {
				t.Errorf("called for %q, want the message again", again.body)
			}
			again.succeed()
			eventually(t, bus, simbus.Counts{Completed: 1})
		})
	}
}

// The bus may come after the host, and may be replaced under it.
func TestTheBusComesAndGoes(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{Sessions: true})
	_, rest, _ := strings.Cut(bus.ConnectionString(), "sb://")
	address, _, _ := strings.Cut(rest, ";")
	shut(t, bus)
	r := newRig(t)
	questions := r.asks(t)
	r.queue(t, "Ask", bus.ConnectionString(), nil)
	r.start(t)
	r.log.wait(t, says("listen to the queue q"))
	for range 2 {
		bus = newBusAt(t, address, simbus.Queue{Sessions: true})
		post(t, bus.ConnectionString(), "store", "hint")
		next(t, questions).succeed()
		eventually(t, bus, simbus.Counts{Completed: 1})
		shut(t, bus)
	}
	r.log.wait(t, says("the queue q is listened to again"))
}

// Close abandons what is in work, once: the next host gets it at once, as the
// second delivery.
func TestCloseDuringACall(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{Sessions: true, LockDuration: time.Hour})
	r := newRig(t)
	questions := r.asks(t)
	r.queue(t, "Ask", bus.ConnectionString(), nil)
	h := r.start(t)
	post(t, bus.ConnectionString(), "store", "hint", "and another")
	next(t, questions)
	h.Close()
	eventually(t, bus, simbus.Counts{Active: 2})
	r.start(t)
	q := next(t, questions)
	if got := q.metadata["DeliveryCount"]; got != "2" {
		t.Errorf("the next host gets %s as delivery %v, want 2", q.body, got)
	}
}
