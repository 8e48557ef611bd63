package simgraph

import (
	"net/http"

	"regexp"
	"slices"
	"strings"
	"time"
)

// The limits of subscriptions (change-notifications-overview: latency, lifetimes
// and quotas).
const (
	shortestLife  = 45 * time.Minute // a shorter one is raised to it
	directoryLife = 41760 * time.Minute
	teamLife      = 60 * time.Minute
	mostDirectory = 100 // of users and groups, per app and tenant
	stateLimit    = 128 // characters of a clientState
	answerTime    = 10 * time.Second
)

// subscription is one, and what is to be delivered to it.
type subscription struct {
	id        string
	resource  string // as it was given
	target    target
	types     []string
	url       string
	lifecycle string
	state     string
	expires   time.Time

	since uint64 // of the log: what came after it is still to be told
}

// target is what a subscription is about.
type target struct {
	set     string // users, groups or teams
	id      string // lower case; empty: all
	members bool
}

var subscribable = regexp.MustCompile(`(?i)^/?(?:(users|groups)|(users|groups)/([0-9a-f-]{36})|(groups|teams)/([0-9a-f-]{36})/(members))$`)

func parseTarget(resource string) (target, bool) {
	m := subscribable.FindStringSubmatch(resource)
	if m == nil {
		return target{}, false
	}
	return target{set: fold(m[1] + m[2] + m[4]), id: fold(m[3] + m[5]), members: m[6] != ""}, true
}

func (t *Tenant) subscriptionRoutes() []route {
	aside := budget{kind: elsewhere} // the answers wait for others, so no lock is held
	return []route{
		at("POST /subscriptions", t.postSubscription, aside),
		at("GET /subscriptions", t.listSubscriptions, aside),
		at("GET /subscriptions/{id}", t.getSubscription, aside),
		at("PATCH /subscriptions/{id}", t.patchSubscription, aside),
		at("DELETE /subscriptions/{id}", t.deleteSubscription, aside),
		at("POST /subscriptions/{id}/reauthorize", t.reauthorize, aside),
	}
}

var subscriptionFields = nameSet{
	"changeType": true, "notificationUrl": true, "lifecycleNotificationUrl": true, "resource": true,
	"expirationDateTime": true, "clientState": true, "latestSupportedTlsVersion": true,
}

// postSubscription creates a subscription once both its addresses have answered.
func (t *Tenant) postSubscription(c *call) (reply, error) {
	fields, err := c.object(subscriptionFields)
	if err != nil {
		return reply{}, err
	}
	s, err := t.readSubscription(c, func(name string) (string, error) {
		value, _, err := field[string](fields, name)
		return value, err
	})
	if err != nil {
		return reply{}, err
	}
	if err := t.admitSubscription(s, c.now); err != nil {
		return reply{}, err
	}
	for _, address := range []string{s.url, s.lifecycle} {
		if err := t.validate(c.request.Context(), address); err != nil {
			return reply{}, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.roomFor(s, c.now); err != nil { // somebody may have come meanwhile
		return reply{}, err
	}
	s.id, s.since = t.guid(), t.seq
	t.subscriptions = append(t.subscriptions, s)
	return reply{status: http.StatusCreated, body: s.row()}, nil
}

// readSubscription reads what a body asks for.
func (t *Tenant) readSubscription(c *call, get func(string) (string, error)) (*subscription, error) {
	values := map[string]string{}
	for name := range subscriptionFields {
		value, err := get(name)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	s := &subscription{
		resource: values["resource"], url: values["notificationUrl"], lifecycle: values["lifecycleNotificationUrl"],
		state: values["clientState"], types: strings.Split(values["changeType"], ","),
	}
	var known bool
	if s.target, known = parseTarget(s.resource); !known {
		return nil, badSubscription("Resource '%s' is not supported for subscriptions.", s.resource)
	}
	for i, kind := range s.types {
		if s.types[i] = strings.TrimSpace(kind); !slices.Contains([]string{"created", "updated", "deleted"}, s.types[i]) {
			return nil, badSubscription("changeType '%s' is not supported.", kind)
		}
	}
	if len(s.state) > stateLimit {
		return nil, badSubscription("clientState is longer than %d characters.", stateLimit)
	}
	if !postable(s.url) || s.lifecycle != "" && !postable(s.lifecycle) {
		return nil, badSubscription("The notification URL must be an absolute https address.")
	}
	return s, t.setExpiry(s, values["expirationDateTime"], c.now)
}

// setExpiry gives a subscription the end of its life that was asked for.
func (t *Tenant) setExpiry(s *subscription, text string, now time.Time) error {
	expires, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return badSubscription("expirationDateTime is not a date and time with a time zone.")
	}
	most := directoryLife
	if s.target.set == "teams" {
		if most = teamLife; t.opts.TeamSubscriptionLife > 0 {
			most = t.opts.TeamSubscriptionLife
		}
	}
	switch life := expires.Sub(now); {
	case life > most:
		return badSubscription("Subscription expiration can only be %d minutes in the future.", int(most.Minutes()))
	case life <= 0:
		return badSubscription("Subscription expiration is in the past.")
	case life < shortestLife:
		expires = now.Add(shortestLife)
	case s.target.set == "teams" && life > time.Hour && s.lifecycle == "":
		return badSubscription("lifecycleNotificationUrl is required for subscriptions of more than 1 hour.")
	}
	s.expires = expires.UTC()
	return nil
}

func (t *Tenant) admitSubscription(s *subscription, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.roomFor(s, now)
}

// roomFor refuses what there is already, and more than the quotas allow.
func (t *Tenant) roomFor(s *subscription, now time.Time) error {
	t.expire(now)
	alike := 0
	for _, other := range t.subscriptions {
		if other.target == s.target && slices.Equal(other.types, s.types) && other.url == s.url {
			return refuse(http.StatusConflict, "Conflict", "A subscription for this resource and change type exists already.")
		}
		switch {
		case s.target.set == "teams" && other.target == s.target:
			return refuse(http.StatusForbidden, "Forbidden", "The limit of 1 subscription per app and team has been reached.")
		case s.target.set != "teams" && other.target.set != "teams":
			alike++
		}
	}
	if s.target.set != "teams" && alike >= mostDirectory {
		return refuse(http.StatusForbidden, "Forbidden", "The limit of %d subscriptions per app and tenant has been reached.", mostDirectory)
	}
	return nil
}

// expire forgets the subscriptions whose life is over.
func (t *Tenant) expire(now time.Time) {
	t.subscriptions = slices.DeleteFunc(t.subscriptions, func(s *subscription) bool { return !now.Before(s.expires) })
}

func badSubscription(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "ValidationError", format, args...)
}

// row is a subscription as answers show it: never with its clientState.
func (s *subscription) row() map[string]any {
	row := map[string]any{
		"id": s.id, "resource": s.resource, "changeType": strings.Join(s.types, ","), "clientState": nil,
		"notificationUrl": s.url, "expirationDateTime": stamp(s.expires), "lifecycleNotificationUrl": nil,
	}
	if s.lifecycle != "" {
		row["lifecycleNotificationUrl"] = s.lifecycle
	}
	return row
}

func (t *Tenant) listSubscriptions(c *call) (reply, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(c.now)
	rows := []any{}
	for _, s := range t.subscriptions {
		rows = append(rows, s.row())
	}
	return ok(map[string]any{"@odata.context": c.base + "/$metadata#subscriptions", "value": rows}), nil
}

// withSubscription does something to the one that the path names, under the lock.
func (t *Tenant) withSubscription(c *call, do func(*subscription) (reply, error)) (reply, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(c.now)
	for _, s := range t.subscriptions {
		if s.id == fold(c.args[0]) {
			return do(s)
		}
	}
	return reply{}, refuse(http.StatusNotFound, "ResourceNotFound", "The object was not found.")
}

func (t *Tenant) getSubscription(c *call) (reply, error) {
	return t.withSubscription(c, func(s *subscription) (reply, error) { return ok(s.row()), nil })
}

func (t *Tenant) patchSubscription(c *call) (reply, error) {
	fields, err := c.object(nameSet{"expirationDateTime": true})
	if err != nil {
		return reply{}, err
	}
	expires, _, err := field[string](fields, "expirationDateTime")
	if err != nil {
		return reply{}, err
	}
	return t.withSubscription(c, func(s *subscription) (reply, error) {
		if err := t.setExpiry(s, expires, c.now); err != nil {
			return reply{}, err
		}
		return ok(s.row()), nil
	})
}

func (t *Tenant) deleteSubscription(c *call) (reply, error) {
	return t.withSubscription(c, func(gone *subscription) (reply, error) {
		t.subscriptions = slices.DeleteFunc(t.subscriptions, func(s *subscription) bool { return s == gone })
		return done(), nil
	})
}

func (t *Tenant) reauthorize(c *call) (reply, error) {
	return t.withSubscription(c, func(*subscription) (reply, error) { return done(), nil })
}
