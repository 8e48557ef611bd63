package subscription_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/notify"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/subscription"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

const (
	address = "https://app.test/api/graph/notifications"
	team    = "bbbbbbbb-0000-4000-8000-000000000001"
	olga    = "aaaaaaaa-0000-4000-8000-000000000001"
)

// rig is a tenant with one team, and a keeper that the real client carries to it.
type rig struct {
	tenant *simgraph.Tenant
	store  *memledger.Store
	book   *ledger.Book
	keys   []notify.Key
	set    subscription.Settings
	hints  []hint.Kind
	states []string // of the notifications that were posted
	reply  int      // to validations; 0: a good one
	faults error    // of the queue
}

func key(id string) notify.Key { return notify.Key{ID: id, Secret: bytes.Repeat([]byte(id), 32)} }

func newRig(t *testing.T) *rig {
	t.Helper()
	store := new(memledger.Store)
	r := &rig{
		store: store, book: ledger.NewBook(store, "test"), keys: []notify.Key{key("a")},
		set: subscription.Settings{Instance: "test", URL: address, Life: 28 * 24 * time.Hour, MemberLife: time.Hour},
	}
	world, err := simgraph.ParseWorld([]byte(`{"users":[{"id":"` + olga + `","userPrincipalName":"o@x.example","accountEnabled":true,"userType":"Member"}],
		"groups":[{"id":"` + team + `","displayName":"S","mailNickname":"s","groupTypes":["Unified"],"mailEnabled":true,"securityEnabled":false,
		"resourceProvisioningOptions":["Team"],"members":[],"owners":[{"@odata.type":"#microsoft.graph.user","id":"` + olga + `"}]}]}`))
	must(t, err)
	r.tenant, err = simgraph.New(world, simgraph.Options{Client: &http.Client{Transport: r}})
	must(t, err)
	must(t, r.book.SaveLink(t.Context(), &ledger.Link{Team: org.TeamKey{Store: "1"}, Group: team}))
	return r
}

// RoundTrip is the way from the tenant to the app.
func (r *rig) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if token := req.URL.Query().Get("validationToken"); token != "" {
		if r.reply != 0 {
			w.WriteHeader(r.reply)
		}
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, token)
		return w.Result(), nil
	}
	var body struct {
		Value []struct{ ClientState string }
	}
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return nil, err
	}
	for _, item := range body.Value {
		r.states = append(r.states, item.ClientState)
	}
	w.WriteHeader(http.StatusAccepted)
	return w.Result(), nil
}

// Send implements subscription.Queue.
func (r *rig) Send(_ context.Context, hints []hint.Hint) error {
	if r.faults != nil {
		return r.faults
	}
	for _, h := range hints {
		r.hints = append(r.hints, h.Kind)
	}
	return nil
}

type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r = r.Clone(r.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RequestURI, r.Host = r.URL.RequestURI(), r.URL.Host
	p.handler.ServeHTTP(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func (r *rig) keeper(t *testing.T) *subscription.Keeper {
	t.Helper()
	base, err := url.Parse("http://127.0.0.1/v1.0")
	must(t, err)
	out, err := outbound.New(outbound.Options{Name: "graph", Base: base, Transport: inProcess{r.tenant}})
	must(t, err)
	client, err := graph.New(out, base, graph.Options{})
	must(t, err)
	keys, err := notify.NewKeys("test", "t", r.keys)
	must(t, err)
	return subscription.New(subscription.Parts{Graph: client, Queue: r, Book: r.book, Keys: keys}, r.set)
}

func (r *rig) run(t *testing.T) error {
	t.Helper()
	return r.keeper(t).Run(t.Context(), "test")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func pass(d time.Duration) { <-time.After(d) }

func (r *rig) subscribed(t *testing.T, want ...string) {
	t.Helper()
	if got := r.tenant.Subscriptions(); !slices.Equal(got, want) {
		t.Errorf("subscribed to %q, want %q", got, want)
	}
}

func TestSubscriptionsAreMadeOnceAndLiveOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		must(t, r.run(t))
		r.subscribed(t, "groups", "users")
		if len(r.hints) != 1 || r.hints[0] != hint.Tenant {
			t.Errorf("nobody looks at what was missed before: %v", r.hints)
		}
		groups, users := r.tenant.SubscriptionTo("groups"), r.tenant.SubscriptionTo("users")
		for range 24 * 60 {
			pass(time.Hour)
			must(t, r.run(t))
		}
		if r.tenant.SubscriptionTo("groups") != groups || r.tenant.SubscriptionTo("users") != users || len(r.hints) != 1 {
			t.Errorf("after two months they are others, or hints came: %v", r.hints)
		}
	})
}

// Of a life of an hour, renewed by a timer of a quarter: it never ends, though one
// tick in two fails.
func TestShortLivesAreRenewedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.set.Members = 5
		must(t, r.run(t))
		resource := "teams/" + team + "/members"
		r.subscribed(t, "groups", resource, "users")
		id := r.tenant.SubscriptionTo(resource)
		failing := false
		r.tenant.Inject(simgraph.Fault{Route: "PATCH /subscriptions/{id}", Do: func(w http.ResponseWriter, req *http.Request, next http.Handler) {
			if failing {
				simgraph.Refuse(403, "Forbidden", 0)(w, req, next)
				return
			}
			next.ServeHTTP(w, req)
		}})
		for range 40 {
			pass(15 * time.Minute)
			failing = !failing
			_ = r.run(t) // told elsewhere
		}
		if r.tenant.SubscriptionTo(resource) != id {
			t.Error("it ended in between")
		}
		r.set.Members = 0
		must(t, r.run(t))
		r.subscribed(t, "groups", "users")
	})
}

func TestLossIsMadeGood(t *testing.T) {
	for name, lose := range map[string]func(t *testing.T, r *rig){
		"ended": func(*testing.T, *rig) { pass(29 * 24 * time.Hour) },
		"removed": func(_ *testing.T, r *rig) {
			r.tenant.Lifecycle(r.tenant.SubscriptionTo("groups"), "subscriptionRemoved")
		},
		"our rows are gone": func(_ *testing.T, r *rig) {
			*r.store = memledger.Store{}
		},
		"the secret was exchanged": func(_ *testing.T, r *rig) { r.keys = []notify.Key{key("b"), key("a")} },
		"killed after one was made": func(t *testing.T, r *rig) {
			row, err := r.book.Subscriptions(t.Context())
			must(t, err)
			delete(row.Held, "groups")
			must(t, r.book.SaveSubscriptions(t.Context(), row))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				must(t, r.run(t))
				r.hints = nil
				lose(t, r)
				must(t, r.run(t))
				r.subscribed(t, "groups", "users")
				if !slices.Contains(r.hints, hint.Tenant) {
					t.Error("nobody looks at what was missed")
				}
				must(t, r.tenant.RenameGroup(team, "Other"))
				r.tenant.Deliver(t.Context())
				keys, err := notify.NewKeys("test", "t", r.keys[:1])
				must(t, err)
				if len(r.states) == 0 || !keys.Verify(notify.Groups, r.states[len(r.states)-1]) {
					t.Errorf("what is told is not signed with the newest secret: %q", r.states)
				}
			})
		})
	}
}

func TestLifecycle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		must(t, r.run(t))
		r.hints = nil
		id := r.tenant.SubscriptionTo("groups")
		pass(27 * 24 * time.Hour)
		must(t, r.keeper(t).React(t.Context(), "reauthorizationRequired", id))
		pass(5 * 24 * time.Hour)
		if r.tenant.SubscriptionTo("groups") != id || len(r.hints) > 0 {
			t.Errorf("it was not renewed, or hints came: %v", r.hints)
		}
		must(t, r.keeper(t).React(t.Context(), "missed", id))
		r.tenant.Lifecycle(id, "subscriptionRemoved")
		must(t, r.keeper(t).React(t.Context(), "subscriptionRemoved", id))
		r.subscribed(t, "groups", "users")
		if len(r.hints) < 2 {
			t.Errorf("nobody looks at what was missed: %v", r.hints)
		}
		must(t, r.keeper(t).React(t.Context(), "reauthorizationRequired", id)) // of one that is gone
	})
}

// What cannot be made costs the others nothing, is told, and tried again.
func TestWhatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.reply = 500
		if err := r.run(t); err == nil {
			t.Error("the address did not consent, and nobody says so")
		}
		health, err := r.keeper(t).Health(t.Context())
		must(t, err)
		if !strings.Contains(health.Wrong, "groups") || !strings.Contains(health.Wrong, "users") {
			t.Errorf("wrong is %q", health.Wrong)
		}
		r.reply = 0
		r.tenant.Inject(simgraph.Fault{Route: "POST /subscriptions", Times: 1, Do: simgraph.Refuse(403, "Forbidden", 0)})
		if err := r.run(t); err == nil {
			t.Error("refused, and nobody says so")
		}
		r.subscribed(t, "users")
		r.faults = errors.New("the queue is away")
		if err := r.run(t); err == nil {
			t.Error("the gap could not be hinted at, and nobody says so")
		}
		r.subscribed(t, "groups", "users")
	})
}

// Without an address nothing is wanted, and nothing asked.
func TestNothingWanted(t *testing.T) {
	r := newRig(t)
	r.set.URL = ""
	must(t, r.run(t))
	if len(r.tenant.Requests()) > 0 {
		t.Errorf("asked %v", r.tenant.Requests())
	}
}
