package trigger_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestKilledProcess: nobody renews its job, and those who ask are told.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	inItsTime(t, func(t *testing.T) {
		h := newHouse()
		h.desk.work = lasting(10 * time.Minute)
		others := h.handler()
		var killed atomic.Bool
		dead := func(context.Context) error {
			if killed.Load() {
				return errors.New("this process is no more")
			}
			return nil
		}
		theirs := h
		theirs.functions.Jobs = &shaky{Jobs: h.functions.Jobs, renew: dead, end: dead}
		theirs.journal = &journal{}
		j := aCall["change"].put(t.Context(), theirs.handler()).wantJob(t)
		<-time.After(62 * time.Second) // the last sign of life is 2 s old
		killed.Store(true)
		<-time.After(27 * time.Second)
		j.poll(t.Context(), others).wantJob(t)
		<-time.After(time.Second)
		for range 2 {
			wantLost(t, j.poll(t.Context(), others), j.Started.Add(85*time.Second))
		}
	})
}

// TestCutOffProcess cannot renew its job, but works on: the job is lost only
// until the ledger can be reached again.
func TestCutOffProcess(t *testing.T) {
	t.Parallel()
	inItsTime(t, func(t *testing.T) {
		h := newHouse()
		h.desk.work = lasting(3 * time.Minute)
		h.functions.Jobs = &shaky{Jobs: h.functions.Jobs, renew: firstTries(7)}
		front := h.handler()
		j := aCall["change"].put(t.Context(), front).wantJob(t)
		<-time.After(32 * time.Second)
		wantLost(t, j.poll(t.Context(), front), j.Started.Add(25*time.Second))
		<-time.After(10 * time.Second)
		j.poll(t.Context(), front).wantJob(t)
		<-time.After(3 * time.Minute)
		if got := j.poll(t.Context(), front); got.status != http.StatusOK {
			t.Errorf("in the end the job is %d %s", got.status, got.body)
		}
	})
}

// wantLost checks that a job is said to have shown no sign of life since then,
// and no more than that.
func wantLost(t *testing.T, got response, since time.Time) {
	t.Helper()
	got.wantEnded(t, false)
	message := got.wantError(t, http.StatusInternalServerError, "lost")
	if !strings.Contains(message, "no sign of life of this since "+since.UTC().Format(time.RFC3339)+":") ||
		!strings.Contains(message, "may go on") || got.header.Get("Retry-After") != "10" {
		t.Errorf("since %v: got %v %s", since, got.header, got.body)
	}
}

// TestPollsThatFail are told apart from jobs that failed.
func TestPollsThatFail(t *testing.T) {
	t.Parallel()
	inItsTime(t, func(t *testing.T) {
		h := newHouse()
		h.desk.work = lasting(time.Minute)
		jobs := &shaky{Jobs: h.functions.Jobs}
		h.functions.Jobs = jobs
		front := h.handler()
		j := aCall["change"].put(t.Context(), front).wantJob(t)
		<-time.After(2 * time.Minute)
		jobs.read = firstTries(1)
		failed := j.poll(t.Context(), front)
		failed.wantEnded(t, false)
		failed.wantError(t, http.StatusServiceUnavailable, "unavailable")
		j.poll(t.Context(), front).wantEnded(t, true)
	})
}
