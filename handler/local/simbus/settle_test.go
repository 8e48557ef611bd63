package simbus_test

import (
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/simbus"
)

func TestComplete(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	receiver := r.receiver(plain)
	r.check(receiver.CompleteMessage(r.context(), r.one(receiver), nil))
	r.counts(plain, simbus.Counts{Completed: 1})
}

func TestAbandonUntilDeadLetter(t *testing.T) {
	t.Parallel()
	r := newRig(t, simbus.Queue{Name: "thrice", MaxDeliveryCount: 3})
	r.send("thrice", text("first"), text("second"))
	receiver := r.receiver("thrice")
	for delivery := range uint32(3) {
		m := r.one(receiver)
		if string(m.Body) != "first" || m.DeliveryCount != delivery+1 {
			t.Fatalf("received %s, delivery %d; want first, %d", m.Body, m.DeliveryCount, delivery+1)
		}
		r.check(receiver.AbandonMessage(r.context(), m, &azservicebus.AbandonMessageOptions{PropertiesToModify: map[string]any{"try": int64(delivery)}}))
	}
	if m := r.one(receiver); string(m.Body) != "second" {
		t.Errorf("received %s", m.Body)
	}
	m := r.one(r.deadLetters("thrice"))
	if string(m.Body) != "first" || *m.DeadLetterReason != "MaxDeliveryCountExceeded" || *m.DeadLetterErrorDescription == "" ||
		*m.DeadLetterSource != "thrice" || m.ApplicationProperties["try"] != int64(2) {
		t.Errorf("dead letter %+v", m)
	}
	shown := r.bus.Messages("thrice")
	if !shown[0].DeadLettered || shown[0].DeliveryCount != 3 || shown[0].DeadLetterReason != "MaxDeliveryCountExceeded" || shown[1].DeadLettered {
		t.Errorf("Messages: %+v", shown)
	}
}

func TestDeadLetter(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, queue := range []string{plain, sessions} {
		t.Run(queue, func(t *testing.T) {
			r := r.in(t)
			message := of("s", "x")
			message.ApplicationProperties = map[string]any{"kept": int64(7)}
			r.send(queue, message)
			options := &azservicebus.DeadLetterOptions{
				Reason: to.Ptr("bad"), ErrorDescription: to.Ptr("why"), PropertiesToModify: map[string]any{"k": "v"},
			}
			if queue == sessions {
				receiver := r.session("s")
				r.check(receiver.DeadLetterMessage(r.context(), r.one(receiver), options))
			} else {
				receiver := r.receiver(queue)
				r.check(receiver.DeadLetterMessage(r.context(), r.one(receiver), options))
			}
			dead := r.deadLetters(queue)
			peeked, err := dead.PeekMessages(r.context(), 10, nil)
			if err != nil || len(peeked) != 1 || *peeked[0].DeadLetterReason != "bad" {
				t.Fatalf("peeked %v, %v", bodies(peeked), err)
			}
			m := r.one(dead)
			if *m.DeadLetterReason != "bad" || *m.DeadLetterErrorDescription != "why" || m.ApplicationProperties["k"] != "v" ||
				m.ApplicationProperties["kept"] != int64(7) || *m.SessionID != "s" || *m.SequenceNumber != *peeked[0].SequenceNumber {
				t.Errorf("dead letter %+v", m)
			}
			r.check(dead.AbandonMessage(r.context(), m, nil))
			m = r.one(dead)
			r.refused(dead.DeadLetterMessage(r.context(), m, nil), "")
			r.counts(queue, simbus.Counts{DeadLettered: 1})
		})
	}
}

func TestDeadLettersAreCompletedAndNeverDieAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, simbus.Queue{Name: "strict", MaxDeliveryCount: 1, TTL: time.Hour})
	r.send("strict", text("x"))
	receiver := r.receiver("strict")
	r.check(receiver.AbandonMessage(r.context(), r.one(receiver), nil))
	r.pass(2 * time.Hour)
	dead := r.deadLetters("strict")
	for range 12 {
		r.check(dead.AbandonMessage(r.context(), r.one(dead), nil))
	}
	r.one(dead)
	r.pass(2 * time.Hour)
	r.counts("strict", simbus.Counts{DeadLettered: 1})
	r.check(dead.CompleteMessage(r.context(), r.one(dead), nil))
	r.counts("strict", simbus.Counts{Completed: 1})
}

func TestLockEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	receiver := r.receiver(plain)
	m := r.one(receiver)
	r.pass(time.Minute - time.Millisecond)
	r.counts(plain, simbus.Counts{Locked: 1})
	r.pass(time.Millisecond)
	r.counts(plain, simbus.Counts{Active: 1})
	r.refused(receiver.CompleteMessage(r.context(), m, nil), azservicebus.CodeLockLost)
	if m = r.one(receiver); m.DeliveryCount != 2 {
		t.Errorf("delivery %d, want 2", m.DeliveryCount)
	}
	r.check(receiver.CompleteMessage(r.context(), m, nil))
}

func TestLockIsRenewed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	receiver := r.receiver(plain)
	m := r.one(receiver)
	r.pass(59 * time.Second)
	r.check(receiver.RenewMessageLock(r.context(), m, nil))
	if want := r.now().Add(time.Minute); !m.LockedUntil.Equal(want) {
		t.Errorf("locked until %v, want %v", m.LockedUntil, want)
	}
	r.pass(59 * time.Second)
	r.check(receiver.CompleteMessage(r.context(), m, nil))
	r.counts(plain, simbus.Counts{Completed: 1})
	r.refused(receiver.RenewMessageLock(r.context(), m, nil), azservicebus.CodeLockLost)
}

func TestSettleByLockAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, c := range []struct {
		name   string
		settle func(*azservicebus.Receiver, *azservicebus.ReceivedMessage) error
		want   simbus.Counts
	}{
		{"complete", func(by *azservicebus.Receiver, m *azservicebus.ReceivedMessage) error {
			return by.CompleteMessage(r.context(), m, nil)
		}, simbus.Counts{Completed: 1}},
		{"abandon", func(by *azservicebus.Receiver, m *azservicebus.ReceivedMessage) error {
			return by.AbandonMessage(r.context(), m, &azservicebus.AbandonMessageOptions{PropertiesToModify: map[string]any{"a": "b"}})
		}, simbus.Counts{Active: 1, Completed: 1}},
		{"dead-letter", func(by *azservicebus.Receiver, m *azservicebus.ReceivedMessage) error {
			return by.DeadLetterMessage(r.context(), m, &azservicebus.DeadLetterOptions{Reason: to.Ptr("r")})
		}, simbus.Counts{Active: 1, Completed: 1, DeadLettered: 1}},
		{"defer", func(by *azservicebus.Receiver, m *azservicebus.ReceivedMessage) error {
			if err := by.DeferMessage(r.moment(), m, nil); err == nil {
				t.Error("a message was deferred")
			}
			return nil
		}, simbus.Counts{Active: 1, Locked: 1, Completed: 1, DeadLettered: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := r.in(t)
			receiver, other := r.receiver(plain), r.receiver(plain)
			r.send(plain, text(c.name))
			m := r.receive(receiver, 1)[0]
			r.check(c.settle(other, &azservicebus.ReceivedMessage{LockToken: m.LockToken}))
			r.counts(plain, c.want)
			r.check(receiver.Close(r.context()))
		})
	}
}

func TestDeferIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	receiver := r.receiver(plain)
	m := r.one(receiver)
	r.refused(receiver.DeferMessage(r.context(), m, nil), "")
	r.counts(plain, simbus.Counts{Locked: 1})
}

// The SDK releases by itself what arrives between two calls of ReceiveMessages.
func TestReleaseIsNoDelivery(t *testing.T) {
	t.Parallel()
	r := newRig(t, simbus.Queue{Name: "once", MaxDeliveryCount: 1})
	receiver := r.receiver("once")
	r.send("once", text("1"))
	m := r.receive(receiver, 1)[0]
	r.check(receiver.CompleteMessage(r.context(), m, nil))
	if got, err := receiver.ReceiveMessages(r.moment(), 5, nil); err == nil {
		t.Fatalf("received %v from an empty queue", bodies(got))
	}
	// Five credits are left, and the releaser is at work.
	r.send("once", text("2"), text("3"))
	got := r.receive(receiver, 2)
	slices.SortFunc(got, func(a, b *azservicebus.ReceivedMessage) int { return int(*a.SequenceNumber - *b.SequenceNumber) })
	for i, m := range got {
		if want := []string{"2", "3"}[i]; string(m.Body) != want || m.DeliveryCount != 1 {
			t.Errorf("received %s, delivery %d; want %s, 1", m.Body, m.DeliveryCount, want)
		}
	}
	r.counts("once", simbus.Counts{Locked: 2, Completed: 1})
}

func TestClosedReceiverKeepsItsLocks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	receiver := r.receiver(plain)
	r.one(receiver)
	r.check(receiver.Close(r.context()))
	r.counts(plain, simbus.Counts{Locked: 1})
	r.pass(time.Minute)
	r.counts(plain, simbus.Counts{Active: 1})
}

func TestReceiveAndDeleteIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("x"))
	receiver, err := r.client.NewReceiverForQueue(plain, &azservicebus.ReceiverOptions{ReceiveMode: azservicebus.ReceiveModeReceiveAndDelete})
	r.check(err)
	_, err = receiver.ReceiveMessages(r.context(), 1, nil)
	r.refused(err, "")
	r.counts(plain, simbus.Counts{Active: 1})
}

func TestPeekGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(plain, text("1"), text("2"), text("3"))
	receiver := r.receiver(plain)
	r.one(receiver)
	for _, want := range [][]string{{"1", "2"}, {"3"}, nil} {
		peeked, err := receiver.PeekMessages(r.context(), 2, nil)
		if err != nil || !slices.Equal(bodies(peeked), want) {
			t.Errorf("peeked %v, %v; want %v", bodies(peeked), err, want)
		}
	}
	r.counts(plain, simbus.Counts{Active: 2, Locked: 1})
}
