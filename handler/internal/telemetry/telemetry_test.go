package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collectmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collecttraces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/telemetry"
)

// collector takes what is exported, as a collector does on the wire.
type collector struct {
	mu      sync.Mutex
	spans   []*traces.Span
	metrics map[string]*metrics.Metric
	keys    map[string]bool // of the header "key"
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	c.keys[r.Header.Get("key")] = true
	switch r.URL.Path {
	case "/base/v1/traces":
		var m collecttraces.ExportTraceServiceRequest
		_ = proto.Unmarshal(body, &m)
		for _, resource := range m.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	case "/base/v1/metrics":
		var m collectmetrics.ExportMetricsServiceRequest
		_ = proto.Unmarshal(body, &m)
		for _, resource := range m.ResourceMetrics {
			for _, scope := range resource.ScopeMetrics {
				for _, one := range scope.Metrics {
					c.metrics[one.Name] = one
				}
			}
		}
	}
}

func start(t *testing.T) (*telemetry.Telemetry, *collector) {
	t.Helper()
	c := &collector{metrics: map[string]*metrics.Metric{}, keys: map[string]bool{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL + "/base")
	if err != nil {
		t.Fatal(err)
	}
	told, err := telemetry.Start(t.Context(), telemetry.Options{
		Endpoint: at, Headers: map[string]string{"key": "k"}, Instance: "test", Version: "1", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return told, c
}

// TestExport: what happened can be read at the collector: a call, the requests
// made in it, by what they were about, the run's figures. A child's trace is its
// call's, and no text of an error is in it.
func TestExport(t *testing.T) {
	t.Parallel()
	told, got := start(t)
	ctx, finish := told.Call(t.Context(), "TaskChanged", "inv-1")
	done := told.Message(ctx, "TaskChanged", time.Now().Add(-3*time.Second))
	for _, status := range []int{200, 429} {
		_, answered := told.Requests("graph")(ctx, "members.add")
		answered(status, nil)
	}
	_, answered := told.Requests("commerce")(ctx, "Workers")
	answered(0, fault.Newf(fault.Unavailable, "read", "anna@contoso.com cannot be reached"))
	told.TaskChange(ctx, "create in Teams")
	told.Notifications(ctx, "taken", 7)
	now := time.Now()
	told.Run(ctx, &ledger.Run{
		ID: "r1", Function: "OrgSync", Outcome: ledger.Partial, Started: now.Add(-time.Minute), Ended: now, SnapshotAt: now.Add(-time.Hour),
		Planned: map[string]int{"add member": 5}, Done: map[string]int{"add member": 4}, Failed: map[string]int{"add member": 1},
		Held: 2, Unmapped: map[string]int{"no identity": 3},
	})
	done()
	finish(500)
	if err := told.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	var names []string
	for _, s := range got.spans {
		names = append(names, s.Name)
		if !bytes.Equal(s.TraceId, got.spans[0].TraceId) {
			t.Errorf("%s is in a trace of its own", s.Name)
		}
		if text := s.String(); strings.Contains(text, "contoso") {
			t.Errorf("somebody is named: %s", text)
		}
	}
	slices.Sort(names)
	if want := []string{"TaskChanged", "commerce Workers", "graph members.add", "graph members.add", "run"}; !slices.Equal(names, want) {
		t.Errorf("spans %q, want %q", names, want)
	}
	for name, want := range map[string]string{
		"storeteams.calls":         "function=TaskChanged result=failed: 1",
		"storeteams.requests":      "class=Workers server=commerce status=unavailable: 1; class=members.add server=graph status=200: 1; class=members.add server=graph status=429: 1",
		"storeteams.throttled":     "class=members.add server=graph: 1",
		"storeteams.runs":          "function=OrgSync outcome=partial: 1",
		"storeteams.plan.size":     "kind=add member: 5",
		"storeteams.changes":       "kind=add member result=done: 4; kind=add member result=failed: 1",
		"storeteams.holds":         ": 2",
		"storeteams.unmapped":      "cause=no identity: 3",
		"storeteams.task.changes":  "kind=create in Teams: 1",
		"storeteams.notifications": "fate=taken: 7",
	} {
		if text := points(got.metrics[name]); text != want {
			t.Errorf("%s is %q, want %q", name, text, want)
		}
	}
	for _, name := range []string{"storeteams.queue.age", "storeteams.task.lag"} {
		if h := got.metrics[name].GetHistogram(); h == nil || h.DataPoints[0].GetSum() < 3 || h.DataPoints[0].GetSum() > 60 {
			t.Errorf("%s is %v, want 3 s or a little more", name, h)
		}
	}
	if !got.keys["k"] || len(got.keys) != 1 {
		t.Errorf("the header came as %v", got.keys)
	}
}

// points shows the data of a counter or a gauge.
func points(m *metrics.Metric) string {
	var all []string
	for _, p := range slices.Concat(m.GetSum().GetDataPoints(), m.GetGauge().GetDataPoints()) {
		var attrs []string
		for _, a := range p.Attributes {
			attrs = append(attrs, a.Key+"="+a.Value.GetStringValue())
		}
		slices.Sort(attrs)
		n, _ := json.Marshal(p.GetAsInt())
		all = append(all, strings.Join(attrs, " ")+": "+string(n))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// TestDocumented: docs/operate.md lists every metric there is, and no other.
func TestDocumented(t *testing.T) {
	t.Parallel()
	told, got := start(t)
	ctx, finish := told.Call(t.Context(), "TaskChanged", "inv")
	told.Message(ctx, "TaskChanged", time.Now())()
	_, answered := told.Requests("graph")(ctx, "x")
	answered(503, nil)
	one := map[string]int{"x": 1}
	told.Run(ctx, &ledger.Run{Planned: one, Done: one, Unmapped: one, SnapshotAt: time.Now()})
	told.TaskChange(ctx, "x")
	told.Notifications(ctx, "x", 1)
	finish(200)
	if err := told.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "| `storeteams."); ok {
			listed["storeteams."+name[:strings.Index(name, "`")]] = true
		}
	}
	if there, want := slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(got.metrics)); !slices.Equal(there, want) {
		t.Errorf("docs/operate.md lists %q, there are %q", there, want)
	}
}

// TestLines: a line says which invocation it was written in, once.
func TestLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(telemetry.Lines(slog.NewJSONHandler(&out, nil))).With("part", "x")
	ctx, finish := telemetry.Off().Call(t.Context(), "OrgSync", "inv-1")
	defer finish(200)
	log.InfoContext(ctx, "inside")
	log.InfoContext(ctx, "says it itself", "invocation", "inv-2")
	log.InfoContext(t.Context(), "outside")
	for want := range strings.SplitSeq(`"msg":"inside","part":"x","invocation":"inv-1"}|"msg":"says it itself","part":"x","invocation":"inv-2"}|"msg":"outside","part":"x"}`, "|") {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
}

// TestNoCollector: a collector that is away keeps nobody from starting, and
// stopping says that something was lost.
func TestNoCollector(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	at, _ := url.Parse(server.URL)
	server.Close()
	told, err := telemetry.Start(t.Context(), telemetry.Options{Endpoint: at, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	_, finish := told.Call(t.Context(), "OrgSync", "inv")
	finish(200)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := told.Stop(ctx); err == nil {
		t.Error("nothing was said to be lost")
	}
}
