package trigger_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// kindOf says which limit the package documents for a call.
func kindOf(r request) string {
	switch strings.TrimPrefix(r.path, "/api/ops/") {
	case "plan", "explain", "unmapped", "extras", "hierarchy", "doctor", "baseline", "baseline/accept", "tasks", "tasks/problems":
		return "heavy"
	case "rebuild":
		return "acting"
	case "runs":
		if r.method == http.MethodPost {
			return "acting"
		}
	}
	return "light"
}

// wantBusy checks that the call got no place.
func wantBusy(t *testing.T, what string, got response) {
	t.Helper()
	got.wantError(t, http.StatusTooManyRequests, "busy")
	if got.header.Get("Retry-After") != "5" {
		t.Errorf("%s: Retry-After is %q", what, got.header.Get("Retry-After"))
	}
}

// TestLimits: so many calls of a kind have a place and no more; calls of other
// kinds, polls and the host's own neither wait for them nor are refused; and the
// places are free again when the calls have ended, jobs or not.
func TestLimits(t *testing.T) {
	t.Parallel()
	poll := request{method: http.MethodGet, path: "/api/ops/jobs/" + jobID}
	for _, sent := range operatorRequests() {
		places := map[string]int{"light": 8, "heavy": 5, "acting": 5}[kindOf(sent)]
		for _, lasts := range []time.Duration{10 * time.Second, time.Minute} {
			inItsTime(t, func(t *testing.T) {
				h := newHouse()
				h.desk.work = lasting(lasts)
				front := h.handler()
				var calls sync.WaitGroup
				for range places {
					calls.Go(func() {
						if got := sent.put(t.Context(), front); got.status != http.StatusOK && got.status != http.StatusAccepted {
							t.Errorf("%s: %d %s", sent, got.status, got.body)
						}
					})
				}
				synctest.Wait()
				wantBusy(t, sent.String(), sent.put(t.Context(), front))
				h.desk.nowDoes(nil) // for those that begin now
				for _, other := range operatorRequests() {
					got := other.put(t.Context(), front)
					if kindOf(other) == kindOf(sent) {
						wantBusy(t, other.String(), got)
					} else if got.status != http.StatusOK {
						t.Errorf("beside %s, %s got %d", sent, other, got.status)
					}
				}
				poll.put(t.Context(), front).wantError(t, http.StatusNotFound, "not_found")
				wantHostsCalls(t, front)
				h.desk.nowDoes(lasting(lasts))
				calls.Wait()
				<-time.After(5 * lasts)
				h.desk.nowDoes(nil)
				if got := sent.put(t.Context(), front); got.status != http.StatusOK {
					t.Errorf("afterwards %s got %d", sent, got.status)
				}
			})
		}
	}
}

// TestRevocationsWaitForNobody: while a run works and others are in its line, and
// a question has its place, somebody is out at once.
func TestRevocationsWaitForNobody(t *testing.T) {
	t.Parallel()
	inItsTime(t, func(t *testing.T) {
		h := newHouse()
		h.desk.work = func(ctx context.Context, asked string) error {
			if strings.HasPrefix(asked, "revoke") {
				return nil
			}
			return lasting(5*time.Minute)(ctx, asked)
		}
		front := h.handler()
		for _, long := range []request{aCall["change"], requestTo(http.MethodPost, "/api/ops/rebuild"), aCall["read"]} {
			long.put(t.Context(), front).wantJob(t)
		}
		began := time.Now()
		got := requestTo(http.MethodPost, "/api/ops/revoke").put(t.Context(), front)
		if got.status != http.StatusOK || time.Since(began) != 0 {
			t.Errorf("%d %s after %v", got.status, got.body, time.Since(began))
		}
	})
}

// wantHostsCalls checks that what the host itself calls is answered.
func wantHostsCalls(t *testing.T, front http.Handler) {
	t.Helper()
	for _, own := range []request{{method: http.MethodGet, path: "/"}, {method: http.MethodPost, path: "/OrgSync", body: "{}"}} {
		if got := own.put(t.Context(), front); got.status != http.StatusOK {
			t.Errorf("the host got %d for %s", got.status, own)
		}
	}
}

// TestPanicsGiveTheirPlaceBack, and so do calls that were not understood.
func TestPanicsGiveTheirPlaceBack(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.desk.work = func(context.Context, string) error { panic("again") }
	front := h.handler()
	for _, sent := range operatorRequests() {
		for range 10 {
			sent.put(t.Context(), front).wantError(t, http.StatusInternalServerError, "internal")
			odd := sent
			odd.path += "?format=text"
			odd.put(t.Context(), front).wantError(t, http.StatusBadRequest, "invalid")
		}
	}
}
