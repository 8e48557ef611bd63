package simbus_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/simbus"
)

func TestSessionsInOrderToOneReceiverEach(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(sessions, of("a", "1"), of("b", "1"), of("a", "2"), of("b", "2"), of("a", "3"))
	first, err := r.client.AcceptNextSessionForQueue(r.context(), sessions, nil)
	r.check(err)
	second, err := r.client.AcceptNextSessionForQueue(r.context(), sessions, nil)
	r.check(err)
	if first.SessionID() != "a" || second.SessionID() != "b" {
		t.Errorf("accepted %s and %s; want the session with the oldest message first", first.SessionID(), second.SessionID())
	}
	if want := r.now().Add(time.Minute); !first.LockedUntil().Equal(want) {
		t.Errorf("locked until %v, want %v", first.LockedUntil(), want)
	}
	for receiver, want := range map[*azservicebus.SessionReceiver][]string{first: {"1", "2", "3"}, second: {"1", "2"}} {
		got := r.receive(receiver, len(want))
		if !slices.Equal(bodies(got), want) {
			t.Errorf("session %s: received %v, want %v", receiver.SessionID(), bodies(got), want)
		}
		for _, m := range got {
			if *m.SessionID != receiver.SessionID() {
				t.Errorf("session %s got a message of %s", receiver.SessionID(), *m.SessionID)
			}
		}
	}
	_, err = r.client.AcceptSessionForQueue(r.context(), sessions, "a", nil)
	r.refused(err, "")
}

func TestAbandonedComesBeforeLaterOnes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(sessions, of("a", "1"), of("a", "2"))
	receiver := r.session("a")
	r.check(receiver.AbandonMessage(r.context(), r.one(receiver), nil))
	got := r.receive(receiver, 2)
	if !slices.Equal(bodies(got), []string{"1", "2"}) || got[0].DeliveryCount != 2 || got[1].DeliveryCount != 1 {
		t.Errorf("received %v", bodies(got))
	}
}

func TestReceiverMustFitTheQueue(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.receiver(sessions).ReceiveMessages(r.context(), 1, nil)
	r.refused(err, "")
	_, err = r.client.AcceptSessionForQueue(r.context(), plain, "a", nil)
	r.refused(err, "")
	_, err = r.client.AcceptNextSessionForQueue(r.context(), "nope", nil)
	r.refused(err, azservicebus.CodeNotFound)
	_, err = r.receiver("nope").ReceiveMessages(r.context(), 1, nil)
	r.refused(err, azservicebus.CodeNotFound)
	_, err = r.receiver("nope").PeekMessages(r.context(), 1, nil)
	r.refused(err, azservicebus.CodeNotFound)
}

func TestAcceptNextWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.client.AcceptNextSessionForQueue(r.moment(), sessions, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with no session there: %v, want the caller's deadline", err)
	}
	accepted := make(chan string)
	go func() {
		defer close(accepted)
		receiver, err := r.client.AcceptNextSessionForQueue(r.context(), sessions, nil)
		if err != nil {
			t.Error(err)
			return
		}
		accepted <- receiver.SessionID()
	}()
	r.send(sessions, of("late", "x"))
	if id := <-accepted; id != "late" {
		t.Errorf("accepted %q, want late", id)
	}
}

// The SDK asks again when the bus says that it waited long enough, three times
// as these tests set it.
func TestAcceptNextEndsByTheBusesClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ended := make(chan error, 1)
	go func() {
		_, err := r.client.AcceptNextSessionForQueue(context.WithoutCancel(r.t.Context()), sessions, nil)
		ended <- err
	}()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for ctx := r.context(); ; {
		select {
		case err := <-ended:
			r.refused(err, azservicebus.CodeTimeout)
			return
		case <-ctx.Done():
			t.Fatal("it still waits")
		case <-ticker.C:
			r.pass(time.Minute)
		}
	}
}

func TestSessionState(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	receiver := r.session("a")
	state := func(want string) {
		t.Helper()
		if got, err := receiver.GetSessionState(r.context(), nil); err != nil || string(got) != want {
			t.Errorf("state %q, %v; want %q", got, err, want)
		}
	}
	state("")
	r.check(receiver.SetSessionState(r.context(), []byte("seen 7"), nil))
	state("seen 7")
	r.check(receiver.Close(r.context()))
	receiver = r.session("a")
	state("seen 7")
	r.check(receiver.SetSessionState(r.context(), nil, nil))
	state("")
}

func TestClosedSessionIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, simbus.Queue{Name: "once", Sessions: true, MaxDeliveryCount: 1})
	r.send("once", of("a", "1"), of("a", "2"))
	for range 3 {
		receiver, err := r.client.AcceptSessionForQueue(r.context(), "once", "a", nil)
		r.check(err)
		got := r.receive(receiver, 2)
		if !slices.Equal(bodies(got), []string{"1", "2"}) || got[0].DeliveryCount != 1 {
			t.Errorf("received %v, delivery %d; closing a session counts as no delivery", bodies(got), got[0].DeliveryCount)
		}
		r.check(receiver.Close(r.context()))
	}
	r.counts("once", simbus.Counts{Active: 2})
}

func TestSessionLockIsRenewed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(sessions, of("a", "1"))
	receiver := r.session("a")
	m := r.one(receiver)
	r.pass(59 * time.Second)
	r.check(receiver.RenewSessionLock(r.context(), nil))
	if want := r.now().Add(time.Minute); !receiver.LockedUntil().Equal(want) {
		t.Errorf("locked until %v, want %v", receiver.LockedUntil(), want)
	}
	r.pass(59 * time.Second)
	r.check(receiver.CompleteMessage(r.context(), m, nil))
	r.counts(sessions, simbus.Counts{Completed: 1})
}

func TestSessionLockIsLost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(sessions, of("a", "1"), of("a", "2"))
	loser := r.session("a")
	lost := r.receive(loser, 2)
	r.pass(time.Minute)
	r.counts(sessions, simbus.Counts{Active: 2})

	winner, err := connect(t, r.bus).AcceptSessionForQueue(r.context(), sessions, "a", nil)
	r.check(err)
	got := r.receive(winner, 2)
	if !slices.Equal(bodies(got), []string{"1", "2"}) || got[0].DeliveryCount != 2 || got[1].DeliveryCount != 2 {
		t.Errorf("received %v, deliveries %d and %d; want 1, 2 for the second time", bodies(got), got[0].DeliveryCount, got[1].DeliveryCount)
	}
	r.refused(loser.CompleteMessage(r.moment(), lost[0], nil), "")
	r.refused(loser.RenewSessionLock(r.moment(), nil), "")
	r.refused(loser.SetSessionState(r.moment(), []byte("stale"), nil), "")
	r.counts(sessions, simbus.Counts{Locked: 2})
	if state, err := winner.GetSessionState(r.context(), nil); err != nil || state != nil {
		t.Errorf("state %q, %v; the loser set it", state, err)
	}
	r.check(winner.CompleteMessage(r.context(), got[0], nil))
	r.counts(sessions, simbus.Counts{Locked: 1, Completed: 1})
}

func TestLostSessionsEndAsDeadLetters(t *testing.T) {
	t.Parallel()
	r := newRig(t, simbus.Queue{Name: "twice", Sessions: true, MaxDeliveryCount: 2})
	r.send("twice", of("a", "1"))
	for range 2 {
		receiver, err := connect(t, r.bus).AcceptNextSessionForQueue(r.context(), "twice", nil)
		r.check(err)
		r.one(receiver)
		r.pass(time.Minute)
	}
	m := r.one(r.deadLetters("twice"))
	if *m.DeadLetterReason != "MaxDeliveryCountExceeded" || *m.SessionID != "a" {
		t.Errorf("dead letter %+v", m)
	}
}
