package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collecttraces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/storeteams/storeteams/handler/local/simhost"
)

// spans takes what the handler exports, as a collector does.
type spans struct {
	mu  sync.Mutex
	all []*traces.Span
	raw strings.Builder
}

func (s *spans) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	s.raw.Write(body)
	if r.URL.Path != "/v1/traces" {
		return
	}
	var m collecttraces.ExportTraceServiceRequest
	_ = proto.Unmarshal(body, &m)
	for _, resource := range m.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			s.all = append(s.all, scope.Spans...)
		}
	}
}

// of is the span of an invocation, or nil. It ends last, so the others are there.
func (s *spans) of(invocation string) *traces.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, span := range s.all {
		if span.Name == "OrgSync" && text(span, "faas.invocation_id") == invocation {
			return span
		}
	}
	return nil
}

func text(span *traces.Span, key string) string {
	for _, a := range span.Attributes {
		if a.Key == key {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

// TestTelemetry: a run's record, its log lines and its trace meet in the
// invocation; the trace has the run's requests; and nobody's name leaves.
func TestTelemetry(t *testing.T) {
	t.Parallel()
	got := &spans{}
	collector := httptest.NewServer(got)
	t.Cleanup(collector.Close)
	var mu sync.Mutex
	var lines []map[string]any
	given := chainSetup(t, chain(2, 3))
	given.handler = map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}
	given.log = func(line simhost.Line) {
		var fields map[string]any
		if json.Unmarshal([]byte(line.Text), &fields) != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, fields)
	}
	s := start(t, given)
	run := s.sync(t)
	var root *traces.Span
	eventually(t, "the run's trace is exported", func() bool {
		root = got.of(run.Invocation)
		return root != nil
	})
	s.Host.Close()
	requests := 0
	for _, span := range got.all {
		if string(span.TraceId) == string(root.TraceId) && text(span, "server") == "graph" {
			requests++
		}
	}
	sent := 0
	for _, n := range run.GraphCalls {
		sent += n
	}
	if requests != sent || sent == 0 {
		t.Errorf("the trace has %d requests to Graph, the record %d", requests, sent)
	}
	for _, row := range given.world.Graph.Users {
		var user struct{ ID, UserPrincipalName string }
		do(t, json.Unmarshal(row, &user))
		if user.UserPrincipalName == "" || strings.Contains(got.raw.String(), user.UserPrincipalName) || strings.Contains(got.raw.String(), user.ID) {
			t.Errorf("%q leaves the program", user.UserPrincipalName)
		}
	}

	mu.Lock()
	defer mu.Unlock()
	changes := 0
	for _, line := range lines {
		switch line["msg"] {
		case "run ended":
			if line["run"] != run.ID {
				continue
			}
			for _, field := range []string{"hinted", "outcome", "slowed", "planned", "done", "failed", "waiting", "held", "unmapped", "graph_calls", "commerce_calls", "seconds"} {
				if _, ok := line[field]; !ok {
					t.Errorf("the line of a run lacks %s: %v", field, line)
				}
			}
			if line["invocation"] != run.Invocation {
				t.Errorf("the line of a run is of the invocation %v", line["invocation"])
			}
		case "change done":
			if line["invocation"] == run.Invocation {
				changes++
			}
		}
	}
	done := 0
	for _, n := range run.Done {
		done += n
	}
	if changes != done || done == 0 {
		t.Errorf("%d changes have a line, %d were done", changes, done)
	}
}
