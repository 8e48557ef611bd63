package simbus_test

import (
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/simbus"
)

func TestInterceptSending(t *testing.T) {
	t.Parallel()
	r := newRig(t, simbus.Queue{Name: "once", DuplicateWindow: time.Hour})
	next := map[string]simbus.Action{
		"lost":    {Lose: true},
		"doubled": {Duplicate: true},
		"delayed": {Delay: time.Minute},
	}
	var asked []string
	r.bus.Intercept(func(e simbus.Event) simbus.Action {
		if e.Kind != simbus.Sending || e.Queue != "once" || string(e.Message.Body) != e.Message.MessageID {
			t.Errorf("event %+v", e)
		}
		asked = append(asked, e.Message.MessageID)
		return next[e.Message.MessageID]
	})
	r.send("once", identified("lost"), identified("doubled"), identified("delayed"), identified("kept"), identified("kept"))
	r.bus.Intercept(nil)
	if want := []string{"lost", "doubled", "delayed", "kept"}; !slices.Equal(asked, want) {
		t.Errorf("asked about %v, want %v", asked, want)
	}
	r.counts("once", simbus.Counts{Active: 3, Scheduled: 1})
	r.pass(time.Minute)
	r.send("once", identified("lost"))
	got := r.receive(r.receiver("once"), 5)
	if want := []string{"doubled", "doubled", "kept", "delayed", "lost"}; !slices.Equal(bodies(got), want) {
		t.Errorf("received %v, want %v", bodies(got), want)
	}
	if got[0].MessageID != "doubled" || got[1].MessageID != "" {
		t.Errorf("ids of the doubled message: %q, %q", got[0].MessageID, got[1].MessageID)
	}
}

func TestInterceptSettling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   simbus.EventKind
		settle func(*rig, *azservicebus.Receiver, *azservicebus.ReceivedMessage) error
	}{
		{simbus.Completing, func(r *rig, by *azservicebus.Receiver, m *azservicebus.ReceivedMessage) error {
			return by.CompleteMessage(r.context(), m, nil)
		}},
		{simbus.Abandoning, func(r *rig, by *azservicebus.Receiver, m *azservicebus.ReceivedMessage) error {
			return by.AbandonMessage(r.context(), m, nil)
		}},
		{simbus.DeadLettering, func(r *rig, by *azservicebus.Receiver, m *azservicebus.ReceivedMessage) error {
			return by.DeadLetterMessage(r.context(), m, nil)
		}},
	} {
		r := newRig(t)
		r.send(plain, text("x"))
		r.bus.Intercept(func(e simbus.Event) simbus.Action {
			return simbus.Action{RefuseLock: e.Kind == c.kind}
		})
		receiver := r.receiver(plain)
		r.refused(c.settle(r, receiver, r.one(receiver)), azservicebus.CodeLockLost)
		r.counts(plain, simbus.Counts{Active: 1})
		r.bus.Intercept(nil)
		if m := r.one(receiver); m.DeliveryCount != 2 {
			t.Errorf("event %d: delivery %d, want 2", c.kind, m.DeliveryCount)
		}
	}
}

func TestRefusedLockLosesTheSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(sessions, of("a", "1"), of("a", "2"))
	receiver := r.session("a")
	got := r.receive(receiver, 2)
	r.bus.Intercept(func(simbus.Event) simbus.Action { return simbus.Action{RefuseLock: true} })
	r.refused(receiver.CompleteMessage(r.moment(), got[0], nil), "")
	r.bus.Intercept(nil)
	r.counts(sessions, simbus.Counts{Active: 2})
	again, err := connect(t, r.bus).AcceptNextSessionForQueue(r.context(), sessions, nil)
	r.check(err)
	if got := r.receive(again, 2); !slices.Equal(bodies(got), []string{"1", "2"}) || got[1].DeliveryCount != 2 {
		t.Errorf("received %v", bodies(got))
	}
}

func TestInterceptMayDropConnections(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	receiver := r.receiver(plain)
	m := r.one(receiver)
	r.bus.Intercept(func(simbus.Event) simbus.Action {
		r.bus.DropConnections()
		return simbus.Action{}
	})
	r.refused(receiver.CompleteMessage(r.moment(), m, nil), "")
	r.counts(plain, simbus.Counts{Completed: 1})
}
