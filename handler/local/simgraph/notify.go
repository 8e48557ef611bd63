package simgraph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Notification is an item on its way to a webhook.
type Notification struct {
	Subscription string
	Resource     string // empty of a lifecycle item
	Lifecycle    string
}

// Fate is what becomes of an item.
type Fate struct {
	Drop  bool
	Twice bool
	Delay time.Duration
}

// notice is an item to be delivered.
type notice struct {
	url   string
	body  map[string]any
	due   time.Time
	first time.Time     // when it was first tried; zero: not yet
	pause time.Duration // before the next try
}

const (
	firstPause = 5 * time.Second
	giveUp     = 4 * time.Hour // after the first try
	mostItems  = 100           // in a body, unless Options.NotifyBatch says otherwise
)

// Deliver posts the notifications that are due, and returns how many items were
// taken by their webhooks. What was not taken is due again later. One call at a
// time delivers; others wait for it.
func (t *Tenant) Deliver(ctx context.Context) int {
	t.delivering.Lock()
	defer t.delivering.Unlock()
	now := t.opts.Now()
	taken := 0
	for _, body := range t.bodies(now) {
		if t.post(ctx, body) {
			taken += len(body)
			continue
		}
		t.again(body, now)
	}
	return taken
}

// Undelivered is how many items wait, those that are not due yet included.
func (t *Tenant) Undelivered() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hear(t.opts.Now())
	return len(t.notices)
}

// KeepDelivering delivers every so often until ctx ends.
func (t *Tenant) KeepDelivering(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			t.Deliver(ctx)
		}
	}
}

// Lifecycle queues a lifecycle item for a subscription: reauthorizationRequired,
// subscriptionRemoved, which ends it, or missed. False: there is none, or it has
// no address for them.
func (t *Tenant) Lifecycle(id, event string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.opts.Now()
	t.expire(now)
	for _, s := range t.subscriptions {
		if s.id != id || s.lifecycle == "" {
			continue
		}
		body := s.item(t.opts.TenantID)
		body["lifecycleEvent"] = event
		t.queue(s.lifecycle, body, now)
		if event == "subscriptionRemoved" {
			t.subscriptions = slices.DeleteFunc(t.subscriptions, func(other *subscription) bool { return other == s })
		}
		return true
	}
	return false
}

// item is what all items of a subscription have in common.
func (s *subscription) item(tenant string) map[string]any {
	return map[string]any{
		"subscriptionId": s.id, "subscriptionExpirationDateTime": stamp(s.expires),
		"clientState": s.state, "tenantId": tenant,
	}
}

// hear queues what has changed since it last did.
func (t *Tenant) hear(now time.Time) {
	t.expire(now)
	for _, s := range t.subscriptions {
		for _, c := range t.log[min(s.since, t.seq):] {
			resource, happened := s.about(c)
			if resource == "" {
				continue
			}
			body := s.item(t.opts.TenantID)
			kind, id := "#Microsoft.Graph.Group", ""
			if c.user != nil {
				kind, id = "#Microsoft.Graph.User", c.user.row.ID
			} else {
				id = c.group.row.ID
			}
			body["id"], body["changeType"], body["resource"] = t.guid(), happened, resource
			body["resourceData"] = map[string]any{"@odata.type": kind, "@odata.id": resource, "id": id}
			t.queue(s.url, body, now)
		}
		s.since = t.seq
	}
}

// queue puts an item in line, as often and as late as its fate has it.
func (t *Tenant) queue(url string, body map[string]any, now time.Time) {
	fate := t.endpointAt(url).fate(now)
	if t.opts.Fate != nil && fate == (Fate{}) {
		text := func(name string) string { said, _ := body[name].(string); return said }
		fate = t.opts.Fate(Notification{text("subscriptionId"), text("resource"), text("lifecycleEvent")})
	}
	if fate.Drop {
		return
	}
	t.notices = append(t.notices, &notice{url: url, body: body, due: now.Add(fate.Delay), pause: firstPause})
	if fate.Twice {
		t.notices = append(t.notices, &notice{url: url, body: body, due: now.Add(fate.Delay), pause: firstPause})
	}
}

// bodies takes what is due out of the line, in bodies of one address each and in
// no order.
func (t *Tenant) bodies(now time.Time) [][]*notice {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hear(now)
	due := map[string][]*notice{}
	var addresses []string
	t.notices = slices.DeleteFunc(t.notices, func(n *notice) bool {
		if n.due.After(now) {
			return false
		}
		if due[n.url] == nil {
			addresses = append(addresses, n.url)
		}
		due[n.url] = append(due[n.url], n)
		return true
	})
	size := t.opts.NotifyBatch
	if size == 0 {
		size = mostItems
	}
	var bodies [][]*notice
	for _, address := range addresses {
		items := due[address]
		t.rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		bodies = slices.AppendSeq(bodies, slices.Chunk(items, size))
	}
	return bodies
}

// post delivers a body and reports whether the webhook took it.
func (t *Tenant) post(ctx context.Context, items []*notice) bool {
	rows := make([]any, len(items))
	for i, item := range items {
		rows[i] = item.body
	}
	text, err := json.Marshal(map[string]any{"value": rows})
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, items[0].url, bytes.NewReader(text))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	began := t.opts.Now()
	resp, err := t.opts.Client.Do(req)
	t.mu.Lock()
	ended := t.opts.Now()
	t.endpointAt(items[0].url).heard(answered{ended, err != nil || ended.Sub(began) > slowAnswer})
	t.mu.Unlock()
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // an unread answer costs only its connection
	return resp.StatusCode/100 == 2
}

// again puts what was not taken back in line, unless it was tried for long.
func (t *Tenant) again(items []*notice, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range items {
		if n.first.IsZero() {
			n.first = now
		}
		if n.due = now.Add(n.pause); n.due.Sub(n.first) <= giveUp {
			n.pause *= 2
			t.notices = append(t.notices, n)
		}
	}
}

// Subscriptions are the resources that are subscribed to, in order.
func (t *Tenant) Subscriptions() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(t.opts.Now())
	var all []string
	for _, s := range t.subscriptions {
		all = append(all, strings.TrimPrefix(s.resource, "/"))
	}
	slices.Sort(all)
	return all
}

// SubscriptionTo is the id of a subscription to the resource; empty: there is none.
func (t *Tenant) SubscriptionTo(resource string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(t.opts.Now())
	for _, s := range t.subscriptions {
		if strings.TrimPrefix(s.resource, "/") == strings.TrimPrefix(resource, "/") {
			return s.id
		}
	}
	return ""
}

// about is what a notification about a change calls its resource, and what it
// says happened; empty: the subscription is not about it.
func (s *subscription) about(c change) (resource, happened string) {
	happened = "updated" // creations and soft deletions arrive so
	switch {
	case c.user != nil && s.target.set == "users" && (s.target.id == "" || s.target.id == fold(c.user.row.ID)):
		resource = "Users/" + c.user.row.ID
	case c.group == nil:
		return "", ""
	case s.target.id != "" && s.target.id != fold(c.group.row.ID):
		return "", ""
	case s.target.members && c.what != "members" && c.what != "owners":
		return "", ""
	case s.target.set == "teams" && c.group.team == nil:
		return "", ""
	case s.target.set == "teams":
		resource = fmt.Sprintf("teams('%s')/members('MCMjMiMj')", c.group.row.ID)
	case s.target.set == "groups":
		resource = "Groups/" + c.group.row.ID
		if c.group.gone == purged {
			happened = "deleted"
		}
	}
	if resource == "" || !slices.Contains(s.types, happened) && !s.target.members {
		return "", ""
	}
	return resource, happened
}
