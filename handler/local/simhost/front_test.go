package simhost_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simhost"
)

// reply is an answer that has been read.
type reply struct {
	status int
	header http.Header
	body   string
}

func send(t *testing.T, method, url string, header http.Header, body io.Reader) reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(text)}
}

func get(t *testing.T, url string, header http.Header) reply {
	t.Helper()
	return send(t, http.MethodGet, url, header, http.NoBody)
}

// A forwarded request arrives as it was sent, but for the hop-by-hop headers
// and the host's own. (HTTP proxying: DefaultHttpProxyService)
func TestAForwardedRequestAsTheHandlerSeesIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.http(t, "HttpTrigger", "shop/{*rest}", "anonymous")
	h := r.start(t)
	const uri = "/api/shop/a%2Fb//c/?id=149656222&name=Ink%20And%20Toner&x=1;2&x=%zz&code=k"
	answer := send(t, http.MethodPut, h.URL()+uri, http.Header{
		"Accept":                         {"application/json"},
		"Accept-Charset":                 {"utf-8"},
		"User-Agent":                     {"a caller"},
		"Connection":                     {"X-Hop"},
		"X-Hop":                          {"one link only"},
		"X-Forwarded-For":                {"203.0.113.9"},
		"X-Azure-Functions-Invocationid": {"forged"},
		"X-Ms-Invocation-Id":             {"forged"},
	}, strings.NewReader("the body"))
	got := decodeSeen(t, answer.body)
	if got.Method != "PUT" || got.URI != uri || got.Body != "the body" {
		t.Errorf("arrived as %s %s with %q", got.Method, got.URI, got.Body)
	}
	if "http://"+got.Host != h.URL() {
		t.Errorf("Host is %s, want the caller's %s", got.Host, h.URL())
	}
	for name, want := range map[string]string{
		"Accept": "application/json", "Accept-Charset": "utf-8", "User-Agent": "a caller",
		"X-Hop": "", "X-Forwarded-For": "203.0.113.9",
		"X-Ms-Invocation-Id": got.Header.Get("X-Azure-Functions-InvocationId"),
	} {
		if got.Header.Get(name) != want {
			t.Errorf("header %s is %q, want %q", name, got.Header.Get(name), want)
		}
	}
	id := got.Header.Get("X-Azure-Functions-InvocationId")
	if !isGUID(id) || got.Header.Get("X-Azure-Functions-HostVersion") == "" {
		t.Errorf("the host's headers are missing: %v", got.Header)
	}
	r.log.wait(t, func(l simhost.Line) bool { return l.Function == "HttpTrigger" && l.Invocation == id })
}

func TestABodyOfUnknownLengthIsForwarded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.http(t, "Web", "web", "anonymous")
	// Hiding the reader's type leaves the client without a length.
	answer := send(t, http.MethodPost, r.start(t).URL()+"/api/web", nil, io.MultiReader(strings.NewReader("part one, "), strings.NewReader("part two")))
	if got := decodeSeen(t, answer.body); got.Body != "part one, part two" || !slices.Equal(got.Encoding, []string{"chunked"}) {
		t.Errorf("arrived with %q, encoding %q", got.Body, got.Encoding)
	}
}

// Whatever the handler says passes through: a 500 is no failed invocation.
func TestAnswersPassThrough(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.http(t, "Web", "web", "anonymous")
	h := r.start(t)
	for _, status := range []int{200, 202, 404, 500} {
		got := get(t, h.URL()+"/api/web", http.Header{"X-Want-Status": {strconv.Itoa(status)}})
		if got.status != status || got.header.Get("X-Fake") != "yes" || decodeSeen(t, got.body).URI != "/api/web" {
			t.Errorf("%d came through as %+v", status, got)
		}
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hostJSON["extensions"] = map[string]any{"http": map[string]any{"routePrefix": "/v1/"}}
	r.env = append(r.env, "PART=ops")
	r.http(t, "Ops", "%PART%/{*rest}", "anonymous", "get", "post")
	r.http(t, "Holds", "ops/holds", "anonymous", "get")
	r.http(t, "Hold", "ops/{hold}", "anonymous", "get")
	r.function(t, "Bare", bindings{
		{"name": "req", "type": "httpTrigger", "direction": "in", "authLevel": "anonymous"},
		{"name": "res", "type": "http", "direction": "out"},
	})
	r.http(t, "TwoOutputs", "two", "anonymous")
	r.function(t, "TwoOutputs", bindings{
		{"name": "req", "type": "httpTrigger", "direction": "in"},
		{"name": "res", "type": "http", "direction": "out"},
		{"name": "out", "type": "queue", "direction": "out"},
	})
	r.http(t, "Constrained", "c/{id:int}", "anonymous")
	r.http(t, "RestFirst", "c/{*rest}/end", "anonymous")
	r.http(t, "Admin", "x", "admin")
	h := r.start(t)
	for _, test := range []struct{ method, path, function string }{
		{"GET", "/v1/ops", "Ops"},
		{"GET", "/v1/ops/", "Ops"},
		{"GET", "/v1/ops/holds", "Holds"},
		{"GET", "/V1/OPS/Holds", "Holds"},
		{"POST", "/v1/ops/holds", "Ops"},
		{"GET", "/v1/ops/17", "Hold"},
		{"GET", "/v1/ops/a%2Fb", "Hold"},
		{"GET", "/v1/ops/17/more", "Ops"},
		{"DELETE", "/v1/bare", "Bare"},
		{"DELETE", "/v1/ops/17", ""}, // the host says 404, not 405
		{"GET", "/v1", ""},
		{"GET", "/api/ops", ""},
		{"GET", "/v1/twooutputs", ""},
		{"GET", "/v1/c/1", ""},
		{"GET", "/v1/x", ""},
		{"GET", "/", ""},
	} {
		got := send(t, test.method, h.URL()+test.path, nil, http.NoBody)
		if test.function == "" {
			if got.status != http.StatusNotFound || got.header.Get("X-Fake") != "" {
				t.Errorf("%s %s: got %+v, want the host's 404", test.method, test.path, got)
			}
			continue
		}
		id := decodeSeen(t, got.body).Header.Get("X-Azure-Functions-InvocationId")
		line := r.log.wait(t, func(l simhost.Line) bool { return l.Invocation == id })
		if line.Function != test.function {
			t.Errorf("%s %s went to %s, want %s", test.method, test.path, line.Function, test.function)
		}
	}
}

func TestFunctionKeys(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, key, path string
		header          http.Header
		want            int
	}{
		{"open needs none", "secret", "/api/open", nil, 200},
		{"none", "secret", "/api/closed", nil, 401},
		{"in the query", "secret", "/api/closed?code=secret", nil, 200},
		{"in the header", "secret", "/api/closed", http.Header{"X-Functions-Key": {"secret"}}, 200},
		{"wrong in the query", "secret", "/api/closed?code=secre", nil, 401},
		{"wrong in the header", "secret", "/api/closed?code=secret", http.Header{"X-Functions-Key": {"no"}}, 401},
		{"function is the default level", "secret", "/api/unsaid", nil, 401},
		{"no key asked for", "", "/api/closed", nil, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.key = test.key
			r.http(t, "Open", "open", "anonymous")
			r.http(t, "Closed", "closed", "function")
			r.http(t, "Unsaid", "unsaid", "")
			if got := get(t, r.start(t).URL()+test.path, test.header); got.status != test.want {
				t.Errorf("got %d, want %d", got.status, test.want)
			}
		})
	}
}

func TestHTTPFunctionsNeedProxying(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	delete(r.hostJSON["customHandler"].(map[string]any), "enableProxyingHttpRequest")
	r.http(t, "Web", "web", "anonymous")
	h := r.start(t)
	r.log.wait(t, says("enableProxyingHttpRequest"))
	if got := get(t, h.URL()+"/api/web", nil); got.status != http.StatusNotFound {
		t.Errorf("got %d, want 404", got.status)
	}
}

// A handler that dies over a forwarded request costs that request only.
func TestACrashDuringAForwardedRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hostJSON["extensions"] = map[string]any{"http": map[string]any{"routePrefix": ""}}
	r.http(t, "Crash", "Crash", "anonymous")
	r.http(t, "Web", "web", "anonymous")
	h := r.start(t)
	if got := get(t, h.URL()+"/Crash", nil); got.status != http.StatusBadGateway {
		t.Errorf("got %d, want 502", got.status)
	}
	r.log.wait(t, says("forward the request"))
	// A dying process may still take a connection, so the host has to notice.
	r.log.wait(t, says("exited with code 7"))
	if got := get(t, h.URL()+"/web", nil); got.status != http.StatusOK {
		t.Errorf("after the crash: %d", got.status)
	}
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.timers(t, "LowerCase")
	r.http(t, "Web", "web", "anonymous")
	r.function(t, "Unset", bindings{{"name": "timer", "type": "timerTrigger", "direction": "in", "schedule": "%NO_SUCH_SETTING%"}})
	h := r.start(t)
	for _, test := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/admin/functions/LowerCase", `{"input":"x"}`, 202},
		{"POST", "/admin/functions/LowerCase", `{}`, 202},
		{"POST", "/admin/functions/LowerCase", ``, 400},
		{"POST", "/admin/functions/LowerCase", `nonsense`, 400},
		{"POST", "/admin/functions/Nobody", `{}`, 404},
		{"POST", "/admin/functions/Unset", `{}`, 404},
		{"GET", "/admin/nothing", ``, 404},
	} {
		if got := send(t, test.method, h.URL()+test.path, nil, strings.NewReader(test.body)); got.status != test.want {
			t.Errorf("%s %s with %q: %+v, want %d", test.method, test.path, test.body, got, test.want)
		}
	}
	r.log.wait(t, func(l simhost.Line) bool { return l.Source == simhost.FromFunction && l.Text == "two" })

	body := get(t, h.URL()+"/admin/host/status", nil).body
	var status struct {
		State, Version string
		Errors         []string
	}
	if err := json.Unmarshal([]byte(body), &status); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if status.State != "Running" || len(status.Errors) != 1 || !strings.Contains(status.Errors[0], "NO_SUCH_SETTING") {
		t.Errorf("the status is %s", body)
	}
}

// A taken address is refused at once, and nothing is left running.
func TestATakenAddress(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	r := newRig(t)
	starts := r.starts(t)
	r.timers(t, "Echo")
	r.file(t, "host.json", r.hostJSON)
	h, err := simhost.Start(t.Context(), simhost.Options{ScriptRoot: r.root, Env: r.env, Address: l.Addr().String()})
	if err == nil {
		h.Close()
		t.Fatal("it started on an address in use")
	}
	if got := starts(); got != 0 {
		t.Errorf("a process was started %d times", got)
	}
}
