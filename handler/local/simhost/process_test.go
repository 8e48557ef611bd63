package simhost_test

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simhost"
)

// The environment of section "process lifecycle": what the host sets is there
// and wins over what it inherited. (HttpWorkerProcessTests)
func TestTheHandlersEnvironment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env = append(r.env, "A_SETTING=first", "A_SETTING=last", "FUNCTIONS_CUSTOMHANDLER_PORT=1",
		"FUNCTIONS_HTTPWORKER_PORT=1", "FUNCTIONS_APP_ROOT_PATH=/nowhere")
	r.timers(t, "Echo")
	got := echo(t, r.start(t))
	port := got.Host[strings.LastIndex(got.Host, ":")+1:]
	root, err := filepath.EvalSymlinks(r.root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"A_SETTING":                    "last",
		"FUNCTIONS_CUSTOMHANDLER_PORT": port,
		"FUNCTIONS_HTTPWORKER_PORT":    port,
		"FUNCTIONS_APP_ROOT_PATH":      r.root,
		"FUNCTIONS_HTTPWORKER_ID":      got.Env["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"],
		"cwd":                          root,
	} {
		if got.Env[name] != want {
			t.Errorf("%s is %q, want %q", name, got.Env[name], want)
		}
	}
	if !isGUID(got.Env["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"]) {
		t.Errorf("the worker's id is %q", got.Env["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"])
	}
}

func TestTheHandlersOutput(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.starts(t)
	r.env = append(r.env, fakeExits+"=1", fakeCode+"=1")
	r.timers(t, "Echo")
	invoke(t, r.start(t), "Echo")
	all, _ := r.log.snapshot()
	for text, level := range map[string]slog.Level{
		"a line of the fake":  slog.LevelInfo,
		"first":               slog.LevelError,
		"third: a Warning":    slog.LevelWarn,
		"last without an end": slog.LevelError,
	} {
		want := simhost.Line{Level: level, Source: simhost.FromHandler, Text: text}
		if !slices.Contains(all, want) {
			t.Errorf("the log lacks %+v", want)
		}
	}
	crash := r.log.wait(t, says("exited with code 1"))
	if want := "second third: a Warning last without an end"; !strings.HasSuffix(crash.Text, ": "+want) {
		t.Errorf("the crash message is %q, want the last three lines of stderr", crash.Text)
	}
}

// Exits that mean "start me again" do not count, however many there are.
func TestExitsThatDoNotCount(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"0", "200", "143"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			starts := r.starts(t)
			r.env = append(r.env, fakeExits+"=5", fakeCode+"="+code)
			r.timers(t, "Echo")
			invoke(t, r.start(t), "Echo")
			if got := starts(); got != 6 {
				t.Errorf("started %d times, want 6", got)
			}
		})
	}
}

func TestTwoCrashesAreForgivenTheThirdStopsTheHost(t *testing.T) {
	t.Parallel()
	for exits, survives := range map[string]bool{"2": true, "3": false} {
		t.Run(exits, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			starts := r.starts(t)
			r.env = append(r.env, fakeExits+"="+exits, fakeCode+"=2")
			r.timers(t, "Echo")
			h := r.start(t)
			if survives {
				invoke(t, h, "Echo")
			} else {
				if err := h.Wait(t.Context()); !errors.Is(err, simhost.ErrStopped) || !strings.Contains(err.Error(), "last without an end") {
					t.Errorf("the host ended with %v, want ErrStopped and the handler's last words", err)
				}
				if _, err := h.Invoke(t.Context(), "Echo"); !errors.Is(err, simhost.ErrStopped) {
					t.Errorf("Invoke on a stopped host said %v", err)
				}
			}
			if got := starts(); got != 3 {
				t.Errorf("started %d times, want 3", got)
			}
		})
	}
}

func TestKillIsACrash(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.timers(t, "Echo", "Stall")
	h := r.start(t)
	before := echo(t, h).PID
	if h.PID() != before {
		t.Errorf("PID says %d, the handler says %d", h.PID(), before)
	}
	inFlight := make(chan error, 1)
	go func() {
		_, err := h.Invoke(t.Context(), "Stall")
		inFlight <- err
	}()
	r.log.wait(t, says("stalling"))
	if err := h.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-inFlight; !errors.Is(err, simhost.ErrConnection) {
		t.Errorf("the call in flight ended with %v, want ErrConnection", err)
	}
	if after := echo(t, h).PID; after == before || after != h.PID() {
		t.Errorf("after process %d was killed %d answers; PID says %d", before, after, h.PID())
	}
	r.log.wait(t, says("exited with code 137"))
	for range 2 {
		echo(t, h) // so that there is a process to kill
		if err := h.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Wait(t.Context()); !errors.Is(err, simhost.ErrStopped) {
		t.Errorf("after three kills the host ended with %v", err)
	}
	if h.PID() != 0 {
		t.Errorf("there is a process %d after the end", h.PID())
	}
	if err := h.Kill(t.Context()); err != nil {
		t.Errorf("a kill with nothing to kill said %v", err)
	}
}

func TestACrashDuringACall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.timers(t, "Crash", "Echo")
	h := r.start(t)
	if _, err := h.Invoke(t.Context(), "Crash"); !errors.Is(err, simhost.ErrConnection) {
		t.Errorf("the call ended with %v, want ErrConnection", err)
	}
	r.log.wait(t, says("exited with code 7"))
	invoke(t, h, "Echo")
}

func TestAFunctionThatRunsTooLongCostsTheProcess(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hostJSON["functionTimeout"] = "00:00:01"
	r.timers(t, "Echo", "Stall")
	h := r.start(t)
	before := echo(t, h).PID
	for range 3 { // replacing the process does not count as a crash
		if _, err := h.Invoke(t.Context(), "Stall"); !errors.Is(err, simhost.ErrTimeout) {
			t.Fatalf("got %v, want ErrTimeout", err)
		}
	}
	if after := echo(t, h).PID; after == before {
		t.Error("the process that hung still answers")
	}
}

func TestAHandlerThatNeverListens(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	starts := r.starts(t)
	r.hostJSON["customHandler"].(map[string]any)["initializationTimeout"] = "00:00:01"
	r.env = append(r.env, fakeDeaf+"=yes")
	r.timers(t, "Echo")
	h := r.start(t)
	if _, err := h.Invoke(t.Context(), "Echo"); !errors.Is(err, simhost.ErrStopped) {
		t.Errorf("the call ended with %v, want ErrStopped", err)
	}
	if err := h.Wait(t.Context()); !errors.Is(err, simhost.ErrStopped) || !strings.Contains(err.Error(), "FUNCTIONS_CUSTOMHANDLER_PORT") {
		t.Errorf("the host ended with %v, want ErrStopped and a hint", err)
	}
	if got := starts(); got != 3 {
		t.Errorf("started %d times, want 3", got)
	}
}

// A handler that takes its time to start is waited for, over HTTP too.
func TestCallsWaitForTheHandlerToStart(t *testing.T) {
	t.Parallel()
	reached, open := make(chan struct{}), make(chan struct{})
	gate := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(reached)
		<-open
	}))
	t.Cleanup(gate.Close)
	r := newRig(t)
	r.env = append(r.env, fakeGate+"="+gate.URL)
	r.timers(t, "Echo")
	r.http(t, "Web", "web", "anonymous")
	h := r.start(t)
	<-reached
	ended := make(chan error, 2)
	go func() {
		_, err := h.Invoke(t.Context(), "Echo")
		ended <- err
	}()
	go func() {
		resp, err := http.Get(h.URL() + "/api/web")
		if err == nil {
			err = resp.Body.Close()
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		t.Errorf("a call ended before the handler listened: %v", err)
	default:
	}
	close(open)
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestCloseEndsTheHandlerAndTheLog(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.timers(t, "Stall")
	h := r.start(t)
	inFlight := make(chan error, 1)
	go func() {
		_, err := h.Invoke(t.Context(), "Stall")
		inFlight <- err
	}()
	r.log.wait(t, says("stalling"))
	h.Close()
	if err := <-inFlight; !errors.Is(err, simhost.ErrConnection) {
		t.Errorf("the call in flight ended with %v, want ErrConnection", err)
	}
	if err := h.Wait(t.Context()); err != nil {
		t.Errorf("a closed host ended with %v", err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL(), "http://")); err == nil {
		t.Errorf("a closed host still listens: %v", conn.Close())
	}
	before, _ := r.log.snapshot()
	if _, err := h.Invoke(t.Context(), "Stall"); !errors.Is(err, simhost.ErrStopped) {
		t.Errorf("Invoke on a closed host said %v", err)
	}
	if after, _ := r.log.snapshot(); len(after) != len(before) {
		t.Errorf("logged after Close: %+v", after[len(before):])
	}
}

func TestStartRefusesWhatItCannotHost(t *testing.T) {
	t.Parallel()
	handler := func(r *rig) map[string]any { return r.hostJSON["customHandler"].(map[string]any) }
	tests := map[string]struct {
		change func(r *rig)
		says   string
	}{
		"version":    {func(r *rig) { r.hostJSON["version"] = "1.0" }, `"2.0"`},
		"no handler": {func(r *rig) { delete(r.hostJSON, "customHandler") }, "defaultExecutablePath is required"},
		"missing file": {func(r *rig) {
			handler(r)["description"] = map[string]any{"defaultExecutablePath": "no-such-handler"}
		}, "no-such-handler"},
		"missing setting": {func(r *rig) {
			handler(r)["description"] = map[string]any{"defaultExecutablePath": "%NO_SUCH_SETTING%"}
		}, "NO_SUCH_SETTING"},
		"arguments": {func(r *rig) {
			handler(r)["description"].(map[string]any)["arguments"] = []string{"-x"}
		}, "customHandler.description.arguments is not simulated"},
		"time span": {func(r *rig) { r.hostJSON["functionTimeout"] = "soon" }, "functionTimeout"},
		"too short": {func(r *rig) { r.hostJSON["functionTimeout"] = "00:00:00" }, "00:00:01"},
		"flag":      {func(r *rig) { handler(r)["enableProxyingHttpRequest"] = "perhaps" }, "true or false"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			test.change(r)
			r.file(t, "host.json", r.hostJSON)
			h, err := simhost.Start(t.Context(), simhost.Options{ScriptRoot: r.root, Env: r.env})
			if err == nil {
				h.Close()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not tell %q", err, test.says)
			}
		})
	}
	if _, err := simhost.Start(t.Context(), simhost.Options{ScriptRoot: t.TempDir()}); err == nil {
		t.Error("started without a host.json")
	}
}

// Settings override host.json, which is how a binary of another name is run.
func TestASettingOverridesHostJSON(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	description := r.hostJSON["customHandler"].(map[string]any)["description"].(map[string]any)
	r.env = append(r.env, "AzureFunctionsJobHost__customHandler__description__DefaultExecutablePath="+description["defaultExecutablePath"].(string))
	description["defaultExecutablePath"] = "handler"
	r.timers(t, "Echo")
	invoke(t, r.start(t), "Echo")
}

// A handler that cannot even be started stops the host, but only a host that
// has a function to start it for.
func TestNoFunctionsNoProcess(t *testing.T) {
	t.Parallel()
	for functions, want := range map[string]error{"Echo": simhost.ErrStopped, "": nil} {
		t.Run(functions, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.file(t, "no-program", "text")
			r.hostJSON["customHandler"].(map[string]any)["description"] = map[string]any{"defaultExecutablePath": "no-program"}
			if functions != "" {
				r.timers(t, functions)
			}
			h := r.start(t)
			if want == nil {
				for range 300 { // ample time to fail three times
					get(t, h.URL()+"/admin/host/status", nil)
				}
				h.Close()
			}
			if err := h.Wait(t.Context()); !errors.Is(err, want) {
				t.Errorf("the host ended with %v, want %v", err, want)
			}
		})
	}
}
