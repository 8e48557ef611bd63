package simgraph

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// tokenLife is how long the token of a directory delta is good.
const tokenLife = 7 * 24 * time.Hour

// deltaToken is where a client is. Clients see it as an opaque string.
type deltaToken struct {
	Set    string `json:"s"` // users or groups
	Issued int64  `json:"i"` // unix seconds of the tenant's clock

	// Of a $deltatoken: what the finished round covered, and what to select.
	Since  uint64 `json:"f,omitempty"`
	Until  uint64 `json:"u,omitempty"`
	Select string `json:"p,omitempty"`

	// Of a $skiptoken: the round under way and its next page.
	Round string `json:"r,omitempty"`
	Page  int    `json:"n,omitempty"`
}

func (t *Tenant) userDelta(c *call) (reply, error) { return t.delta(c, "users") }

func (t *Tenant) groupDelta(c *call) (reply, error) { return t.delta(c, "groups") }

// delta answers a first request, one that continues a round, or one that
// starts the next.
func (t *Tenant) delta(c *call, set string) (reply, error) {
	query := make(url.Values, len(c.query))
	for name, values := range c.query {
		if strings.EqualFold(name, "$deltatoken") || strings.EqualFold(name, "$skiptoken") {
			name = fold(name)
		}
		query[name] = values
	}
	c.query = query
	raw := query.Get("$skiptoken") + query.Get("$deltatoken")
	if raw == "" || raw == "latest" {
		return t.firstRound(c, set, raw == "latest")
	}
	return t.laterRequest(c, set, raw)
}

// laterRequest continues a round by its $skiptoken, or starts the next by the
// $deltatoken of the last.
func (t *Tenant) laterRequest(c *call, set, raw string) (reply, error) {
	name := "$deltatoken"
	if c.query.Has("$skiptoken") {
		name = "$skiptoken"
	}
	if err := c.only(name); err != nil {
		return reply{}, err
	}
	token, err := readDeltaToken(raw)
	if err != nil || token.Set != set || (token.Round != "") != (name == "$skiptoken") {
		return reply{}, badDirectory("Badly formed token.")
	}
	r := t.rounds[token.Round]
	switch {
	case c.now.Sub(time.Unix(token.Issued, 0)) > tokenLife, token.Until > t.seq:
		return reply{}, t.expired(c, set)
	case token.Round != "" && (r == nil || token.Page >= len(r.pages)):
		return reply{}, t.expired(c, set)
	case r != nil:
		return t.serveRound(c, r, token.Page), nil
	}
	from := token.Until
	if t.opts.DeltaReplay {
		from = token.Since
	}
	r = t.newRound(c, set, strings.Split(token.Select, ","))
	r.since = token.Until
	t.fill(r, t.changed(r, from, c.now))
	return t.serveRound(c, r, 0), nil
}

// firstRound lists everything, or with latest nothing but the link.
func (t *Tenant) firstRound(c *call, set string, latest bool) (reply, error) {
	if err := c.only("$select", "$deltatoken", "$skiptoken"); err != nil {
		return reply{}, err
	}
	known, defaults, links := t.names.user, userDefaults, []string{"manager"}
	if set == "groups" {
		known, defaults, links = t.names.group, groupDefaults, []string{"members", "owners"}
	}
	picked, err := pick(c.query.Get("$select"), known, defaults, links...)
	if err != nil {
		return reply{}, err
	}
	r := t.newRound(c, set, picked)
	r.since = r.until
	var items []deltaItem
	if !latest {
		items = t.everything(r, c.now)
	}
	t.fill(r, items)
	return t.serveRound(c, r, 0), nil
}

// expired tells the client to start over.
func (t *Tenant) expired(c *call, set string) error {
	if t.opts.ExpiredStatus != 0 {
		return refuse(t.opts.ExpiredStatus, "syncStateNotFound", "The sync state generation is not found.")
	}
	return &refusal{
		status: http.StatusGone, code: "resyncRequired",
		message: "Resync is required: the token is too old or the tenant has moved.",
		header:  map[string]string{"Location": c.base + "/" + set + "/delta?$deltatoken="},
	}
}

// serveRound answers with one page of a round.
func (t *Tenant) serveRound(c *call, r *round, page int) reply {
	rows := []any{}
	for _, item := range r.pages[page] {
		rows = append(rows, item.render(r.picked))
	}
	body := map[string]any{"@odata.context": c.base + "/$metadata#" + r.set, "value": rows}
	token := deltaToken{Set: r.set, Issued: c.now.Unix()}
	link := c.base + "/" + r.set + "/delta?"
	if page+1 < len(r.pages) {
		token.Round, token.Page = r.id, page+1
		body["@odata.nextLink"] = link + "$skiptoken=" + token.String()
	} else {
		token.Since, token.Until, token.Select = r.since, r.until, strings.Join(r.picked, ",")
		body["@odata.deltaLink"] = link + "$deltatoken=" + token.String()
	}
	return ok(body)
}

// String makes the token opaque. A token of numbers and strings always encodes.
func (d deltaToken) String() string {
	raw, err := json.Marshal(d)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func readDeltaToken(text string) (deltaToken, error) {
	var token deltaToken
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &token)
	}
	return token, err
}

// render is the item as a page shows it. Values never set are left out, and an
// object that is gone has nothing but its id and the reason.
func (i deltaItem) render(picked []string) map[string]any {
	id, reason, value := i.facts()
	row := map[string]any{"id": id}
	if reason != "" {
		row["@removed"] = map[string]any{"reason": reason}
		return row
	}
	for _, name := range picked {
		if v := value(name); v != nil {
			row[name] = v
		}
	}
	for _, what := range []string{"members", "owners"} {
		if links := i.linkRows(what); len(links) > 0 && slices.Contains(picked, what) {
			row[what+"@delta"] = links
		}
	}
	return row
}

func (i deltaItem) facts() (id, reason string, value func(string) any) {
	if i.user != nil {
		if i.user.deleted {
			reason = "changed"
		}
		return i.user.row.ID, reason, i.user.value
	}
	switch i.group.gone {
	case deleted:
		reason = "changed"
	case purged:
		reason = "deleted"
	}
	return i.group.row.ID, reason, i.group.value
}

func (i deltaItem) linkRows(what string) []any {
	var rows []any
	for _, link := range i.links {
		if link.what != what {
			continue
		}
		row := map[string]any{"@odata.type": "#microsoft.graph.user", "id": link.user.row.ID}
		if link.removed {
			row["@removed"] = map[string]any{"reason": "deleted"}
		}
		rows = append(rows, row)
	}
	return rows
}
