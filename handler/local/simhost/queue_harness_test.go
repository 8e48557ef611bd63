package simhost_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/simbus"
	"github.com/storeteams/storeteams/handler/local/simhost"
)

// newBus starts a bus with one queue, named q; the test's end closes it.
func newBus(t *testing.T, q simbus.Queue) *simbus.Bus {
	t.Helper()
	return newBusAt(t, "", q)
}

// newBusAt starts the bus at an address.
func newBusAt(t *testing.T, address string, q simbus.Queue) *simbus.Bus {
	t.Helper()
	q.Name = "q"
	bus, err := simbus.Start(simbus.Options{Address: address, Queues: []simbus.Queue{q}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, bus) })
	return bus
}

func shut(t *testing.T, bus *simbus.Bus) {
	t.Helper()
	if err := bus.Close(); err != nil {
		t.Error(err)
	}
}

// queue adds a function for the queue q of a bus, by default with sessions.
// more are fields of the binding.
func (r *rig) queue(t *testing.T, name, connection string, more map[string]any) {
	t.Helper()
	r.env = append(r.env, "QUEUE=q", "BUS="+connection)
	binding := map[string]any{
		"name": "msg", "type": "serviceBusTrigger", "direction": "in", "queueName": "%QUEUE%", "connection": "BUS",
		"isSessionsEnabled": true, "dataType": "binary",
	}
	maps.Copy(binding, more)
	r.function(t, name, bindings{binding})
}

// serviceBus sets a field of host.json's section.
func (r *rig) serviceBus(name string, value any) {
	if r.hostJSON["extensions"] == nil {
		r.hostJSON["extensions"] = map[string]any{"serviceBus": map[string]any{}}
	}
	r.hostJSON["extensions"].(map[string]any)["serviceBus"].(map[string]any)[name] = value
}

// post puts messages with these bodies into a session of the queue q; without
// a session's name they belong to none.
func post(t *testing.T, connection, session string, bodies ...string) {
	t.Helper()
	var messages []*azservicebus.Message
	for _, body := range bodies {
		m := &azservicebus.Message{Body: []byte(body)}
		if session != "" {
			m.SessionID = &session
		}
		messages = append(messages, m)
	}
	enqueue(t, connection, messages...)
}

func enqueue(t *testing.T, connection string, messages ...*azservicebus.Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client, err := azservicebus.NewClientFromConnectionString(connection, nil)
	if err != nil {
		t.Fatal(err)
	}
	sender, err := client.NewSender("q", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := sender.SendMessage(ctx, m, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// question is a call of Ask that waits for the test's answer.
type question struct {
	body     string // of the message
	metadata map[string]any
	answers  chan<- int
}

// succeed and fail end the call.
func (q question) succeed() { q.answers <- http.StatusOK }
func (q question) fail()    { q.answers <- http.StatusInternalServerError }

// asks lets the test itself answer the calls of Ask, each when it likes.
func (r *rig) asks(t *testing.T) <-chan question {
	t.Helper()
	questions := make(chan question)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			Data     map[string]string
			Metadata map[string]any
		}
		text, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(text, &call)
		}
		body, inBase64 := base64.StdEncoding.DecodeString(call.Data["msg"])
		if err != nil || inBase64 != nil {
			t.Errorf("the call %s cannot be read: %v, %v", text, err, inBase64)
		}
		answers := make(chan int, 1)
		select {
		case questions <- question{body: string(body), metadata: call.Metadata, answers: answers}:
		case <-t.Context().Done():
			return
		}
		select {
		case status := <-answers:
			w.WriteHeader(status)
		case <-r.Context().Done(): // the handler was killed
		case <-t.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	r.env = append(r.env, fakeAsk+"="+server.URL)
	return questions
}

// next returns the next question, which must come.
func next(t *testing.T, questions <-chan question) question {
	t.Helper()
	select {
	case q := <-questions:
		return q
	case <-time.After(patience):
		t.Fatal("the handler was not called")
		return question{}
	}
}

// eventually waits until the queue q looks as wanted.
func eventually(t *testing.T, bus *simbus.Bus, want simbus.Counts) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(patience)
	for {
		got := bus.Counts("q")
		if got == want {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("the queue holds %+v, want %+v", got, want)
		}
	}
}

// times counts the log's lines that are as wanted.
func (l *lines) times(wanted func(simhost.Line) bool) (n int) {
	all, _ := l.snapshot()
	for _, line := range all {
		if wanted(line) {
			n++
		}
	}
	return n
}
