package simhost_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simhost"
)

// A default invocation: name in the path, three headers, the body's shape, and
// a length nobody knows before. (DefaultHttpWorkerServiceTests,
// ValidateDefaultInvocationRequest)
func TestInvocationAsTheHandlerSeesIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.timers(t, "Echo")
	h := r.start(t)
	result := invoke(t, h, "Echo")
	got := decodeSeen(t, result.Logs[0])

	if got.Method != "POST" || got.URI != "/Echo" {
		t.Errorf("called with %s %s, want POST /Echo", got.Method, got.URI)
	}
	if !slices.Equal(got.Encoding, []string{"chunked"}) {
		t.Errorf("Transfer-Encoding %q, want chunked", got.Encoding)
	}
	for name, form := range map[string]string{
		"Content-Type":                   `^application/json; charset=utf-8$`,
		"User-Agent":                     `^Azure-Functions-Host/4\.`,
		"X-Azure-Functions-HostVersion":  `^4\.\d+\.\d+\.\d+$`,
		"X-Azure-Functions-InvocationId": "^" + regexp.QuoteMeta(result.Invocation) + "$",
	} {
		if !regexp.MustCompile(form).MatchString(got.Header.Get(name)) {
			t.Errorf("header %s is %q, want %s", name, got.Header.Get(name), form)
		}
	}
	if !isGUID(result.Invocation) {
		t.Errorf("the invocation's id is %q, want a GUID", result.Invocation)
	}
	checkTimerBody(t, got.Body, "Echo")
}

func isGUID(text string) bool {
	return regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(text)
}

func checkTimerBody(t *testing.T, body, name string) {
	t.Helper()
	var envelope struct {
		Data struct {
			Timer struct {
				Schedule       map[string]bool   `json:"Schedule"`
				ScheduleStatus map[string]string `json:"ScheduleStatus"`
				IsPastDue      *bool             `json:"IsPastDue"`
			} `json:"timer"`
		} `json:"Data"`
		Metadata map[string]map[string]string `json:"Metadata"`
	}
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&envelope); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	timer := envelope.Data.Timer
	if !reflect.DeepEqual(timer.Schedule, map[string]bool{"AdjustForDST": true}) || timer.IsPastDue == nil || *timer.IsPastDue {
		t.Errorf("the timer's value is %s", body)
	}
	if timer.ScheduleStatus["Last"] != "0001-01-01T00:00:00" {
		t.Errorf("a timer that never ran has the status %q", timer.ScheduleStatus)
	}
	for _, key := range []string{"Next", "LastUpdated"} {
		if _, err := time.Parse(time.RFC3339Nano, timer.ScheduleStatus[key]); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	sys := envelope.Metadata["sys"]
	if len(envelope.Metadata) != 1 || sys["MethodName"] != name || !isGUID(sys["RandGuid"]) {
		t.Errorf("the metadata is %v, want only sys", envelope.Metadata)
	}
	if at, err := time.Parse(time.RFC3339Nano, sys["UtcNow"]); err != nil || !strings.HasSuffix(sys["UtcNow"], "Z") || at.IsZero() {
		t.Errorf("sys.UtcNow is %q (%v)", sys["UtcNow"], err)
	}
}

// What the host makes of answers. (DefaultHttpWorkerService and its tests)
func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fails error    // nil: a success
		logs  []string // what comes of a success
		says  []string // what the error has to tell
	}{
		"Plain":         {},
		"TextJSON":      {},
		"Unknown":       {logs: []string{"kept"}},
		"LowerCase":     {logs: []string{"one", "two"}},
		"HelloTyped":    {fails: simhost.ErrAnswer, says: []string{"Hello World", "StatusCode: 200"}},
		"Broken":        {fails: simhost.ErrAnswer, says: []string{"Hello World", "StatusCode: 200"}},
		"Text":          {fails: simhost.ErrAnswer, says: []string{"text/plain", "Hello World"}},
		"Untyped":       {fails: simhost.ErrAnswer, says: []string{"application/json"}},
		"BadRequest":    {fails: simhost.ErrStatus, says: []string{"StatusCode: 400"}},
		"ServerError":   {fails: simhost.ErrStatus, says: []string{"StatusCode: 500"}},
		"Empty":         {fails: simhost.ErrHang, says: []string{"StatusCode: 200"}},
		"EmptyText":     {fails: simhost.ErrHang},
		"NoContent":     {fails: simhost.ErrHang, says: []string{"StatusCode: 204"}},
		"Null":          {fails: simhost.ErrHang},
		"NothingToRead": {fails: simhost.ErrAnswer},
	}
	r := newRig(t)
	for name := range tests {
		r.timers(t, name)
	}
	h := r.start(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			result, err := h.Invoke(t.Context(), name)
			if !errors.Is(err, test.fails) || test.fails == nil && err != nil {
				t.Fatalf("got %v, want %v", err, test.fails)
			}
			if !slices.Equal(result.Logs, test.logs) {
				t.Errorf("logs %q, want %q", result.Logs, test.logs)
			}
			for _, text := range test.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q does not tell %q", err, text)
				}
			}
		})
	}
}

func TestWhatTheHostLogsOfAnInvocation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.timers(t, "LowerCase", "ServerError")
	h := r.start(t)
	id := invoke(t, h, "LowerCase").Invocation
	if _, err := h.Invoke(t.Context(), "ServerError"); err == nil {
		t.Fatal("a 500 was a success")
	}
	var got []simhost.Line
	all, _ := r.log.snapshot()
	for _, line := range all {
		if line.Invocation == id {
			got = append(got, line)
		}
	}
	about := simhost.Line{Level: slog.LevelInfo, Source: simhost.FromFunction, Function: "LowerCase", Invocation: id}
	one, two, last := about, about, about
	one.Text, two.Text, last.Text, last.Source = "one", "two", "the invocation succeeded", simhost.FromHost
	if want := []simhost.Line{one, two, last}; !slices.Equal(got, want) {
		t.Errorf("logged %+v, want %+v", got, want)
	}
	failed := r.log.wait(t, func(l simhost.Line) bool { return l.Function == "ServerError" })
	if failed.Level != slog.LevelError || failed.Source != simhost.FromHost {
		t.Errorf("the failure is logged as %+v", failed)
	}
}

// The host's client follows redirects, and so turns the POST into a GET.
func TestARedirectLosesTheInvocation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.timers(t, "Redirect")
	got := decodeSeen(t, invoke(t, r.start(t), "Redirect").Logs[0])
	if got.Method != "GET" || got.URI != "/Moved" || got.Body != "" {
		t.Errorf("the redirect arrived as %s %s with the body %q", got.Method, got.URI, got.Body)
	}
}

func TestFunctionsThatCannotBeInvoked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.timers(t, "Echo")
	r.http(t, "Web", "web", "anonymous")
	r.function(t, "Unset", bindings{{"name": "timer", "type": "timerTrigger", "direction": "in", "schedule": "%NO_SUCH_SETTING%"}})
	r.function(t, "Blob", bindings{{"name": "b", "type": "blobTrigger", "direction": "in"}})
	h := r.start(t)
	for name, says := range map[string]string{
		"Nobody": "no function",
		"echo":   "no function",
		"Web":    "HTTP",
		"Unset":  "NO_SUCH_SETTING",
		"Blob":   "blobTrigger is not simulated",
	} {
		_, err := h.Invoke(t.Context(), name)
		if !errors.Is(err, simhost.ErrNoFunction) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want it to tell %q", name, err, says)
		}
		if err := h.RunNow(name); !errors.Is(err, simhost.ErrNoFunction) {
			t.Errorf("%s: RunNow said %v", name, err)
		}
	}
	line := r.log.wait(t, func(l simhost.Line) bool { return l.Function == "Unset" })
	if line.Level != slog.LevelError || !strings.Contains(line.Text, "NO_SUCH_SETTING") {
		t.Errorf("the function in error is logged as %+v", line)
	}
	invoke(t, h, "Echo") // the others run all the same
}

func TestRunNowRunsInTheBackground(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.timers(t, "LowerCase")
	h := r.start(t)
	if err := h.RunNow("LowerCase"); err != nil {
		t.Fatal(err)
	}
	r.log.wait(t, func(l simhost.Line) bool { return l.Function == "LowerCase" && l.Text == "two" })
	h.Close()
	if err := h.RunNow("LowerCase"); !errors.Is(err, simhost.ErrStopped) {
		t.Errorf("after Close RunNow said %v", err)
	}
}

func TestATimerFiresByItself(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env = append(r.env, "EVERY_SECOND=* * * * * *")
	r.function(t, "Echo", bindings{{"name": "timer", "type": "timerTrigger", "direction": "in", "schedule": "%EVERY_SECOND%"}})
	r.start(t)
	line := r.log.wait(t, func(l simhost.Line) bool { return l.Source == simhost.FromFunction && l.Function == "Echo" })
	// A timer that can fire more than once a minute has no status.
	if got := decodeSeen(t, line.Text); !strings.Contains(got.Body, `"ScheduleStatus":null`) {
		t.Errorf("the handler got %s", got.Body)
	}
}
