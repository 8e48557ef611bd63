package simhost_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Settings of the fake handler, given to it through the host as app settings.
const (
	fakeSwitch = "FAKE_HANDLER" // any value: be the handler
	fakeStarts = "FAKE_STARTS"  // folder that gets a file for every start
	fakeExits  = "FAKE_EXITS"   // how many of the first starts exit at once...
	fakeCode   = "FAKE_CODE"    // ...with this code
	fakeGate   = "FAKE_GATE"    // URL whose answer is awaited before listening
	fakeDeaf   = "FAKE_DEAF"    // any value: listen somewhere else
	fakeAsk    = "FAKE_ASK"     // URL that is asked what to answer to a call of Ask
)

// seen is what the fake tells of a request it got.
type seen struct {
	Method, URI, Host string
	Header            http.Header
	Encoding          []string // Transfer-Encoding
	Body              string
	Env               map[string]string
	PID               int
}

// answer is what the fake says to an invocation.
type answer struct {
	status      int
	media, body string
}

// answers are by the name of the function.
func answers() map[string]answer {
	return map[string]answer{
		"Plain":         {200, "application/json", `{}`},
		"TextJSON":      {202, "text/json; charset=utf-8", `{"logs":null,"Outputs":null}`},
		"Unknown":       {200, "application/json", `{"someKey":{"a":[1]},"Logs":["kept"]}`},
		"LowerCase":     {200, "application/json", `{"logs":["one","two"]}`},
		"HelloTyped":    {200, "application/json", `"Hello World"`},
		"Broken":        {200, "application/json", `Hello World`},
		"Text":          {200, "text/plain", `Hello World`},
		"Untyped":       {200, "", `{}`},
		"BadRequest":    {400, "application/json", `{"Logs":["lost"]}`},
		"ServerError":   {500, "application/json", `{"Logs":["lost"]}`},
		"Empty":         {200, "application/json", ``},
		"EmptyText":     {200, "text/plain", ``},
		"NoContent":     {204, "", ``},
		"Null":          {200, "application/json", " null\n"},
		"NothingToRead": {200, "text/plain", `null`},
	}
}

// fakeHandler is a custom handler that does as its settings and the names of
// the functions say. It returns its exit code.
func fakeHandler() int {
	// Should the test die without closing its host, this one does not live on.
	time.AfterFunc(5*time.Minute, func() { os.Exit(4) }) // it is a program of its own here
	fmt.Fprintln(os.Stdout, "a line of the fake")
	if starts := os.Getenv(fakeStarts); starts != "" {
		if err := os.WriteFile(filepath.Join(starts, strconv.Itoa(os.Getpid())), nil, 0o600); err != nil {
			return fail(err)
		}
		soFar, err := os.ReadDir(starts)
		if err != nil {
			return fail(err)
		}
		if exits, _ := strconv.Atoi(os.Getenv(fakeExits)); len(soFar) <= exits {
			fmt.Fprint(os.Stderr, "first\nsecond\nthird: a Warning\nlast without an end")
			code, _ := strconv.Atoi(os.Getenv(fakeCode))
			return code
		}
	}
	if gate := os.Getenv(fakeGate); gate != "" {
		resp, err := http.Get(gate)
		if err != nil {
			return fail(err)
		}
		_ = resp.Body.Close()
	}
	port := os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT")
	if os.Getenv(fakeDeaf) != "" {
		port = "0"
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return fail(err)
	}
	return fail(http.Serve(l, http.HandlerFunc(serveFake)))
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "fake handler:", err)
	return 3
}

func serveFake(w http.ResponseWriter, r *http.Request) {
	switch name := r.URL.Path[1:]; name {
	case "":
		http.NotFound(w, r) // to the host's probe that is an answer too
	case "Echo":
		say(w, http.StatusOK, map[string]any{"Logs": []string{look(r)}})
	case "Ask":
		ask(w, r)
	case "Crash":
		os.Exit(7) // dying over a call is what the test wants
	case "Stall":
		fmt.Fprintln(os.Stdout, "stalling")
		select {}
	case "Redirect":
		http.Redirect(w, r, "/Moved", http.StatusFound)
	case "Moved":
		say(w, http.StatusOK, map[string]any{"Logs": []string{look(r)}})
	default:
		if a, known := answers()[name]; known {
			w.Header()["Content-Type"] = []string{a.media}
			if a.media == "" {
				w.Header()["Content-Type"] = nil
			}
			w.WriteHeader(a.status)
			_, _ = io.WriteString(w, a.body)
			return
		}
		// A forwarded request: the caller says which status it wants back.
		status, err := strconv.Atoi(r.Header.Get("X-Want-Status"))
		if err != nil {
			status = http.StatusOK
		}
		w.Header().Set("X-Fake", "yes")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, look(r))
	}
}

// ask hands a call to the test and answers with the status that the test gives.
func ask(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Post(os.Getenv(fakeAsk), "application/json", r.Body)
	if err != nil {
		say(w, http.StatusBadGateway, err.Error())
		return
	}
	_ = resp.Body.Close() // only the status counts
	say(w, resp.StatusCode, struct{}{})
}

func say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// look describes a request as JSON of a seen.
func look(r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	s := seen{
		Method: r.Method, URI: r.RequestURI, Host: r.Host, Header: r.Header,
		Encoding: r.TransferEncoding, Body: string(body), PID: os.Getpid(), Env: map[string]string{},
	}
	if err != nil {
		s.Body = "unreadable: " + err.Error()
	}
	for _, name := range []string{
		"FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_CUSTOMHANDLER_WORKER_ID", "FUNCTIONS_HTTPWORKER_PORT",
		"FUNCTIONS_HTTPWORKER_ID", "FUNCTIONS_APP_ROOT_PATH", "A_SETTING",
	} {
		s.Env[name] = os.Getenv(name)
	}
	s.Env["cwd"], _ = os.Getwd()
	text, _ := json.Marshal(s)
	return string(text)
}
