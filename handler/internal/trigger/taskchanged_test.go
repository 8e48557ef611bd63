package trigger_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// messages is a Receiver that keeps what it got, or refuses it.
type messages struct {
	mu   sync.Mutex
	got  []string
	fail error
}

func (m *messages) Receive(ctx context.Context, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, limited := ctx.Deadline(); !limited {
		return errors.New("no deadline")
	}
	if m.fail == nil {
		m.got = append(m.got, string(body))
	}
	return m.fail
}

// TestAMessageArrivesAsItWasSent: in every way hosts write a message's body.
func TestAMessageArrivesAsItWasSent(t *testing.T) {
	t.Parallel()
	const hint = `{"v":1,"kind":"store","store":"000135"}`
	large := strings.Repeat("x", 256<<10)
	base64Of := base64.StdEncoding.EncodeToString
	for name, tc := range map[string]struct{ body, want string }{
		"binary":          {`{"Data":{"message":"` + base64Of([]byte(hint)) + `"},"Metadata":{"DeliveryCount":"1"}}`, hint},
		"text":            {`{"Data":{"message":"\"{\\\"v\\\":1}\""}}`, `{"v":1}`},
		"text, once":      {`{"Data":{"message":"{\"v\":1}"}}`, `{"v":1}`},
		"object":          {`{"Data":{"message":{"v":1}}}`, `{"v":1}`},
		"no hint":         {`{"Data":{"message":"` + base64Of([]byte("\x00\xff")) + `"}}`, "\x00\xff"},
		"as large as any": {`{"Data":{"message":"` + base64Of([]byte(large)) + `"}}`, large},
		"empty":           {`{"Data":{"message":""}}`, ""},
		"none":            {`{"Data":{}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse()
			m := &messages{}
			h.functions.TaskChanged = m
			got := call(t, h.serve(t), http.MethodPost, "/TaskChanged", strings.NewReader(tc.body))
			if got.status != http.StatusOK || !strings.HasPrefix(got.body, "{") {
				t.Errorf("answered %d %q; the host waits for ever without an object", got.status, got.body)
			}
			if !slices.Equal(m.got, []string{tc.want}) {
				t.Errorf("received %.80q, want %.80q", m.got, tc.want)
			}
		})
	}
}

// TestAMessageThatFailsIsDeliveredAgain: the host abandons it at any status but 2xx.
func TestAMessageThatFailsIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.functions.TaskChanged = &messages{fail: fault.Newf(fault.Unavailable, "look", "no queue")}
	server := h.serve(t)
	if got := call(t, server, http.MethodPost, "/TaskChanged", strings.NewReader(`{"Data":{"message":"e30="}}`)); got.status < 300 {
		t.Errorf("answered %d", got.status)
	}
	if got := call(t, server, http.MethodPost, "/TaskChanged", strings.NewReader(`no envelope`)); got.status != http.StatusBadRequest {
		t.Errorf("no envelope is answered %d", got.status)
	}
}

func TestTaskSweepRuns(t *testing.T) {
	t.Parallel()
	h := newHouse()
	server := h.serve(t)
	if got := call(t, server, http.MethodPost, "/TaskSweep", strings.NewReader(`{"Data":{"timer":{"IsPastDue":false}}}`)); got.status != http.StatusOK {
		t.Fatalf("answered %d %s", got.status, got.body)
	}
	if ran := h.runs.ran(); len(ran) != 1 {
		t.Errorf("ran %q, want one tick", ran)
	}
}

var _ trigger.Receiver = (*messages)(nil)
