package trigger_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/progress"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

var _ trigger.Jobs = (*ledger.Book)(nil)

// aCall is a call of each kind: one that reads and one that changes something.
var aCall = map[string]request{
	"read":   {method: http.MethodGet, path: "/api/ops/plan"},
	"change": {method: http.MethodPost, path: "/api/ops/runs"},
}

// TestLongCallsBecomeJobs: what takes longer than patience is answered with a
// job's path, at which any process has the answer the call would have had.
func TestLongCallsBecomeJobs(t *testing.T) {
	t.Parallel()
	for _, sent := range operatorRequests() {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			want := sent.put(t.Context(), h.handler())
			h.desk = &desk{work: lasting(40 * time.Second)}
			h.functions.Operations = h.desk
			began := time.Now()
			ours, others := h.handler(), h.handler()

			j := sent.put(t.Context(), ours).wantJob(t)
			if waited := time.Since(began); waited != trigger.DefaultPatience || !j.Started.Equal(began) {
				t.Errorf("%s: answered after %v, started %v", sent, waited, j.Started)
			}
			for _, front := range []http.Handler{ours, others} {
				if now := j.poll(t.Context(), front).wantJob(t); now.ID != j.ID || !now.Started.Equal(began) {
					t.Errorf("%s: job %+v became %+v", sent, j, now)
				}
			}
			<-time.After(60 * time.Second) // block and the like show the blocks after it
			for _, front := range []http.Handler{ours, others, others} {
				got := j.poll(t.Context(), front)
				got.wantEnded(t, true)
				if got.status != want.status || got.body != want.body || got.header.Get("Content-Type") != want.header.Get("Content-Type") {
					t.Errorf("%s: got %d %s, want %d %s", sent, got.status, got.body, want.status, want.body)
				}
			}
			if logged := h.journal.whole(); logged != "" {
				t.Errorf("%s: logged %s", sent, logged)
			}
		})
	}
}

func TestPatienceCanBeSet(t *testing.T) {
	t.Parallel()
	inItsTime(t, func(t *testing.T) {
		h := newHouse()
		h.functions.Patience = time.Second
		h.desk.work = lasting(2 * time.Second)
		began := time.Now()
		aCall["read"].put(t.Context(), h.handler()).wantJob(t)
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("answered after %v", waited)
		}
	})
}

// TestJobsThatFail are answered with the status and error of the call, and
// their failure is in the log once.
func TestJobsThatFail(t *testing.T) {
	t.Parallel()
	for code, tc := range map[string]struct {
		work   func() error
		answer any
		status int
		logged int
	}{
		"not_found":   {work: func() error { return fault.Newf(fault.NotFound, "read store", "there is none") }, status: 404},
		"unavailable": {work: func() error { return fault.Newf(fault.Unavailable, "read store", "no answer") }, status: 503, logged: 1},
		"internal":    {work: func() error { panic("kim@contoso.com") }, status: 500, logged: 1},
		"answer_too_long": {
			work: func() error { return nil }, answer: strings.Repeat("x", 32<<20), status: 500, logged: 1,
		},
	} {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			h.desk.answer = tc.answer
			h.desk.work = func(context.Context, string) error {
				<-time.After(time.Minute)
				return tc.work()
			}
			j := aCall["read"].put(t.Context(), h.handler()).wantJob(t)
			<-time.After(time.Minute)
			for range 2 {
				got := j.poll(t.Context(), h.handler())
				got.wantEnded(t, true)
				got.wantError(t, tc.status, code)
			}
			failed := h.journal.lines(t, "call failed")
			if len(failed) != tc.logged || tc.logged == 1 && failed[0]["invocation"] != invocationID {
				t.Errorf("%s: logged %v", code, failed)
			}
		})
	}
}

func TestJobsShowTheirProgress(t *testing.T) {
	t.Parallel()
	inItsTime(t, func(t *testing.T) {
		h := newHouse()
		h.desk.work = func(ctx context.Context, _ string) error {
			<-time.After(27 * time.Second)
			for n := range 100 {
				progress.Report(ctx, progress.Progress{Doing: "reading stores", Done: n, Total: 100})
				<-time.After(time.Second)
			}
			return nil
		}
		front := h.handler()
		j := aCall["read"].put(t.Context(), front).wantJob(t)
		if want := (progress.Progress{Doing: "working"}); j.Progress != want {
			t.Errorf("shows %+v, want %+v", j.Progress, want)
		}
		<-time.After(30*time.Second - time.Since(j.Started) + time.Millisecond) // renewed at 30 s, 3 s after it was at none
		if now := j.poll(t.Context(), h.handler()).wantJob(t); now.Progress.Doing != "reading stores" || now.Progress.Total != 100 ||
			now.Progress.Done < 2 || now.Progress.Done > 3 {
			t.Errorf("after 30 s it shows %+v", now.Progress)
		}
		<-time.After(30 * time.Second)
		if now := j.poll(t.Context(), h.handler()).wantJob(t); now.Progress.Done < 32 || now.Progress.Done > 33 {
			t.Errorf("after 60 s it shows %+v", now.Progress)
		}
	})
}

// TestJobsLiveAsLongAsTheirWork, and no longer than it may.
func TestJobsLiveAsLongAsTheirWork(t *testing.T) {
	t.Parallel()
	for name, sent := range aCall {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			h.desk.work = untilEnded
			began := time.Now()
			j := sent.put(t.Context(), h.handler()).wantJob(t)
			for time.Since(began) < 25*time.Minute-10*time.Second {
				j.poll(t.Context(), h.handler()).wantJob(t)
				<-time.After(9 * time.Second)
			}
			<-time.After(10 * time.Second)
			j.poll(t.Context(), h.handler()).wantError(t, http.StatusServiceUnavailable, "unavailable")
			if failed := h.journal.lines(t, "call failed"); len(failed) != 1 {
				t.Errorf("%s: logged %v", name, failed)
			}
		})
	}
}

// TestJobsOutliveALedgerThatFails for a while, whatever it is asked to do.
func TestJobsOutliveALedgerThatFails(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]func(*shaky){
		"renewing": func(s *shaky) { s.renew = firstTries(5) },
		"ending":   func(s *shaky) { s.end = firstTries(5) },
		"hanging": func(s *shaky) {
			s.renew = func(ctx context.Context) error { return untilEnded(ctx, "") }
		},
	} {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			h.desk.work = lasting(45 * time.Second)
			jobs := &shaky{Jobs: h.functions.Jobs}
			failing(jobs)
			h.functions.Jobs = jobs
			j := aCall["change"].put(t.Context(), h.handler()).wantJob(t)
			for got := j.poll(t.Context(), h.handler()); got.status != http.StatusOK; got = j.poll(t.Context(), h.handler()) {
				if got.status != http.StatusAccepted || time.Since(j.Started) > 2*time.Minute {
					t.Fatalf("%s: after %v the job is %d %s", name, time.Since(j.Started), got.status, got.body)
				}
				<-time.After(time.Second)
			}
			if failed := h.journal.lines(t, "call failed"); len(failed) != 0 {
				t.Errorf("%s: logged %v", name, failed)
			}
		})
	}
}

// TestAnswersThatCannotBeKept are lost, and the log says so once.
func TestAnswersThatCannotBeKept(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context) error{
		"down":      down,
		"forgotten": func(context.Context) error { return fault.Newf(fault.NotFound, "end job", "there is no such job") },
		"panic":     func(context.Context) error { panic("no memory") },
	} {
		inItsTime(t, func(t *testing.T) {
			h := newHouse()
			h.desk.work = lasting(30 * time.Second)
			h.functions.Jobs = &shaky{Jobs: h.functions.Jobs, end: end}
			front := h.handler()
			j := aCall["change"].put(t.Context(), front).wantJob(t)
			<-time.After(2 * time.Minute)
			j.poll(t.Context(), front).wantError(t, http.StatusInternalServerError, "lost")
			failed := h.journal.lines(t, "call failed")
			if len(failed) != 2 || !strings.Contains(failed[0]["err"].(string), j.ID) {
				t.Errorf("%s: logged %v, want why the answer is not kept, and the poll", name, failed)
			}
			h.desk.nowDoes(nil)
			if got := aCall["change"].put(t.Context(), front); got.status != http.StatusOK {
				t.Errorf("%s: the next call got %d", name, got.status)
			}
		})
	}
}

func TestJobsThatAreNotThere(t *testing.T) {
	t.Parallel()
	inItsTime(t, func(t *testing.T) {
		h := newHouse()
		h.desk.work = lasting(time.Minute)
		front := h.handler()
		job{ID: jobID}.poll(t.Context(), front).wantError(t, http.StatusNotFound, "not_found")
		old := aCall["read"].put(t.Context(), front).wantJob(t)
		<-time.After(24 * time.Hour)
		if got := old.poll(t.Context(), front); got.status != http.StatusOK {
			t.Errorf("after a day: %d %s", got.status, got.body)
		}
		aCall["read"].put(t.Context(), front).wantJob(t)
		old.poll(t.Context(), front).wantError(t, http.StatusNotFound, "not_found")
	})
}

func TestJobsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	h := newHouse()
	if err := h.functions.Jobs.BeginJob(t.Context(), jobID, []byte(`"no state"`), time.Now()); err != nil {
		t.Fatal(err)
	}
	job{ID: jobID}.poll(t.Context(), h.handler()).wantError(t, http.StatusInternalServerError, "internal")
}
