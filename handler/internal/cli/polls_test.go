package cli

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// badPolls are answers to the asking after a job, not of the job.
func badPolls() map[string]http.HandlerFunc {
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	return map[string]http.HandlerFunc{
		"503": func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, 503, "unavailable", "ledger: read a job: no answer.")
		},
		"500": func(w http.ResponseWriter, _ *http.Request) { refuse(w, 500, "internal", "Only the log has it.") },
		"429": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "5")
			refuse(w, 429, "busy", "Too many calls are under way.")
		},
		"lost":     lostJob,
		"429 page": page(429), "502 page": page(502), "503 page": page(503), "504 page": page(504),
	}
}

func lostJob(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "10")
	refuse(w, 500, "lost", "There has been no sign of life of this since noon.")
}

// TestBadPolls do not end the waiting, be they the first answer or later ones.
func TestBadPolls(t *testing.T) {
	t.Parallel()
	for name, bad := range badPolls() {
		for _, args := range []string{"rebuild", "job J0B"} {
			t.Run(name+" "+args, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := newPlace(t)
					working(p, "POST rebuild", 5, ended("rebuild", `"done"`))
					p.app.answers["rebuild"] = `"not this one"`
					good, polls := p.app.instead["GET jobs/J0B"], 0
					p.app.instead["GET jobs/J0B"] = func(w http.ResponseWriter, r *http.Request) {
						if polls++; polls == 1 || polls >= 3 && polls < 10 && name != "lost" {
							bad(w, r)
							return
						}
						good(w, r)
					}
					p.run(t.Context(), strings.Fields(args)...).holds(t, exitDone, "done\n", "")
				})
			})
		}
	}
}

// TestPollsThatStayBad end with the time there is, and say so and how to look
// again.
func TestPollsThatStayBad(t *testing.T) {
	t.Parallel()
	said := map[string]string{
		"503": "ledger: read a job: no answer", "500": "Only the log has it", "429": "Too many calls are under way",
		"429 page": "the app answered 429 Too Many Requests", "502 page": "the app answered 502 Bad Gateway",
		"503 page": "the app answered 503 Service Unavailable", "504 page": "the app answered 504 Gateway Timeout",
	}
	for name, bad := range badPolls() {
		if name == "lost" {
			continue // has a time of its own
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlace(t)
				working(p, "POST runs", 1, bad)
				began := time.Now()
				p.run(t.Context(), "run", "--timeout", "3m").holds(t, exitFailed, "",
					"handler: no answer within the time of --timeout; the work may go on in the app as job J0B\n"+
						"The app's last answer: "+said[name]+"\nWait for its answer with: handler job J0B\n")
				if waited := time.Since(began); waited != 3*time.Minute {
					t.Errorf("waited %s", waited)
				}
			})
		})
	}
}

// TestLostJobs are asked after for a minute more, counted anew when they come
// back.
func TestLostJobs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		back   int // the poll that finds the job at work again
		waited time.Duration
	}{
		"for good":        {back: 1000, waited: 62 * time.Second},
		"back for a poll": {back: 4, waited: 94 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlace(t)
				working(p, "POST runs", 1000, nil)
				works, polls := p.app.instead["GET jobs/J0B"], 0
				p.app.instead["GET jobs/J0B"] = func(w http.ResponseWriter, r *http.Request) {
					if polls++; polls == test.back {
						works(w, r)
						return
					}
					lostJob(w, r)
				}
				began := time.Now()
				p.run(t.Context(), "run").holds(t, exitFailed, "",
					"handler: There has been no sign of life of this since noon\nThe work may go on in the app: handler job J0B\n")
				if waited := time.Since(began); waited != test.waited {
					t.Errorf("waited %s, want %s", waited, test.waited)
				}
			})
		})
	}
}

// TestPollsThatAreRefused end the waiting, since asking again does not help, but
// not the work.
func TestPollsThatAreRefused(t *testing.T) {
	t.Parallel()
	const left = "The work may go on in the app: handler job J0B\n"
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusFound, http.StatusNoContent} {
		synctest.Test(t, func(t *testing.T) {
			p := newPlace(t)
			working(p, "POST runs", 2, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
			got := p.run(t.Context(), "run")
			got.holds(t, exitFailed, "", left)
			if len(p.app.asked) != 3 || !strings.HasSuffix(got.errout, left) {
				t.Errorf("%d: asked %q, stderr %q", status, p.app.asked, got.errout)
			}
		})
	}
}

// slowDesk rebuilds for a while, and fails.
type slowDesk struct{ trigger.Operations }

// Rebuild implements trigger.Decisions.
func (slowDesk) Rebuild(context.Context) (any, error) {
	<-time.After(time.Minute)
	return nil, fault.Newf(fault.Unavailable, "rebuild", "no answer")
}

// shakyJobs cannot be read each second time.
type shakyJobs struct {
	trigger.Jobs
	reads int
}

// ReadJob implements trigger.Jobs.
func (s *shakyJobs) ReadJob(ctx context.Context, id string) (state, answer []byte, err error) {
	if s.reads++; s.reads%2 == 1 {
		return nil, nil, fault.Newf(fault.Unavailable, "read job", "the table is busy")
	}
	return s.Jobs.ReadJob(ctx, id)
}

// TestBothSidesMeanTheSame has the app itself tell a job that failed from a poll
// that failed, which have the same status.
func TestBothSidesMeanTheSame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer func() { <-time.After(time.Hour) }() // by then the app's work has ended
		p := newPlace(t)
		jobs := &shakyJobs{Jobs: ledger.NewBook(new(memledger.Store), "test")}
		p.hosts[localHost] = trigger.Functions{Operations: slowDesk{}, Jobs: jobs}.Handler(slog.New(slog.DiscardHandler))
		began := time.Now()
		p.run(t.Context(), "rebuild").holds(t, exitFailed, "", "handler: rebuild: no answer\n")
		if waited := time.Since(began); waited < time.Minute || waited > 70*time.Second {
			t.Errorf("waited %s for a minute's work", waited)
		}
	})
}
