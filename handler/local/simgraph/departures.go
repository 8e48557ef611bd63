package simgraph

import "net/http"

// departure is somebody who lost their place in a group, or their ownership of
// it, by a request.
type departure struct {
	group, user string
	demoted     bool
}

// placeFor is place on a request's behalf. It notes for the hooks what the user
// lost by it.
func (t *Tenant) placeFor(c *call, g *group, u *user, member, owner bool) {
	was := g.at(u)
	t.place(g, u, member, owner, c.now)
	removed := was.membership != "" && !member && !owner
	demoted := was.owner && !owner && member
	if removed || demoted {
		c.departures = append(c.departures, departure{group: g.row.ID, user: u.row.ID, demoted: demoted})
	}
}

// tell calls the hooks for those who lost something by the request.
func (t *Tenant) tell(c *call) {
	for _, left := range c.departures {
		hook := t.opts.OnRemove
		if left.demoted {
			hook = t.opts.OnDemote
		}
		if hook != nil {
			hook(left.group, left.user)
		}
	}
}

// tag is the ETag of a membership: it changes with the role.
func (p person) tag() string {
	if p.owner {
		return `W/"` + p.membership + `-owner"`
	}
	return `W/"` + p.membership + `"`
}

// matches refuses a request whose condition a membership does not meet.
func (c *call) matches(p *person) error {
	want := c.request.Header.Get("If-Match")
	if want == "" || want == "*" || want == p.tag() {
		return nil
	}
	return refuse(http.StatusPreconditionFailed, "PreconditionFailed", "The membership has changed.")
}
