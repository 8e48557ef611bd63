package bus_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/internal/bus"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/local/simbus"
)

// dead returns all dead letters.
func (r *rig) dead(t *testing.T) []bus.Dead {
	t.Helper()
	all, err := r.bus.DeadLetters(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDeadLetter(t *testing.T) {
	r := newRig(t, nil)
	h := taskHint("000135", 1)
	h.Attempt = 7
	if err := r.bus.Send(t.Context(), []hint.Hint{h}); err != nil {
		t.Fatal(err)
	}
	// The host holds the store's session while the function runs.
	session, err := r.host.AcceptSessionForQueue(t.Context(), queue, "000135", nil)
	if err != nil {
		t.Fatal(err)
	}
	original, err := session.ReceiveMessages(t.Context(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-time.Minute)
	if err := r.bus.DeadLetter(t.Context(), h, "Denied", "The group refuses us."); err != nil {
		t.Fatal(err)
	}
	if err := session.CompleteMessage(t.Context(), original[0], nil); err != nil {
		t.Fatal(err)
	}
	if c := r.sim.Counts(queue); c.Active+c.Locked+c.Scheduled != 0 || c.DeadLettered != 1 {
		t.Errorf("counts %+v", c)
	}
	dead := r.dead(t)
	if len(dead) != 1 {
		t.Fatalf("dead letters %+v", dead)
	}
	d := dead[0]
	if d.Hint != h || !d.Readable() || d.Reason != "Denied" || d.Description != "The group refuses us." || d.Attempts != 8 || d.At.Before(before) || d.ID == 0 {
		t.Errorf("dead letter %+v", d)
	}
}

// TestTheHostNeverGetsTheCopy: it waits for any session the whole time.
func TestTheHostNeverGetsTheCopy(t *testing.T) {
	r := newRig(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	got := make(chan string, 1)
	go func() {
		defer close(got)
		if session, err := r.host.AcceptNextSessionForQueue(ctx, queue, nil); err == nil {
			got <- session.SessionID()
		}
	}()
	for n := range 20 {
		if err := r.bus.DeadLetter(t.Context(), taskHint("000135", n), "x", ""); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if session := <-got; session != "" {
		t.Errorf("the host got session %s", session)
	}
	if n := len(r.dead(t)); n != 20 {
		t.Errorf("%d dead letters", n)
	}
}

// TestKilledBeforeTheCopyIsSettled: the copy comes back as a hint of its own.
func TestKilledBeforeTheCopyIsSettled(t *testing.T) {
	var passed atomic.Int64
	start := time.Now()
	r := newRig(t, func() time.Time { return start.Add(time.Duration(passed.Load())) })
	r.sim.Intercept(func(e simbus.Event) simbus.Action {
		return simbus.Action{RefuseLock: e.Kind == simbus.DeadLettering}
	})
	h := taskHint("000135", 1)
	if err := r.bus.DeadLetter(t.Context(), h, "x", "y"); err == nil {
		t.Fatal("a lost lock is no error")
	}
	r.sim.Intercept(nil)
	passed.Store(int64(2 * time.Minute))
	r.sim.Tick()
	waiting := r.waiting()
	if len(waiting) != 1 || hintOf(t, waiting[0]) != h || !strings.HasPrefix(waiting[0].SessionID, "dead/") {
		t.Fatalf("messages %+v", waiting)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	session, err := r.host.AcceptNextSessionForQueue(ctx, queue, nil)
	if err != nil {
		t.Fatal(err)
	}
	if messages, err := session.ReceiveMessages(ctx, 1, nil); err != nil || len(messages) != 1 {
		t.Errorf("the host received %d messages, %v", len(messages), err)
	}
}

func TestDeadLetterOfWhatIsNoHint(t *testing.T) {
	r := newRig(t, nil)
	body := []byte("no\x00 hint" + strings.Repeat("\xff<script>", 40_000))
	if err := r.bus.DeadLetterBody(t.Context(), body, strings.Repeat("r", 500), strings.Repeat("é", 5000)); err != nil {
		t.Fatal(err)
	}
	d := r.dead(t)[0]
	if d.Readable() || !strings.HasPrefix(d.Excerpt, "no  hint") || len(d.Excerpt) > 200 || strings.ContainsRune(d.Excerpt, 0) {
		t.Errorf("dead letter %+v", d)
	}
	if len(d.Reason) != 128 || len(d.Description) != 1024 || d.Attempts != 1 {
		t.Errorf("reason of %d, description of %d bytes, %d attempts", len(d.Reason), len(d.Description), d.Attempts)
	}
	wantKind(t, r.bus.Retry(t.Context(), d.ID), fault.Invalid)
	if len(r.dead(t)) != 1 {
		t.Error("it is gone")
	}
	if err := r.bus.Drop(t.Context(), d.ID); err != nil || len(r.dead(t)) != 0 {
		t.Errorf("%v, %v", err, r.dead(t))
	}
}

// TestGivenUpByServiceBus: a message that the function failed too often at.
func TestGivenUpByServiceBus(t *testing.T) {
	r := newRig(t, nil)
	h := taskHint("000135", 1)
	if err := r.bus.Send(t.Context(), []hint.Hint{h}); err != nil {
		t.Fatal(err)
	}
	session, err := r.host.AcceptSessionForQueue(t.Context(), queue, "000135", nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		messages, err := session.ReceiveMessages(t.Context(), 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := session.AbandonMessage(t.Context(), messages[0], nil); err != nil {
			t.Fatal(err)
		}
	}
	shut(t, session.Close)
	dead := r.dead(t)
	if len(dead) != 1 || dead[0].Hint != h || dead[0].Reason != "MaxDeliveryCountExceeded" || dead[0].Attempts < 3 {
		t.Fatalf("dead letters %+v", dead)
	}
	if err := r.bus.Retry(t.Context(), dead[0].ID); err != nil {
		t.Fatal(err)
	}
	if waiting := r.waiting(); len(waiting) != 1 || hintOf(t, waiting[0]).Key != h.Key || waiting[0].SessionID != "000135" {
		t.Errorf("messages %+v: the same hint, in its session, though its id was sent before", waiting)
	}
}

func TestRetryAndDropAmongOthers(t *testing.T) {
	r := newRig(t, nil)
	const n = 120
	for i := range n {
		h := taskHint("000135", i)
		h.Attempt = 3
		if err := r.bus.DeadLetter(t.Context(), h, "x", ""); err != nil {
			t.Fatal(err)
		}
	}
	dead := r.dead(t)
	if some, err := r.bus.DeadLetters(t.Context(), 7); err != nil || len(some) != 7 || len(dead) != n {
		t.Fatalf("%d of %d dead letters, %v", len(some), len(dead), err)
	}
	retried, dropped := dead[n-1], dead[n/2]
	if err := r.bus.Retry(t.Context(), retried.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.bus.Drop(t.Context(), dropped.ID); err != nil {
		t.Fatal(err)
	}
	left := r.dead(t)
	for _, d := range left {
		if d.ID == retried.ID || d.ID == dropped.ID || d.Attempts != 4 {
			t.Errorf("left: %+v", d)
		}
	}
	if c := r.sim.Counts(queue); len(left) != n-2 || c.DeadLettered != n-2 || c.Active != 1 {
		t.Errorf("%d left, %+v", len(left), c)
	}
	got := hintOf(t, r.waiting()[0])
	if want := (hint.Hint{Kind: hint.Task, Store: "000135", Key: retried.Hint.Key}); got != want {
		t.Errorf("retried %+v, want %+v", got, want)
	}
	wantKind(t, r.bus.Drop(t.Context(), dropped.ID), fault.NotFound)
	wantKind(t, r.bus.Retry(t.Context(), retried.ID), fault.NotFound)
}

// TestSomebodyElseIsAtIt: what another holds is not waited for long.
func TestSomebodyElseIsAtIt(t *testing.T) {
	r := newRig(t, nil)
	if err := r.bus.DeadLetter(t.Context(), taskHint("000135", 1), "x", ""); err != nil {
		t.Fatal(err)
	}
	receiver, err := r.host.NewReceiverForQueue(queue, &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter})
	if err != nil {
		t.Fatal(err)
	}
	held, err := receiver.ReceiveMessages(t.Context(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	id := r.dead(t)[0].ID
	wantKind(t, r.bus.Drop(t.Context(), id), fault.Conflict)
	if err := receiver.AbandonMessage(t.Context(), held[0], nil); err != nil {
		t.Fatal(err)
	}
	if err := r.bus.Drop(t.Context(), id); err != nil {
		t.Error(err)
	}
}
