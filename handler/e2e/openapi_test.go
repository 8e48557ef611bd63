package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// call is a request to Operations that works, by the document's name for it.
type call struct {
	operation, path, body string
}

// What the calls are about: a store of the sample, and somebody who works there.
const (
	sampleStore  = "000101"
	sampleWorker = "001008"
)

// TestOpenAPI makes every call that the document has. Whether requests and
// answers are as documented is for the inspector to say; here each call has to
// work, to be refused without a key, and to be refused when something is wrong
// with it. What is refused changes nothing.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	given := sampleSetup(t)
	given.key = "open-sesame"
	given.settings.Adopt = false // so that something is held
	s := start(t, given)
	s.settle(t)
	doc, err := readDocument()
	do(t, err)
	operations := operationsOf(doc)

	calls := s.calls(t, s.longCall(t))
	for _, c := range calls {
		if _, documented := operations[c.operation]; !documented {
			t.Fatalf("the document has no operation %s", c.operation)
		}
	}
	before := s.state(t)
	for _, c := range calls {
		s.keeps(t, operations[c.operation], c)
		s.refusesWrong(t, operations[c.operation], c)
	}
	s.refusesMethods(t, doc, calls)
	if after := s.state(t); after != before {
		t.Errorf("refused calls changed something. Before:\n%s\nAfter:\n%s", before, after)
	}
	for _, c := range calls {
		s.works(t, operations[c.operation], c)
		delete(operations, c.operation)
	}
	for name := range operations {
		t.Errorf("nobody called %s", name)
	}
}

// operation is one of the document's.
type operation struct {
	*openapi3.Operation
	method string
}

func operationsOf(doc *openapi3.T) map[string]operation {
	all := map[string]operation{}
	for _, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all[op.OperationID] = operation{op, method}
		}
	}
	return all
}

// calls are all of them, in an order in which each works.
func (s *site) calls(t *testing.T, job string) []call {
	t.Helper()
	var said struct {
		Holds    []struct{ Hash string }
		Baseline struct{ Newest string }
	}
	for _, path := range []string{"holds", "baseline"} {
		do(t, json.Unmarshal([]byte(s.say(t, http.MethodGet, path, "").body), &said))
	}
	if len(said.Holds) == 0 {
		t.Fatal("nothing is held")
	}
	hold := "holds/" + said.Holds[0].Hash
	const whom = `{"worker":"` + sampleWorker + `"`
	return []call{
		{"status", "status", ""},
		{"listRuns", "runs?limit=5", ""},
		{"run", "runs/last", ""},
		{"plan", "plan?store=" + sampleStore, ""},
		{"explain", "explain", whom + `,"store":"` + sampleStore + `"}`},
		{"listHolds", "holds", ""},
		{"hold", hold, ""},
		{"refuseHold", hold + "/refuse", ""},
		{"allowHold", hold + "/allow", "{}"},
		{"listUnmapped", "unmapped", ""},
		{"listExtras", "extras", ""},
		{"baseline", "baseline", ""},
		{"acceptBaseline", "baseline/accept", `{"readAt":"` + said.Baseline.Newest + `"}`},
		{"listBlocks", "blocks", ""},
		{"block", "block", whom + `,"store":"` + sampleStore + `"}`},
		{"unblock", "unblock", whom + `,"store":"` + sampleStore + `"}`},
		{"revoke", "revoke", whom + `}`},
		{"reconcile", "runs", `{"store":"` + sampleStore + `"}`},
		{"examine", "doctor", ""},
		{"hierarchy", "hierarchy", ""},
		{"taskStatus", "tasks?region=North", ""},
		{"taskProblems", "tasks/problems", ""},
		{"allowTasks", "tasks/allow", `{"store":"` + sampleStore + `"}`},
		{"listDeadLetters", "tasks/dead-letters", ""},
		{"retryDeadLetter", "tasks/dead-letters/retry", `{"letter":"all"}`},
		{"dropDeadLetter", "tasks/dead-letters/drop", `{"letter":"42"}`},
		{"job", "jobs/" + job, ""},
		{"openapi", "openapi", ""},
		{"rebuild", "rebuild", ""}, // the last one: after it most have nothing to tell
	}
}

// say is tell with the key, below Operations' address.
func (s *site) say(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	return s.tell(t, method, operations+path, body, append([]string{"x-functions-key", s.key}, header...)...)
}

// longCall makes a run that Graph keeps waiting, until the answer is where to
// ask for it, and returns the job's id once the run has ended.
func (s *site) longCall(t *testing.T) string {
	t.Helper()
	goOn := make(chan struct{})
	s.Tenant.Inject(simgraph.Fault{Route: "GET /groups/delta", Times: 1, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		select {
		case <-goOn:
		case <-r.Context().Done():
		}
		next.ServeHTTP(w, r)
	}})
	got := s.say(t, http.MethodPost, "runs", "")
	id, ok := strings.CutPrefix(got.location, operations+"jobs/")
	if got.status != http.StatusAccepted || !ok {
		close(goOn)
		t.Fatalf("a long call was answered %+v", got)
	}
	if running := s.say(t, http.MethodGet, "jobs/"+id, ""); running.status != http.StatusAccepted || running.location != got.location {
		t.Errorf("a job that runs is %+v", running)
	}
	close(goOn)
	again := time.NewTicker(look)
	defer again.Stop()
	for began := time.Now(); ; <-again.C {
		switch got := s.say(t, http.MethodGet, "jobs/"+id, ""); {
		case got.status == http.StatusOK && strings.Contains(got.body, `"function":"Operations"`):
			return id
		case got.status != http.StatusAccepted || time.Since(began) > patience:
			t.Fatalf("the job was answered %+v", got)
		}
	}
}

// state is what calls that change something would change, and when nothing does
// is always the same.
func (s *site) state(t *testing.T) string {
	t.Helper()
	var status struct{ Status map[string]any }
	do(t, json.Unmarshal([]byte(s.say(t, http.MethodGet, "status", "").body), &status))
	delete(status.Status, "at")
	text, err := json.Marshal(status)
	do(t, err)
	lines := []string{string(text)}
	for _, path := range []string{"holds", "blocks", "baseline", "plan"} {
		lines = append(lines, s.say(t, http.MethodGet, path, "").body)
	}
	return strings.Join(append(lines, s.tenant(t)...), "\n")
}

// works makes a call as it should be made.
func (s *site) works(t *testing.T, op operation, c call) {
	t.Helper()
	got := s.say(t, op.method, c.path, c.body)
	if c.operation == "openapi" {
		text, err := os.ReadFile(documentFile)
		do(t, err)
		if got.status != http.StatusOK || got.kind != "application/yaml" || got.body != string(text) {
			t.Errorf("%s: %d %s", c.operation, got.status, got.kind)
		}
		return
	}
	if got.status != http.StatusOK || got.kind != "application/json" || !strings.Contains(got.body, `"v":1`) {
		t.Errorf("%s: %+v", c.operation, got)
	}
	if op.method == http.MethodGet && strings.Contains(got.body, `"`+c.path+`":[]`) && c.operation != "listBlocks" {
		t.Errorf("%s answered nothing that could be wrong", c.operation)
	}
}

// keeps makes a call as it should be made, but for the key.
func (s *site) keeps(t *testing.T, op operation, c call) {
	t.Helper()
	separator := "?"
	if strings.Contains(c.path, "?") {
		separator = "&"
	}
	for name, got := range map[string]answer{
		"no key":             s.tell(t, op.method, operations+c.path, c.body),
		"a wrong key":        s.tell(t, op.method, operations+c.path, c.body, "x-functions-key", s.key+"!"),
		"a wrong key in URL": s.tell(t, op.method, operations+c.path+separator+"code=sesame", c.body),
	} {
		if got.status != http.StatusUnauthorized || strings.Contains(got.body, `"v"`) {
			t.Errorf("%s with %s: %+v", c.operation, name, got)
		}
	}
}

// refusesMethods asks every path by the methods it does not have.
func (s *site) refusesMethods(t *testing.T, doc *openapi3.T, calls []call) {
	t.Helper()
	byPath := map[string][]string{} // methods
	all := operationsOf(doc)
	for _, c := range calls {
		path, _, _ := strings.Cut(c.path, "?")
		byPath[path] = append(byPath[path], all[c.operation].method)
	}
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if slices.Contains(byPath[path], method) {
				continue
			}
			want := http.StatusMethodNotAllowed
			if method != http.MethodGet && method != http.MethodPost {
				want = http.StatusNotFound // the host has no function for it
			}
			got := s.say(t, method, path, "")
			if got.status != want {
				t.Errorf("%s %s: %+v", method, path, got)
			}
			for _, has := range byPath[path] {
				if want == http.StatusMethodNotAllowed && !slices.Contains(strings.Split(got.allow, ", "), has) {
					t.Errorf("%s %s: Allow is %q, without %s", method, path, got.allow, has)
				}
			}
		}
	}
}
