package simbus_test

import (
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/simbus"
)

func TestSchedule(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sender := r.sender(plain)
	at := r.now().Add(time.Minute)
	numbers, err := sender.ScheduleMessages(r.context(), []*azservicebus.Message{text("later"), text("never"), text("next")}, at, nil)
	if err != nil || len(numbers) != 3 {
		t.Fatalf("ScheduleMessages: %v, %v", numbers, err)
	}
	sooner := text("sooner")
	sooner.ScheduledEnqueueTime = to.Ptr(at.Add(-time.Second))
	past := text("past")
	past.ScheduledEnqueueTime = to.Ptr(r.now().Add(-time.Second))
	r.send(plain, sooner, past)
	r.check(sender.CancelScheduledMessages(r.context(), numbers[1:2], nil))
	r.counts(plain, simbus.Counts{Active: 1, Scheduled: 3})

	peeked, err := r.receiver(plain).PeekMessages(r.context(), 10, nil)
	r.check(err)
	if len(peeked) != 4 || peeked[0].State != azservicebus.MessageStateScheduled || !peeked[0].ScheduledEnqueueTime.Equal(at) ||
		*peeked[0].SequenceNumber != numbers[0] || peeked[3].State != azservicebus.MessageStateActive {
		t.Errorf("peeked %v", bodies(peeked))
	}

	r.pass(time.Minute - time.Millisecond)
	r.counts(plain, simbus.Counts{Active: 2, Scheduled: 2})
	r.pass(time.Millisecond)
	got := r.receive(r.receiver(plain), 4)
	if want := []string{"past", "sooner", "later", "next"}; !slices.Equal(bodies(got), want) {
		t.Errorf("received %v, want %v", bodies(got), want)
	}
	if last := *got[3]; *last.SequenceNumber <= numbers[2] || !last.EnqueuedTime.Equal(at) {
		t.Errorf("the scheduled message kept number %d or was enqueued at %v", *last.SequenceNumber, last.EnqueuedTime)
	}
}

func TestCancelWhatIsNotScheduled(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sender := r.sender(plain)
	numbers, err := sender.ScheduleMessages(r.context(), []*azservicebus.Message{text("1"), text("2")}, r.now().Add(time.Minute), nil)
	r.check(err)
	r.refused(sender.CancelScheduledMessages(r.context(), append(numbers, 99), nil), azservicebus.CodeNotFound)
	r.counts(plain, simbus.Counts{Scheduled: 2})
	r.pass(time.Minute)
	r.refused(sender.CancelScheduledMessages(r.context(), numbers[:1], nil), azservicebus.CodeNotFound)
	r.counts(plain, simbus.Counts{Active: 2})
}

func TestScheduledMessagesOfASession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.sender(sessions).ScheduleMessages(r.context(), []*azservicebus.Message{text("no session")}, r.now().Add(time.Minute), nil)
	r.refused(err, "")
	_, err = r.sender(sessions).ScheduleMessages(r.context(), []*azservicebus.Message{of("s", "retry")}, r.now().Add(time.Minute), nil)
	r.check(err)
	r.send(sessions, of("s", "sent meanwhile"))
	r.pass(time.Minute)
	got := bodies(r.receive(r.session("s"), 2))
	if want := []string{"sent meanwhile", "retry"}; !slices.Equal(got, want) {
		t.Errorf("received %v, want %v", got, want)
	}
}
