package simbus_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/simbus"
)

func TestMessageArrivesAsSent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	properties := map[string]any{
		"i8": int8(-8), "i16": int16(-16), "i32": int32(-3), "i64": int64(7), "u8": uint8(8), "u16": uint16(16),
		"u32": uint32(32), "u64": uint64(1 << 40), "small": uint64(1), "f32": float32(0.5), "f64": 1.5, "yes": true, "no": false,
		"text": "ä", "bytes": []byte{0, 1}, "time": time.Unix(1700000000, 0).UTC(),
	}
	r.send(plain, &azservicebus.Message{
		Body: []byte(`{"v":1}`), MessageID: to.Ptr("m1"), Subject: to.Ptr("subject"), ContentType: to.Ptr("application/json"),
		CorrelationID: to.Ptr("c1"), To: to.Ptr("to"), ReplyTo: to.Ptr("reply"), ApplicationProperties: properties,
	})
	m := r.one(r.receiver(plain))
	if string(m.Body) != `{"v":1}` || m.MessageID != "m1" || *m.Subject != "subject" || *m.ContentType != "application/json" ||
		*m.CorrelationID != "c1" || *m.To != "to" || *m.ReplyTo != "reply" {
		t.Errorf("the message was changed: %+v", m)
	}
	m.ApplicationProperties["time"] = m.ApplicationProperties["time"].(time.Time).UTC()
	if !reflect.DeepEqual(m.ApplicationProperties, properties) {
		t.Errorf("properties %#v,\nwant %#v", m.ApplicationProperties, properties)
	}
	if m.DeliveryCount != 1 || *m.SequenceNumber != 1 || !m.EnqueuedTime.Equal(r.base) || !m.LockedUntil.Equal(r.base.Add(time.Minute)) {
		t.Errorf("delivery %d, sequence number %d, enqueued %v, locked until %v", m.DeliveryCount, *m.SequenceNumber, m.EnqueuedTime, m.LockedUntil)
	}
	shown := r.bus.Messages(plain)
	if len(shown) != 1 || shown[0].MessageID != "m1" || string(shown[0].Body) != `{"v":1}` ||
		!reflect.DeepEqual(shown[0].Properties, properties) {
		t.Errorf("Messages: %+v", shown)
	}
	r.counts(plain, simbus.Counts{Locked: 1})
}

func TestBodiesOfEverySize(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	receiver := r.receiver(plain)
	for _, size := range []int{0, 1, 255, 256, 64 << 10, 200 << 10, 255 << 10} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			r := r.in(t)
			body := bytes.Repeat([]byte("x"), size)
			r.send(plain, &azservicebus.Message{Body: body})
			m := r.one(receiver)
			if !bytes.Equal(m.Body, body) {
				t.Errorf("%d bytes arrived of %d", len(m.Body), size)
			}
			r.check(receiver.CompleteMessage(r.context(), m, nil))
		})
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sender := r.sender(plain)
	batch, err := sender.NewMessageBatch(r.context(), nil)
	r.check(err)
	var want []string
	for i := range 100 {
		want = append(want, fmt.Sprint(i))
		r.check(batch.AddMessage(text(want[i]), nil))
	}
	if err := batch.AddMessage(&azservicebus.Message{Body: make([]byte, 256<<10)}, nil); !errors.Is(err, azservicebus.ErrMessageTooLarge) {
		t.Errorf("a batch takes a message of 256 KiB more: %v", err)
	}
	r.check(sender.SendMessageBatch(r.context(), batch, nil))
	if got := bodies(r.receive(r.receiver(plain), 100)); !slices.Equal(got, want) {
		t.Errorf("received %v", got)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	err := r.sender(plain).SendMessage(r.context(), &azservicebus.Message{Body: make([]byte, 256<<10)}, nil)
	if !errors.Is(err, azservicebus.ErrMessageTooLarge) {
		t.Errorf("a message over 256 KiB: %v", err)
	}
	r.counts(plain, simbus.Counts{})
}

func TestDuplicatesAreDropped(t *testing.T) {
	t.Parallel()
	r := newRig(t, simbus.Queue{Name: "once", DuplicateWindow: 10 * time.Minute})
	r.send("once", identified("a"), identified("a"), identified("b"), text("no id"), text("no id"))
	receiver := r.receiver("once")
	got := r.receive(receiver, 4)
	if want := []string{"a", "b", "no id", "no id"}; !slices.Equal(bodies(got), want) {
		t.Errorf("received %v, want %v", bodies(got), want)
	}
	for _, m := range got {
		r.check(receiver.CompleteMessage(r.context(), m, nil))
	}
	r.send("once", identified("a"))
	sequences, err := r.sender("once").ScheduleMessages(r.context(), []*azservicebus.Message{identified("b")}, r.now().Add(time.Hour), nil)
	if err != nil || len(sequences) != 1 {
		t.Errorf("a duplicate that is scheduled: %v, %v", sequences, err)
	}
	r.counts("once", simbus.Counts{Completed: 4})
	r.pass(10*time.Minute - time.Millisecond)
	r.send("once", identified("a"))
	r.counts("once", simbus.Counts{Completed: 4})
	r.pass(time.Millisecond)
	r.send("once", identified("a"))
	r.counts("once", simbus.Counts{Active: 1, Completed: 4})
	r.send(plain, identified("a"), identified("a"))
	r.counts(plain, simbus.Counts{Active: 2})
}

func TestTimeToLive(t *testing.T) {
	t.Parallel()
	r := newRig(t, simbus.Queue{Name: "short", TTL: time.Minute, LockDuration: 5 * time.Minute})
	brief := text("brief")
	brief.TimeToLive = to.Ptr(30 * time.Second)
	r.send("short", text("locked"), text("left"), brief)
	receiver := r.receiver("short")
	m := r.one(receiver)
	r.pass(30 * time.Second)
	r.counts("short", simbus.Counts{Active: 1, Locked: 1})
	r.pass(30 * time.Second)
	r.counts("short", simbus.Counts{Locked: 1})
	r.check(receiver.CompleteMessage(r.context(), m, nil))
	r.counts("short", simbus.Counts{Completed: 1})
}

func TestSendIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, c := range []struct {
		name, queue string
		code        azservicebus.Code
	}{
		{"unknown queue", "nope", azservicebus.CodeNotFound},
		{"dead-letter queue", plain + "/$DeadLetterQueue", ""},
		{"session queue without a session", sessions, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := r.in(t)
			r.refused(r.sender(c.queue).SendMessage(r.context(), text("x"), nil), c.code)
		})
	}
	batch, err := r.sender(sessions).NewMessageBatch(r.context(), nil)
	r.check(err)
	r.check(batch.AddMessage(of("s", "1"), nil))
	r.check(batch.AddMessage(text("2"), nil))
	r.refused(r.sender(sessions).SendMessageBatch(r.context(), batch, nil), "")
	r.counts(sessions, simbus.Counts{})
	r.counts(plain, simbus.Counts{})
}

func TestQueueNamesHaveNoCase(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send("PLAIN", text("x"))
	r.one(r.receiver("Plain"))
	r.counts("pLain", simbus.Counts{Locked: 1})
}
