package simgraph_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// webhook is what notifications are posted to.
type webhook struct {
	status int                               // of its answers to notifications; 0: none
	greet  func(token string) *http.Response // its answers to validations
	items  []map[string]any                  // taken
	posts  int
}

func (w *webhook) RoundTrip(r *http.Request) (*http.Response, error) {
	if token := r.URL.Query().Get("validationToken"); token != "" {
		if got := w.greet(token); got != nil {
			return got, nil
		}
		return nil, errors.New("no answer")
	}
	w.posts++
	if w.status == 0 {
		return nil, errors.New("no answer")
	}
	var body struct{ Value []map[string]any }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, err
	}
	if w.status/100 == 2 {
		w.items = append(w.items, body.Value...)
	}
	return reply(w.status, "text/plain", ""), nil
}

func reply(status int, kind, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}
}

func welcoming() *webhook {
	return &webhook{status: 202, greet: func(token string) *http.Response { return reply(200, "text/plain; charset=utf-8", token) }}
}

func (w *webhook) options() simgraph.Options {
	return simgraph.Options{Client: &http.Client{Transport: w}}
}

// told are the resources that were told of, in order of their names.
func (w *webhook) told() string {
	var all []string
	for _, item := range w.items {
		resource, _ := item["resource"].(string)
		event, _ := item["lifecycleEvent"].(string)
		all = append(all, resource+event)
	}
	slices.Sort(all)
	w.items = nil
	return strings.Join(all, " ")
}

func (r *rig) wanted(resource string, life time.Duration, more ...string) map[string]any {
	body := map[string]any{
		"resource": resource, "changeType": "updated,deleted", "notificationUrl": "https://app.test/hook",
		"lifecycleNotificationUrl": "https://app.test/hook", "clientState": "s3cret",
		"expirationDateTime": r.clock.Now().Add(life).Format(time.RFC3339),
	}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i]] = more[i+1]
	}
	return body
}

const month = 28 * 24 * time.Hour

func TestSubscribing(t *testing.T) {
	t.Parallel()
	w := welcoming()
	r := newRig(t, w.options())
	for name, test := range map[string]struct {
		body map[string]any
		want int
	}{
		"groups for too long":  {r.wanted("groups", 30*24*time.Hour), 400},
		"a team for too long":  {r.wanted("teams/"+store+"/members", 2*time.Hour), 400},
		"in the past":          {r.wanted("groups", -time.Hour), 400},
		"no time":              {r.wanted("groups", month, "expirationDateTime", "soon"), 400},
		"a long state":         {r.wanted("groups", month, "clientState", strings.Repeat("x", 129)), 400},
		"http to somewhere":    {r.wanted("groups", month, "notificationUrl", "http://app.test/hook"), 400},
		"another change":       {r.wanted("groups", month, "changeType", "moved"), 400},
		"what cannot be":       {r.wanted("planner/tasks", month), 400},
		"a property of no use": {r.wanted("groups", month, "includeResourceData", "yes"), 400},
		"groups":               {r.wanted("/groups", month), 201},
		"users":                {r.wanted("users", month), 201},
		"a team":               {r.wanted("teams/"+store+"/members", time.Hour), 201},
	} {
		got := r.do("POST", "/subscriptions", test.body)
		if got.status != test.want {
			t.Errorf("%s: %d, want %d", name, got.status, test.want)
		}
	}
	r.want(409, "POST", "/subscriptions", r.wanted("/groups", month))
	if got := strings.Join(r.tenant.Subscriptions(), " "); got != "groups teams/"+store+"/members users" {
		t.Errorf("subscribed to %s", got)
	}
}

func TestValidation(t *testing.T) {
	t.Parallel()
	for name, greet := range map[string]func(string) *http.Response{
		"no answer":      func(string) *http.Response { return nil },
		"another status": func(token string) *http.Response { return reply(202, "text/plain", token) },
		"another token":  func(token string) *http.Response { return reply(200, "text/plain", token+"\n") },
		"another type":   func(token string) *http.Response { return reply(200, "text/html", token) },
	} {
		w := welcoming()
		w.greet = greet
		r := newRig(t, w.options())
		r.want(400, "POST", "/subscriptions", r.wanted("groups", month))
		if len(r.tenant.Subscriptions()) > 0 {
			t.Errorf("%s: subscribed all the same", name)
		}
	}
}

func TestSubscriptionsEndAndAreRenewed(t *testing.T) {
	t.Parallel()
	r := newRig(t, welcoming().options())
	r.want(201, "POST", "/subscriptions", r.wanted("groups", time.Minute)) // raised to 45
	id := r.tenant.SubscriptionTo("groups")
	r.clock.Advance(44 * time.Minute)
	r.want(204, "POST", "/subscriptions/"+id+"/reauthorize", map[string]any{})
	r.want(200, "PATCH", "/subscriptions/"+id, map[string]any{"expirationDateTime": r.clock.Now().Add(time.Hour).Format(time.RFC3339)})
	r.clock.Advance(59 * time.Minute)
	r.want(200, "GET", "/subscriptions/"+id, nil)
	r.clock.Advance(time.Minute)
	r.want(404, "GET", "/subscriptions/"+id, nil)
	r.want(404, "PATCH", "/subscriptions/"+id, map[string]any{"expirationDateTime": r.clock.Now().Add(time.Hour).Format(time.RFC3339)})
	r.want(201, "POST", "/subscriptions", r.wanted("groups", time.Hour))
	r.want(204, "DELETE", "/subscriptions/"+r.tenant.SubscriptionTo("groups"), nil)
	if len(r.tenant.Subscriptions()) > 0 {
		t.Error("deleted, and there")
	}
}

func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	w := welcoming()
	r := newRig(t, w.options())
	deliver := func(want string) {
		t.Helper()
		r.tenant.Deliver(t.Context())
		if got := w.told(); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	if err := r.tenant.AddMember(store, dora); err != nil { // before anybody listens
		t.Fatal(err)
	}
	r.want(201, "POST", "/subscriptions", r.wanted("groups", month))
	r.want(201, "POST", "/subscriptions", r.wanted("users", month))
	r.want(201, "POST", "/subscriptions", r.wanted("teams/"+store+"/members", time.Hour))
	deliver("")
	if err := r.tenant.RemoveMember(store, dora); err != nil {
		t.Fatal(err)
	}
	deliver("Groups/" + store + " teams('" + store + "')/members('MCMjMiMj')")
	r.want(204, "PATCH", "/groups/"+store, map[string]any{"description": "x"})
	deliver("Groups/" + store)
	if err := r.tenant.SetUser(anna, func(u *simgraph.User) { u.AccountEnabled = false }); err != nil {
		t.Fatal(err)
	}
	deliver("Users/" + anna)
	if !r.tenant.Lifecycle(r.tenant.SubscriptionTo("users"), "reauthorizationRequired") {
		t.Error("no address for lifecycle events")
	}
	deliver("reauthorizationRequired")
	r.tenant.Lifecycle(r.tenant.SubscriptionTo("users"), "subscriptionRemoved")
	deliver("subscriptionRemoved")
	if r.tenant.SubscriptionTo("users") != "" {
		t.Error("removed, and there")
	}
}

func TestDeliveryIsTriedForFourHours(t *testing.T) {
	t.Parallel()
	w := welcoming()
	r := newRig(t, w.options())
	r.want(201, "POST", "/subscriptions", r.wanted("groups", month))
	w.status = 503
	r.want(204, "PATCH", "/groups/"+store, map[string]any{"description": "x"})
	r.tenant.Deliver(t.Context())
	r.tenant.Deliver(t.Context()) // not due yet
	if w.posts != 1 {
		t.Errorf("%d posts", w.posts)
	}
	w.status = 0
	r.clock.Advance(10 * time.Second)
	r.tenant.Deliver(t.Context())
	w.status = 202
	r.clock.Advance(20 * time.Second)
	if n := r.tenant.Deliver(t.Context()); n != 1 || w.told() != "Groups/"+store {
		t.Errorf("%d items", n)
	}
	w.status = 500
	r.want(204, "PATCH", "/groups/"+store, map[string]any{"description": "y"})
	for range 100 {
		r.tenant.Deliver(t.Context())
		r.clock.Advance(5 * time.Minute)
	}
	if n := r.tenant.Undelivered(); n != 0 {
		t.Errorf("%d items are tried for ever", n)
	}
}

func TestFates(t *testing.T) {
	t.Parallel()
	w := welcoming()
	var next simgraph.Fate
	opts := w.options()
	opts.Fate = func(simgraph.Notification) simgraph.Fate { return next }
	r := newRig(t, opts)
	r.want(201, "POST", "/subscriptions", r.wanted("groups", month))
	changes := 0
	change := func(fate simgraph.Fate) int {
		next = fate
		changes++
		r.want(204, "PATCH", "/groups/"+store, map[string]any{"description": strings.Repeat("x", changes)})
		return r.tenant.Deliver(t.Context())
	}
	if n := change(simgraph.Fate{Drop: true}); n != 0 {
		t.Errorf("dropped: %d", n)
	}
	if n := change(simgraph.Fate{Twice: true}); n != 2 {
		t.Errorf("twice: %d", n)
	}
	if n := change(simgraph.Fate{Delay: time.Minute}); n != 0 {
		t.Errorf("late: %d", n)
	}
	r.clock.Advance(time.Minute)
	if n := r.tenant.Deliver(t.Context()); n != 1 {
		t.Errorf("a minute later: %d", n)
	}
}

// An address that answers late gets what is new later, and if it goes on nothing
// for a while, which nobody makes good.
func TestSlowEndpoints(t *testing.T) {
	t.Parallel()
	w := welcoming()
	opts := w.options()
	late := 0 // of a hundred answers
	posts := 0
	var r *rig
	opts.Client = &http.Client{Transport: transport(func(req *http.Request) (*http.Response, error) {
		if req.URL.Query().Get("validationToken") == "" {
			if posts++; posts%100 >= 100-late {
				r.clock.Advance(11 * time.Second)
			}
		}
		return w.RoundTrip(req)
	})}
	r = newRig(t, opts)
	r.want(201, "POST", "/subscriptions", r.wanted("groups", month))
	n := 0
	change := func(times int) (told int) {
		for range times {
			n++
			r.want(204, "PATCH", "/groups/"+store, map[string]any{"description": strings.Repeat("x", n%50+1)})
			told += r.tenant.Deliver(t.Context())
			r.clock.Advance(time.Second)
		}
		return told
	}
	if told := change(100); told != 100 {
		t.Errorf("quick: %d of 100", told)
	}
	late, posts = 24, 0
	change(100)
	late = 0
	if told := change(1); told != 0 || r.tenant.Undelivered() == 0 {
		t.Errorf("slow: %d at once", told)
	}
	r.clock.Advance(time.Minute)
	r.tenant.Deliver(t.Context())
	late, posts = 100, 0
	change(40)
	late = 0
	if told := change(1); told != 0 || r.tenant.Undelivered() != 0 {
		t.Errorf("dropped: %d told, %d wait", told, r.tenant.Undelivered())
	}
	r.clock.Advance(11 * time.Minute)
	if told := change(5); told != 5 {
		t.Errorf("later: %d of 5", told)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
