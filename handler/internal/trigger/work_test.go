package trigger_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// platform is when Azure's front end answers in our place, and nobody learns
// what happened.
const platform = 230 * time.Second

// watched makes the desk's work last so long, and returns how it ended: nil
// while it goes on.
func watched(d *desk, lasts time.Duration) *atomic.Pointer[string] {
	ended := new(atomic.Pointer[string])
	d.work = func(ctx context.Context, asked string) error {
		err := lasting(lasts)(ctx, asked)
		how := "done"
		if err != nil {
			how = err.Error()
		}
		ended.Store(&how)
		return err
	}
	return ended
}

// wantEnded checks how work ended; "" is not at all.
func wantEnded(t *testing.T, what string, got *atomic.Pointer[string], want string) {
	t.Helper()
	synctest.Wait()
	how := ""
	if p := got.Load(); p != nil {
		how = *p
	}
	if how != want {
		t.Errorf("%s: the work ended %q, want %q", what, how, want)
	}
}

// TestCallsThatCannotBecomeJobs are waited for as long as the platform allows.
func TestCallsThatCannotBecomeJobs(t *testing.T) {
	t.Parallel()
	hanging := func(ctx context.Context) error { return untilEnded(ctx, "") }
	for name, begin := range map[string]func(context.Context) error{"down": down, "hanging": hanging} {
		for _, sent := range operatorRequests() {
			for lasts, status := range map[time.Duration]int{
				30 * time.Second: http.StatusOK, 90 * time.Second: http.StatusOK, time.Hour: http.StatusServiceUnavailable,
			} {
				inItsTime(t, func(t *testing.T) {
					h := newHouse()
					h.desk.work = lasting(lasts)
					h.functions.Jobs = &shaky{Jobs: h.functions.Jobs, begin: begin}
					began := time.Now()
					got := sent.put(t.Context(), h.handler())
					if spent := time.Since(began); got.status != status || spent >= platform || status != 200 && spent < 200*time.Second {
						t.Errorf("%s, %s: %d %s after %v", name, sent, got.status, got.body, spent)
					}
					if told := h.journal.lines(t, "job not begun"); len(told) != 1 || told[0]["invocation"] != invocationID {
						t.Errorf("%s, %s: logged %v", name, sent, told)
					}
				})
			}
		}
	}
}

// TestWaitingEndsWithoutAJob: what reads ends with the waiting, what changes
// something does not, and how it fails is in the log.
func TestWaitingEndsWithoutAJob(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"read": "context canceled", "change": ""} {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			ended := watched(h.desk, 10*time.Minute)
			h.functions.Jobs = &shaky{Jobs: h.functions.Jobs, begin: down}
			aCall[name].put(t.Context(), h.handler()).wantError(t, http.StatusServiceUnavailable, "unavailable")
			wantEnded(t, name, ended, want)
			if want == "" {
				<-time.After(10 * time.Minute)
				wantEnded(t, name, ended, "done")
			}
		})
	}
}

// TestCallersWhoLeave end what only reads, and no change that is under way.
func TestCallersWhoLeave(t *testing.T) {
	t.Parallel()
	failure := fault.Newf(fault.Unavailable, "write block", "no answer")
	for _, sent := range operatorRequests() {
		changes := sent.method == http.MethodPost && !strings.HasSuffix(sent.path, "/explain") && !strings.HasSuffix(sent.path, "/doctor")
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			h.desk.err = failure
			ended := watched(h.desk, time.Minute)
			ctx, leave := context.WithTimeout(t.Context(), 10*time.Second)
			defer leave()
			front := h.handler()
			began := time.Now()
			if got := sent.put(ctx, front); got.status != 499 || time.Since(began) != 10*time.Second {
				t.Errorf("%s: %d after %v", sent, got.status, time.Since(began))
			}
			logged := 0
			if changes {
				wantEnded(t, sent.String(), ended, "")
				<-time.After(time.Minute)
				wantEnded(t, sent.String(), ended, "done")
				logged = 1
			} else {
				wantEnded(t, sent.String(), ended, "context canceled")
			}
			if failed := h.journal.lines(t, "call failed"); len(failed) != logged {
				t.Errorf("%s: logged %v", sent, failed)
			}
			h.desk.nowDoes(nil)
			if got := sent.put(t.Context(), front); got.status != http.StatusOK {
				t.Errorf("%s: the next call got %d", sent, got.status)
			}
		})
	}
}

// TestCallersWhoLeaveTheLine are not waited for, whatever they wanted.
func TestCallersWhoLeaveTheLine(t *testing.T) {
	t.Parallel()
	for name, sent := range aCall {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			h.desk.work = lasting(time.Minute)
			front := h.handler()
			first := sent.put(t.Context(), front).wantJob(t)
			ctx, leave := context.WithTimeout(t.Context(), time.Second)
			defer leave()
			if got := sent.put(ctx, front); got.status != 499 {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
			<-time.After(10 * time.Minute)
			if got := first.poll(t.Context(), front); got.status != http.StatusOK {
				t.Errorf("%s: the one before is %d", name, got.status)
			}
			if did := h.desk.did(); len(did) != 1 {
				t.Errorf("%s: did %q", name, did)
			}
		})
	}
}

// TestCallersWhoLeaveAJob change nothing about it.
func TestCallersWhoLeaveAJob(t *testing.T) {
	t.Parallel()
	for name, sent := range aCall {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			h.desk.work = lasting(time.Minute)
			front := h.handler()
			ctx, leave := context.WithCancel(t.Context())
			j := sent.put(ctx, front).wantJob(t)
			leave()
			<-time.After(time.Minute)
			if got := j.poll(t.Context(), front); got.status != http.StatusOK {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		})
	}
}

// TestStoppingServer lets jobs end for a while and then ends them; either way
// what came of them can be asked for elsewhere.
func TestStoppingServer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lasts  time.Duration
		ended  string
		status int
		code   string
	}{
		"in time":     {lasts: 35 * time.Second, ended: "done", status: http.StatusOK},
		"not in time": {lasts: time.Hour, ended: "context canceled", status: http.StatusServiceUnavailable, code: "canceled"},
	} {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			ended := watched(h.desk, tc.lasts)
			s := serve(t, 20*time.Second, h.handler().ServeHTTP, false)
			j := s.ask(t, aCall["change"]).wantJob(t)
			s.stop()
			if err := <-s.end; err != nil {
				t.Errorf("%s: Serve: %v", name, err)
			}
			wantEnded(t, name, ended, tc.ended)
			got := j.poll(t.Context(), h.handler())
			if got.status != tc.status {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
			if tc.code != "" {
				got.wantError(t, tc.status, tc.code)
			}
		})
	}
}

// TestStoppingServerAnswersWhoWaits with how their call ended.
func TestStoppingServerAnswersWhoWaits(t *testing.T) {
	t.Parallel()
	for name, sent := range aCall {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			ended := watched(h.desk, time.Hour)
			s := serve(t, time.Second, h.handler().ServeHTTP, false)
			answers := make(chan response, 1)
			go func() { answers <- s.ask(t, sent) }()
			synctest.Wait()
			s.stop()
			if err := <-s.end; err != nil {
				t.Errorf("%s: Serve: %v", name, err)
			}
			(<-answers).wantError(t, http.StatusServiceUnavailable, "canceled")
			wantEnded(t, name, ended, "context canceled")
		})
	}
}

// TestStoppingServerAbandonsJobsThatHang: the process has to end.
func TestStoppingServerAbandonsJobsThatHang(t *testing.T) {
	t.Parallel()
	inItsTime(t, func(t *testing.T) {
		h := newHouse()
		hung := make(chan struct{})
		h.desk.work = func(context.Context, string) error {
			<-hung
			return nil
		}
		s := serve(t, time.Second, h.handler().ServeHTTP, false)
		s.ask(t, aCall["change"]).wantJob(t)
		s.stop()
		if err := <-s.end; !fault.Is(err, fault.Unavailable) {
			t.Errorf("Serve: %v, want a fault that says work was lost", err)
		}
		close(hung)
	})
}

// TestLineIsServedInOrder: first come, first served, and how long the others
// wait counts.
func TestLineIsServedInOrder(t *testing.T) {
	t.Parallel()
	inItsTime(t, func(t *testing.T) {
		h := newHouse()
		h.desk.work = lasting(20 * time.Second)
		front := h.handler()
		var jobs []job
		began := time.Now()
		done := make(chan struct{})
		for n := range 5 {
			go func() {
				defer func() { done <- struct{}{} }()
				<-time.After(time.Duration(n) * time.Millisecond)
				got := request{method: http.MethodPost, path: "/api/ops/runs", body: `{"store":"` + string(rune('0'+n)) + `"}`}.put(t.Context(), front)
				if n == 0 {
					if got.status != http.StatusOK {
						t.Errorf("the first got %d", got.status)
					}
					return
				}
				j := got.wantJob(t)
				if want := map[bool]string{true: "working", false: "waiting in line"}[n == 1]; j.Progress.Doing != want {
					t.Errorf("number %d is %s, want %s", n, j.Progress.Doing, want)
				}
				if n == 4 {
					jobs = append(jobs, j)
				}
			}()
		}
		for range 5 {
			<-done
		}
		<-time.After(100*time.Second - time.Since(began) - time.Second)
		jobs[0].poll(t.Context(), front).wantJob(t)
		<-time.After(2 * time.Second)
		if got := jobs[0].poll(t.Context(), front); got.status != http.StatusOK {
			t.Errorf("the last is %d %s", got.status, got.body)
		}
		var stores []string
		for _, line := range h.desk.did() {
			stores = append(stores, line[len(line)-1:])
		}
		if !slices.Equal(stores, []string{"0", "1", "2", "3", "4"}) {
			t.Errorf("worked on %q", stores)
		}
	})
}
