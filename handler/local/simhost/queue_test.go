package simhost_test

import (
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/simbus"
	"github.com/storeteams/storeteams/handler/local/simhost"
)

// The whole body of a call for a message, byte for byte but for what nobody can
// know before.
func TestAMessageAsTheHandlerSeesIt(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{Sessions: true})
	r := newRig(t)
	r.queue(t, "Echo", bus.ConnectionString(), nil)
	r.start(t)
	text := func(s string) *string { return &s }
	enqueue(t, bus.ConnectionString(), &azservicebus.Message{
		Body: []byte("{\"a\":\xff}"), SessionID: text("store 7"), MessageID: text(`id "1"`), Subject: text("<task>"),
		ContentType: text("application/json"), CorrelationID: text("c"), ReplyTo: text("r"), ReplyToSessionID: text("rs"), To: text("t"),
		ApplicationProperties: map[string]any{"text": "é", "whole": int64(7), "half": 0.5, "yes": true},
	})
	line := r.log.wait(t, func(l simhost.Line) bool { return l.Source == simhost.FromFunction })
	got := decodeSeen(t, line.Text)
	if got.Method != "POST" || got.URI != "/Echo" {
		t.Errorf("called with %s %s, want POST /Echo", got.Method, got.URI)
	}
	properties := `{"half":0.5,"text":"é","whole":7,"yes":true}`
	want := `{"Data":{"msg":"eyJhIjr/fQ=="},"Metadata":{` +
		`"ApplicationProperties":` + properties + `,"ContentType":"\"application/json\"","CorrelationId":"\"c\"",` +
		`"DeliveryCount":"1","EnqueuedTime":"TIME+00:00","EnqueuedTimeUtc":"TIME","ExpiresAt":"TIME+00:00","ExpiresAtUtc":"TIME",` +
		`"Label":"\"<task>\"","LockToken":"\"GUID\"","MessageId":"\"id \\\"1\\\"\"",` +
		`"ReplyTo":"\"r\"","ReplyToSessionId":"\"rs\"","SequenceNumber":"1","SessionId":"\"store 7\"","Subject":"\"<task>\"",` +
		`"To":"\"t\"","UserProperties":` + properties + `,` +
		`"sys":{"MethodName":"Echo","RandGuid":"GUID","UtcNow":"TIMEZ"}}}` + "\n"
	body := regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7}Z)?`).ReplaceAllStringFunc(got.Body, func(at string) string {
		return "TIME" + strings.Repeat("Z", strings.Count(at, "Z"))
	})
	body = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllString(body, "GUID")
	if body != want {
		t.Errorf("the handler got\n%s\nwant\n%s", body, want)
	}
	eventually(t, bus, simbus.Counts{Completed: 1})
}

// Every failure abandons at once, and so uses up the deliveries.
func TestFailuresEndInTheDeadLetterQueue(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"ServerError": "StatusCode: 500",
		"Text":        "text/plain",
		"Broken":      "Hello World",
		"NoContent":   "hangs the Functions host",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := newBus(t, simbus.Queue{Sessions: true, MaxDeliveryCount: 3})
			r := newRig(t)
			r.queue(t, name, bus.ConnectionString(), nil)
			r.start(t)
			post(t, bus.ConnectionString(), "store", "hint")
			eventually(t, bus, simbus.Counts{DeadLettered: 1})
			if got := r.log.times(func(l simhost.Line) bool { return strings.Contains(l.Text, says) }); got != 3 {
				t.Errorf("the failure was logged %d times, want 3", got)
			}
		})
	}
}

func TestATimedOutCallIsAbandoned(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{Sessions: true, MaxDeliveryCount: 1})
	r := newRig(t)
	r.hostJSON["functionTimeout"] = "00:00:01"
	r.queue(t, "Stall", bus.ConnectionString(), nil)
	r.start(t)
	post(t, bus.ConnectionString(), "store", "hint")
	r.log.wait(t, says(simhost.ErrTimeout.Error()))
	eventually(t, bus, simbus.Counts{DeadLettered: 1})
}

// A session's messages come one at a time and in order, a failed one again
// before those after it.
func TestOrderWithinASession(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{Sessions: true})
	r := newRig(t)
	questions := r.asks(t)
	r.queue(t, "Ask", bus.ConnectionString(), nil)
	post(t, bus.ConnectionString(), "store", "a", "b", "c")
	r.start(t)
	for i, want := range []struct{ body, delivery string }{{"a", "1"}, {"b", "1"}, {"b", "2"}, {"c", "1"}} {
		q := next(t, questions)
		if q.body != want.body || q.metadata["DeliveryCount"] != want.delivery {
			t.Errorf("call %d is for %s, delivery %v, want %+v", i, q.body, q.metadata["DeliveryCount"], want)
		}
		if locked := bus.Counts("q").Locked; locked != 1 {
			t.Errorf("%d messages are locked during call %d, want 1", locked, i)
		}
		if i == 1 {
			q.fail()
		} else {
			q.succeed()
		}
	}
	eventually(t, bus, simbus.Counts{Completed: 3})
}

// Sessions are worked off at the same time, up to the limit, and an idle one
// makes room for another.
func TestSessionsInParallel(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{Sessions: true})
	r := newRig(t)
	questions := r.asks(t)
	r.serviceBus("maxConcurrentSessions", 2)
	r.serviceBus("sessionIdleTimeout", "00:00:01")
	r.queue(t, "Ask", bus.ConnectionString(), nil)
	for _, store := range []string{"1", "2", "3"} {
		post(t, bus.ConnectionString(), store, "hint for "+store)
	}
	r.start(t)
	first, second := next(t, questions), next(t, questions)
	if got, want := bus.Counts("q"), (simbus.Counts{Active: 1, Locked: 2}); got != want {
		t.Errorf("with two sessions in work the queue holds %+v, want %+v", got, want)
	}
	second.succeed()
	third := next(t, questions) // while the first is still in work
	first.succeed()
	third.succeed()
	got := []string{first.body, second.body, third.body}
	slices.Sort(got)
	if want := []string{"hint for 1", "hint for 2", "hint for 3"}; !slices.Equal(got, want) {
		t.Errorf("called for %q, want %q", got, want)
	}
	eventually(t, bus, simbus.Counts{Completed: 3})
}

func TestAQueueWithoutSessions(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{})
	r := newRig(t)
	questions := r.asks(t)
	r.serviceBus("maxConcurrentCalls", 2)
	r.queue(t, "Ask", bus.ConnectionString(), map[string]any{"isSessionsEnabled": false})
	post(t, bus.ConnectionString(), "", "a", "b", "c")
	r.start(t)
	first, second := next(t, questions), next(t, questions)
	if got, want := bus.Counts("q"), (simbus.Counts{Active: 1, Locked: 2}); got != want {
		t.Errorf("with two calls running the queue holds %+v, want %+v", got, want)
	}
	if _, set := first.metadata["SessionId"]; set {
		t.Errorf("the metadata %v has a session", first.metadata)
	}
	first.fail()
	for _, delivery := range []string{"2", "1"} { // the failed one is the older
		again := next(t, questions)
		if got := again.metadata["DeliveryCount"]; got != delivery {
			t.Errorf("%s comes as delivery %v, want %s", again.body, got, delivery)
		}
		again.succeed()
	}
	second.succeed()
	eventually(t, bus, simbus.Counts{Completed: 3})
}

// Without autoCompleteMessages a success leaves its message locked. The
// binding's word counts for more than host.json's.
func TestAutoCompleteMessages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		host    any
		binding map[string]any
		want    simbus.Counts
	}{
		"off in host.json":      {false, nil, simbus.Counts{Locked: 1}},
		"off in function.json":  {true, map[string]any{"autoCompleteMessages": false}, simbus.Counts{Locked: 1}},
		"only on in the latter": {false, map[string]any{"autoCompleteMessages": true}, simbus.Counts{Completed: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := newBus(t, simbus.Queue{Sessions: true})
			r := newRig(t)
			r.serviceBus("autoCompleteMessages", test.host)
			r.queue(t, "Plain", bus.ConnectionString(), test.binding)
			r.start(t)
			post(t, bus.ConnectionString(), "store", "hint")
			r.log.wait(t, func(l simhost.Line) bool { return l.Function == "Plain" && l.Text == "the invocation succeeded" })
			eventually(t, bus, test.want)
		})
	}
}

func TestQueueFunctionsInErrorLeaveTheOthersAlone(t *testing.T) {
	t.Parallel()
	bus := newBus(t, simbus.Queue{Sessions: true})
	r := newRig(t)
	r.queue(t, "Unset", bus.ConnectionString(), map[string]any{"connection": "NO_SUCH_BUS"})
	r.queue(t, "Plain", bus.ConnectionString(), nil)
	r.timers(t, "LowerCase")
	h := r.start(t)
	line := r.log.wait(t, func(l simhost.Line) bool { return l.Function == "Unset" })
	if line.Level != slog.LevelError || !strings.Contains(line.Text, "NO_SUCH_BUS") {
		t.Errorf("the function in error is logged as %+v", line)
	}
	post(t, bus.ConnectionString(), "store", "hint")
	eventually(t, bus, simbus.Counts{Completed: 1})
	invoke(t, h, "LowerCase")
	if _, err := h.Invoke(t.Context(), "Plain"); !errors.Is(err, simhost.ErrNoFunction) || !strings.Contains(err.Error(), "queue") {
		t.Errorf("invoking the function of a queue by hand said %v", err)
	}
}

// While a call runs its message stays locked, for as long as host.json allows.
func TestLocksAreRenewed(t *testing.T) {
	t.Parallel()
	for _, sessions := range []bool{true, false} {
		for limit, renewed := range map[string]bool{"00:05:00": true, "00:00:00": false} {
			name := map[bool]string{true: "session", false: "message"}[sessions] + " " + limit
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				const lock = time.Second
				bus := newBus(t, simbus.Queue{Sessions: sessions, LockDuration: lock})
				r := newRig(t)
				questions := r.asks(t)
				r.serviceBus("maxAutoLockRenewalDuration", limit)
				r.serviceBus("maxConcurrentCalls", 2)
				r.queue(t, "Ask", bus.ConnectionString(), map[string]any{"isSessionsEnabled": sessions})
				r.start(t)
				post(t, bus.ConnectionString(), "store", "hint")
				first := next(t, questions)
				if !renewed {
					again := next(t, questions) // though the first is still running
					if got := again.metadata["DeliveryCount"]; got != "2" {
						t.Errorf("the message comes again as delivery %v", got)
					}
					again.succeed()
					eventually(t, bus, simbus.Counts{Completed: 1})
					return
				}
				select {
				case <-questions:
					t.Error("the message came again during its call")
				case <-time.After(3 * lock):
				}
				first.succeed()
				eventually(t, bus, simbus.Counts{Completed: 1})
			})
		}
	}
}
