package orgsync_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/notify"
	"github.com/storeteams/storeteams/handler/internal/orgchange"
	"github.com/storeteams/storeteams/handler/internal/subscription"
	"github.com/storeteams/storeteams/handler/internal/webhook"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// posted is a message on the queue.
type posted struct {
	body []byte
	due  time.Time
}

// queue is a Service Bus queue in memory: messages from a time on, and ids that
// it had in the last ten minutes it drops.
type queue struct {
	waiting []posted
	had     map[string]time.Time
	letters int
	full    bool // it takes nothing
}

func (q *queue) Send(ctx context.Context, hints []hint.Hint) error {
	for _, h := range hints {
		if err := q.SendAt(ctx, h, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

func (q *queue) SendAt(_ context.Context, h hint.Hint, at time.Time) error {
	if q.full {
		return fault.Newf(fault.Unavailable, "send", "the queue is away")
	}
	if id := h.MessageID(); id != "" {
		if when, had := q.had[id]; had && time.Since(when) < 10*time.Minute {
			return nil
		}
		q.had[id] = time.Now()
	}
	q.waiting = append(q.waiting, posted{h.Encode(), at})
	return nil
}

func (q *queue) DeadLetter(context.Context, hint.Hint, string, string) error {
	q.letters++
	return nil
}

func (q *queue) DeadLetterBody(context.Context, []byte, string, string) error {
	q.letters++
	return nil
}

// next takes the message that is due first; false: none is.
func (q *queue) next() (posted, bool) {
	slices.SortStableFunc(q.waiting, func(a, b posted) int { return a.due.Compare(b.due) })
	if len(q.waiting) == 0 || q.waiting[0].due.After(time.Now()) {
		return posted{}, false
	}
	first := q.waiting[0]
	q.waiting = q.waiting[1:]
	return first, true
}

// hinted is a bench that Graph and Commerce tell of changes.
type hinted struct {
	*bench
	queue  *queue
	hook   *webhook.Hook
	keys   *notify.Keys
	events orgchange.Events
	rng    *rand.Rand

	kills bool                 // processes die on their way
	fate  func() simgraph.Fate // of notifications
	took  []string             // who was taken out, by the engine
}

const hookAddress = "https://app.test/api/graph/notifications"

// newHinted is a chain in full mode whose app is told of changes and whose
// subscriptions are made. Commerce's reading serves for an hour.
func newHinted(t *testing.T, stores, workers int, seed uint64) *hinted {
	t.Helper()
	h := &hinted{
		queue: &queue{had: map[string]time.Time{}}, rng: rand.New(rand.NewPCG(seed, 1)),
		fate: func() simgraph.Fate { return simgraph.Fate{} },
	}
	h.bench = newFullWith(t, stores, workers, simgraph.Options{
		Seed: seed, Client: &http.Client{Transport: h},
		Fate:     func(simgraph.Notification) simgraph.Fate { return h.fate() },
		OnRemove: func(_, user string) { h.took = append(h.took, user) },
	})
	h.maxAge = time.Hour
	var err error
	h.keys, err = notify.NewKeys(h.settings.Instance, "t", []notify.Key{{ID: "k", Secret: bytes.Repeat([]byte("k"), 32)}})
	must(t, err)
	h.hook = &webhook.Hook{Keys: h.keys, TenantID: "84841066-274d-4ec0-a5c1-276be684bdd3", Queue: h.queue, Log: slog.New(slog.DiscardHandler)}
	h.events = orgchange.Events{Org: h.queue, Log: slog.New(slog.DiscardHandler)}
	h.tick(t)
	must(t, h.keeper(t).Run(t.Context(), "test"))
	h.quiet(t, time.Minute)
	h.took = nil
	return h
}

// RoundTrip is the way from Graph to the app.
func (h *hinted) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if token := r.URL.Query().Get("validationToken"); token != "" {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, token)
		return w.Result(), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.WriteHeader(map[bool]int{true: 202, false: 503}[h.hook.Accept(r.Context(), body) == nil])
	return w.Result(), nil
}

func (h *hinted) tenantClient(t *testing.T) *graph.Client {
	t.Helper()
	out, base := h.client(t, "http://127.0.0.1/v1.0", "graph", h.tenant)
	c, err := graph.New(out, base, graph.Options{Log: h.log})
	must(t, err)
	return c
}

func (h *hinted) keeper(t *testing.T) *subscription.Keeper {
	t.Helper()
	return subscription.New(subscription.Parts{
		Graph: h.tenantClient(t), Queue: h.queue, Book: h.book(), Keys: h.keys,
	}, subscription.Settings{
		Instance: h.settings.Instance, URL: hookAddress, Life: 28 * 24 * time.Hour, CanaryInterval: time.Hour,
	})
}

// receive has a process of its own deal with a message. It may be killed on its
// way; then the queue delivers the message again.
func (h *hinted) receive(t *testing.T, m posted) {
	t.Helper()
	p := &asker{began: time.Now()}
	p.ctx, p.kill = context.WithCancel(t.Context())
	defer p.kill()
	if h.kills && h.rng.IntN(3) == 0 {
		p.last, p.after = 1+h.rng.IntN(25), h.rng.IntN(2) == 0
	}
	whole := h.bench
	mine := *whole
	mine.store = diary{asker: p, Store: whole.store}
	mine.wrap = func(way http.RoundTripper) http.RoundTripper { return doomed{way, p} }
	inbox := orgchange.New(orgchange.Parts{
		Looker: mine.syncer(t), Subscriptions: h.keeper(t), Book: mine.book(), Queue: h.queue,
	})
	if err := inbox.Receive(p.ctx, m.body); err != nil {
		h.queue.waiting = append(h.queue.waiting, posted{m.body, time.Now().Add(time.Second)})
	}
}

// doomed is a way to the servers of a process that may die.
type doomed struct {
	way   http.RoundTripper
	asker *asker
}

func (d doomed) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if !d.asker.alive() {
		return nil, errKilled
	}
	if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "$batch") {
		return d.way.RoundTrip(r)
	}
	if err := d.asker.effect(func() (err error) { resp, err = d.way.RoundTrip(r); return err }); err != nil {
		return nil, errors.Join(errKilled, err)
	}
	return resp, nil
}

// quiet lets time go by in which notifications and messages are delivered, and
// no timer runs.
func (h *hinted) quiet(t *testing.T, d time.Duration) {
	t.Helper()
	for range d / time.Second {
		pass(time.Second)
		h.tenant.Deliver(t.Context())
		for {
			m, due := h.queue.next()
			if !due {
				break
			}
			h.receive(t, m)
		}
	}
}
