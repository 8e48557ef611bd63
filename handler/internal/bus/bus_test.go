package bus_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/internal/bus"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simbus"
)

var _ tasksync.Queue = (*bus.Bus)(nil)

const queue = bus.DefaultQueue

// rig is a queue, its stand-in server and what the Functions host would use.
type rig struct {
	sim  *simbus.Bus
	bus  *bus.Bus
	host *azservicebus.Client
}

func newRig(t *testing.T, now func() time.Time) *rig {
	t.Helper()
	sim, err := simbus.Start(simbus.Options{Now: now, Queues: []simbus.Queue{
		{Name: queue, Sessions: true, DuplicateWindow: 10 * time.Minute, MaxDeliveryCount: 3},
		{Name: "plain"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	host, err := azservicebus.NewClientFromConnectionString(sim.ConnectionString(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, host.Close) })
	return &rig{sim: sim, bus: open(t, bus.Options{ConnectionString: sim.ConnectionString()}), host: host}
}

func open(t *testing.T, o bus.Options) *bus.Bus {
	t.Helper()
	b, err := bus.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, b.Close) })
	return b
}

func shut(t *testing.T, closer func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Second)
	defer cancel()
	_ = closer(ctx) // its connection may have been cut
}

func taskHint(store org.StoreNumber, n int) hint.Hint {
	return hint.Hint{Kind: hint.Task, Store: store, Key: fmt.Sprintf("teams:%028d", n), Seen: "1"}
}

// waiting are the messages that the host would get, in their order.
func (r *rig) waiting() (all []simbus.Message) {
	for _, m := range r.sim.Messages(queue) {
		if !m.DeadLettered {
			all = append(all, m)
		}
	}
	return all
}

func hintOf(t *testing.T, m simbus.Message) hint.Hint {
	t.Helper()
	h, err := hint.Parse(m.Body)
	if err != nil {
		t.Fatalf("%q: %v", m.Body, err)
	}
	return h
}

func TestSend(t *testing.T) {
	r := newRig(t, nil)
	hints := []hint.Hint{taskHint("000135", 1), taskHint("000200", 2), {Kind: hint.List}, {Kind: hint.Store, Store: "000135"}}
	if err := r.bus.Send(t.Context(), hints); err != nil {
		t.Fatal(err)
	}
	for i, m := range r.waiting() {
		if hintOf(t, m) != hints[i] || m.SessionID != hints[i].SessionID() {
			t.Errorf("message %d: %s in session %q, want %+v", i, m.Body, m.SessionID, hints[i])
		}
		if id := hints[i].MessageID(); id != "" && m.MessageID != id || m.MessageID == "" {
			t.Errorf("message %d has id %q, want %q", i, m.MessageID, id)
		}
	}
	if err := r.bus.Send(t.Context(), hints); err != nil {
		t.Fatal(err)
	}
	if n := len(r.waiting()); n != 6 {
		t.Errorf("%d messages after sending again: those that observed a version are dropped, the two others are not", n)
	}
	if err := r.bus.Send(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestSendMoreThanABatch(t *testing.T) {
	r := newRig(t, nil)
	var hints []hint.Hint
	for n := range 5000 {
		hints = append(hints, taskHint("000135", n))
	}
	if err := r.bus.Send(t.Context(), hints); err != nil {
		t.Fatal(err)
	}
	got := r.waiting()
	if len(got) != len(hints) {
		t.Fatalf("%d messages, want %d", len(got), len(hints))
	}
	for i, m := range got {
		if hintOf(t, m) != hints[i] {
			t.Fatalf("message %d is %s", i, m.Body)
		}
	}
}

func TestSendAt(t *testing.T) {
	var passed atomic.Int64
	start := time.Now().Truncate(time.Second)
	r := newRig(t, func() time.Time { return start.Add(time.Duration(passed.Load())) })
	if err := r.bus.SendAt(t.Context(), taskHint("000135", 1), start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if c := r.sim.Counts(queue); c != (simbus.Counts{Scheduled: 1}) {
		t.Errorf("before its time: %+v", c)
	}
	passed.Store(int64(time.Minute))
	r.sim.Tick()
	if c := r.sim.Counts(queue); c != (simbus.Counts{Active: 1}) || hintOf(t, r.waiting()[0]) != taskHint("000135", 1) {
		t.Errorf("at its time: %+v", c)
	}
	if err := r.bus.SendAt(t.Context(), hint.Hint{Kind: hint.List}, start); err != nil {
		t.Fatal(err)
	}
	if m := r.waiting()[1]; m.MessageID == "" || m.SessionID != "list" {
		t.Errorf("a hint without a version has the id %q in session %q", m.MessageID, m.SessionID)
	}
}

func TestProbe(t *testing.T) {
	r := newRig(t, nil)
	if err := r.bus.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	if c := r.sim.Counts(queue); c != (simbus.Counts{}) {
		t.Errorf("a probe left %+v", c)
	}
	wantKind(t, open(t, bus.Options{ConnectionString: r.sim.ConnectionString(), Queue: "nowhere"}).Probe(t.Context()), fault.NotFound)
	err := open(t, bus.Options{ConnectionString: r.sim.ConnectionString(), Queue: "plain"}).Probe(t.Context())
	if err == nil {
		t.Error("a queue without sessions is fine")
	}
	if err := r.sim.Close(); err != nil {
		t.Fatal(err)
	}
	wantKind(t, open(t, bus.Options{ConnectionString: r.sim.ConnectionString()}).Probe(t.Context()), fault.Unavailable)
}

func TestFaults(t *testing.T) {
	r := newRig(t, nil)
	nowhere := open(t, bus.Options{ConnectionString: r.sim.ConnectionString(), Queue: "nowhere"})
	wantKind(t, nowhere.Send(t.Context(), []hint.Hint{taskHint("000135", 1)}), fault.NotFound)
	wantKind(t, nowhere.SendAt(t.Context(), taskHint("000135", 1), time.Now()), fault.NotFound)
	wantKind(t, nowhere.DeadLetter(t.Context(), taskHint("000135", 1), "x", "y"), fault.NotFound)
	_, err := nowhere.DeadLetters(t.Context(), 1)
	wantKind(t, err, fault.NotFound)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	wantKind(t, r.bus.Send(over, []hint.Hint{taskHint("000135", 1)}), fault.Canceled)
	wantKind(t, r.bus.Drop(t.Context(), 17), fault.NotFound)
}

func TestOpenRefuses(t *testing.T) {
	for name, o := range map[string]bus.Options{
		"nothing":                         {},
		"a namespace without credential":  {Namespace: "contoso.servicebus.windows.net"},
		"a connection string of no shape": {ConnectionString: "Endpoint=secret"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bus.Open(o)
			wantKind(t, err, fault.Invalid)
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells %v", err)
			}
		})
	}
}

func TestSendAfterALostConnection(t *testing.T) {
	r := newRig(t, nil)
	for n := range 3 {
		if err := r.bus.Send(t.Context(), []hint.Hint{taskHint("000135", n)}); err != nil {
			t.Fatal(err)
		}
		r.sim.DropConnections()
	}
	if n := len(r.waiting()); n != 3 {
		t.Errorf("%d messages", n)
	}
}

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("error %v of kind %v, want kind %v", err, fault.KindOf(err), kind)
	}
}
