package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// working answers a call by a job that ends after so many polls: then with the
// value, or by whatever ends it.
func working(p *place, call string, polls int, ends http.HandlerFunc) {
	accept := func(w http.ResponseWriter, done int) {
		w.Header().Set("Location", "/api/ops/jobs/J0B")
		w.Header().Set("Retry-After", "2")
		reply(w, http.StatusAccepted, "job",
			fmt.Sprintf(`{"id":"J0B","started":"2026-11-23T21:30:00Z","progress":{"doing":"reading users","done":%d,"total":2000}}`, done*1000))
	}
	asked := 0
	p.app.instead[call] = func(w http.ResponseWriter, _ *http.Request) { accept(w, 0) }
	p.app.instead["GET jobs/J0B"] = func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked < polls {
			accept(w, asked)
			return
		}
		ends(w, r)
	}
}

// ended is the kept answer of a job that came to the value.
func ended(name, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Storeteams-Job", "ended")
		reply(w, http.StatusOK, name, value)
	}
}

// endedBy is the kept answer of a job that failed.
func endedBy(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Storeteams-Job", "ended")
		refuse(w, status, code, message)
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	t.Run("lines", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPlace(t)
			working(p, "POST rebuild", 20, ended("rebuild", `"done"`))
			began := time.Now()
			p.run(t.Context(), "rebuild").expect(t, exitDone, "done\n", `reading users (0s): 0 of 2,000
reading users (15s): 7,000 of 2,000
reading users (30s): 15,000 of 2,000
`)
			if waited := time.Since(began); waited != 40*time.Second {
				t.Errorf("waited %s for 20 answers 2 s apart", waited)
			}
		})
	})
	t.Run("bar", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPlace(t)
			p.terminals = "err"
			working(p, "POST rebuild", 2, ended("rebuild", `"done"`))
			got := p.run(t.Context(), "rebuild")
			if got.code != exitDone || got.out != "done\n" || !strings.Contains(got.errout, "reading users (2s)  50% |███") {
				t.Errorf("code %d, stdout %q, stderr %q", got.code, got.out, got.errout)
			}
			if last := got.errout[strings.LastIndex(strings.TrimRight(got.errout, "\r"), "\r")+1:]; strings.TrimSpace(last) != "" {
				t.Errorf("the bar is left behind: %q", last)
			}
		})
	})
	t.Run("spinner", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPlace(t)
			p.terminals = "err"
			working(p, "POST rebuild", 2, ended("rebuild", `"done"`))
			p.app.instead["POST rebuild"] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "http://"+localHost+"/api/ops/jobs/J0B")
				reply(w, http.StatusAccepted, "job", `"no object"`)
			}
			got := p.run(t.Context(), "rebuild")
			if got.code != exitDone || !strings.Contains(got.errout, "working (1s)") {
				t.Errorf("code %d, stderr %q", got.code, got.errout)
			}
		})
	})
}

// TestJobsEnd has jobs end as the call itself would have, and otherwise.
func TestJobsEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, call, args string
		ends             http.HandlerFunc
		code             int
		out, errout      string
	}{
		{"changes wait", "GET plan", "plan", ended("plan", samples()["plan"]), exitWaiting, "2 changes", ""},
		{"refused", "POST explain", "explain --worker 9", endedBy(400, "invalid", "No worker has the number 9."), exitUsage, "", "No worker has the number 9\n"},
		{"unavailable", "POST runs", "run", endedBy(503, "unavailable", "commerce: no answer."), exitFailed, "", "handler: commerce: no answer\n"},
		{"failed", "POST runs", "run", endedBy(500, "internal", "Only the log has it."), exitFailed, "", "handler: Only the log has it\n"},
		{"forgotten", "POST runs", "run", func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, 404, "not_found", "There is no such job.")
		}, exitFailed, "", "There is no such job\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlace(t)
				working(p, test.call, 3, test.ends)
				got := p.run(t.Context(), strings.Fields(test.args)...)
				got.holds(t, test.code, test.out, test.errout)
				if len(p.app.asked) != 4 || strings.Contains(got.errout, "may go on") {
					t.Errorf("asked %q, stderr %q", p.app.asked, got.errout)
				}
			})
		})
	}
}

// TestJobCommand picks up every answer by its name, with its exit code.
func TestJobCommand(t *testing.T) {
	t.Parallel()
	codes := map[string]int{
		"status": exitWaiting, "plan": exitWaiting, "holds": exitWaiting, "doctor": exitFailed, "problems": exitWaiting,
	}
	for name, value := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlace(t)
				working(p, "GET nothing", 1, ended(name, value))
				got := p.run(t.Context(), "job", "J0B")
				if got.code != codes[name] || got.out == "" {
					t.Errorf("code %d, want %d; stdout %q, stderr %q", got.code, codes[name], got.out, got.errout)
				}
			})
		})
	}
	t.Run("unknown answer", func(t *testing.T) {
		t.Parallel()
		p := newPlace(t)
		working(p, "GET nothing", 1, ended("weather", `"fine"`))
		p.run(t.Context(), "job", "J0B").holds(t, exitFailed, "", "not what this command line understands")
	})
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	const goesOn = "; the work goes on in the app as job J0B\nWait for its answer with: handler job J0B\n"
	t.Run("while a job works", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPlace(t)
			working(p, "POST runs", 1000, nil)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(5*time.Second, cancel)
			p.run(ctx, "run").holds(t, exitFailed, "", "handler: stopped waiting"+goesOn)
		})
	})
	t.Run("time used up", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPlace(t)
			working(p, "POST runs", 1000, nil)
			p.run(t.Context(), "run", "--timeout", "1m").holds(t, exitFailed, "", "handler: no answer within the time of --timeout"+goesOn)
		})
	})
	for args, want := range map[string]string{
		"rebuild": "handler: stopped waiting; the app may carry it out all the same\nLook at: handler status\n",
		"status":  "handler: stopped waiting\n",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			ctx, cancel := context.WithCancel(t.Context())
			hang := func(http.ResponseWriter, *http.Request) { cancel() }
			p.app.instead["POST rebuild"], p.app.instead["GET status"] = hang, hang
			p.run(ctx, args).expect(t, exitFailed, "", want)
		})
	}
	t.Run("the app is gone while a job works", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := newPlace(t)
			working(p, "POST runs", 1000, nil)
			first := p.app.instead["POST runs"]
			p.app.instead["POST runs"] = func(w http.ResponseWriter, r *http.Request) {
				first(w, r)
				delete(p.hosts, localHost)
			}
			p.run(t.Context(), "run").holds(t, exitFailed, "", "The work may go on in the app: handler job J0B\n")
		})
	})
}

// TestRetries says what is asked again, and what is not.
func TestRetries(t *testing.T) {
	t.Parallel()
	platform := func(status int, after string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if after != "" {
				w.Header().Set("Retry-After", after)
			}
			w.WriteHeader(status)
		}
	}
	tests := []struct {
		name, call string
		args       string
		first      http.HandlerFunc
		tries      int
	}{
		{"the platform fails a read", "GET blocks", "blocks", platform(502, ""), 2},
		{"the platform fails a change", "POST rebuild", "rebuild", platform(502, ""), 1},
		{"a change is to come back", "POST rebuild", "rebuild", platform(503, "5"), 2},
		{"a read is to come back", "GET blocks", "blocks", platform(429, "5"), 2},
		{"much later", "GET blocks", "blocks", platform(429, "600"), 1},
		{"the app itself fails a read", "GET blocks", "blocks", func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, 503, "unavailable", "commerce: unavailable")
		}, 1},
		{"not found", "GET blocks", "blocks", platform(404, ""), 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlace(t)
				p.app.instead[test.call] = func(w http.ResponseWriter, r *http.Request) {
					delete(p.app.instead, test.call)
					test.first(w, r)
				}
				got := p.run(t.Context(), test.args)
				if len(p.app.asked) != test.tries || (got.code == exitDone) != (test.tries > 1) {
					t.Errorf("asked %d times, want %d; code %d, stderr %s", len(p.app.asked), test.tries, got.code, got.errout)
				}
			})
		})
	}
}

// broken is a way on which every answer is lost.
type broken struct{ asked int }

// RoundTrip implements http.RoundTripper.
func (b *broken) RoundTrip(*http.Request) (*http.Response, error) {
	b.asked++
	return nil, io.ErrUnexpectedEOF
}

// TestLostAnswers asks again where nothing can have been changed.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for command, tries := range map[string]int{"blocks": 1 + retries, "rebuild": 1} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				way := &broken{}
				code := Run(t.Context(), []string{command}, Env{
					Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Transport: way,
				})
				if code != exitFailed || way.asked != tries {
					t.Errorf("code %d, asked %d times, want %d", code, way.asked, tries)
				}
			})
		})
	}
}
