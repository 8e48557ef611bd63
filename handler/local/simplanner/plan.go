package simplanner

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// graphURL is where containers of the real service live, in either version.
const graphURL = "https://graph.microsoft.com"

// plan is a plan with what belongs to it.
type plan struct {
	group   string // lower-case
	main    record[Plan]
	details record[PlanDetails]
	buckets []*bucket // in the order they were made
	tasks   []*task
}

func (Plan) set() string { return "planner/plans" }

func (Plan) names() []string {
	return strings.Fields("container createdBy createdDateTime owner title")
}

func (p Plan) property(name string) any {
	switch name {
	case "container":
		return map[string]any{
			"containerId": p.Group, "type": "group", "url": graphURL + "/v1.0/groups/" + p.Group,
		}
	case "createdBy":
		return p.CreatedBy.json()
	case "createdDateTime":
		return stamp(p.Created)
	case "owner":
		return p.Group
	default:
		return p.Title
	}
}

func (p *plan) copied() Plan {
	list := p.main.now.value
	list.ID, list.ETag = p.main.id, p.main.tag(p.main.now.version)
	list.Details = p.details.now.value
	list.Details.ETag = p.details.tag(p.details.now.version)
	list.Details.Categories = maps.Clone(list.Details.Categories)
	list.Details.SharedWith = maps.Clone(list.Details.SharedWith)
	for _, b := range p.buckets {
		if b.main.now.exists() {
			bucket := b.main.now.value
			bucket.ID, bucket.ETag = b.main.id, b.main.tag(b.main.now.version)
			list.Buckets = append(list.Buckets, bucket)
		}
	}
	return list
}

// admit refuses who may not use the plans of a group.
func (s *Service) admit(c *call, group string) error {
	made, exists := s.opts.Group(group)
	switch {
	case !exists:
		return missing()
	case c.now.Sub(made) < s.opts.GroupDelay && s.opts.GroupDelayStatus == http.StatusForbidden:
		return forbidden()
	case c.now.Sub(made) < s.opts.GroupDelay:
		return missing()
	case c.who.User != "" && !s.opts.Belongs(group, c.who.User):
		return forbidden()
	}
	return nil
}

// plan finds a plan that the caller may use.
func (s *Service) plan(c *call, id string) (*plan, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	p := s.plans[id]
	if p == nil || !look(c, &p.main).exists() {
		return nil, missing()
	}
	return p, s.admit(c, p.group)
}

func (s *Service) listPlans(c *call) (reply, error) {
	if err := s.admit(c, c.args[0]); err != nil {
		return reply{}, err
	}
	list := records(s.groups[fold(c.args[0])], func(p *plan) *record[Plan] { return &p.main })
	return page(s, c, list, everything)
}

func (s *Service) postPlan(c *call) (reply, error) {
	b := c.object("container title")
	group := b.container(c)
	next := Plan{Group: group, Created: c.now, CreatedBy: c.who}
	b.title("title", titleLimit, &next.Title)
	if b.err == nil && !b.has("title") {
		b.fail(invalid("a plan needs a title."))
	}
	if b.err != nil {
		return reply{}, b.err
	}
	if err := s.admit(c, group); err != nil {
		return reply{}, err
	}
	key := fold(group)
	if alive(records(s.groups[key], func(p *plan) *record[Plan] { return &p.main })) >= s.opts.Limits.Plans {
		return reply{}, exceeded("MaximumPlannerPlans")
	}
	p := &plan{group: key, main: record[Plan]{kind: "Plan", id: s.newID(), serial: s.number()}}
	p.details = record[PlanDetails]{kind: "PlanDetails", id: p.main.id}
	p.main.put(next, c.now, s.opts.ReadLag, nil)
	p.details.put(PlanDetails{}, c.now, s.opts.ReadLag, nil)
	s.plans[p.main.id] = p
	s.groups[key] = append(s.groups[key], p)
	return created(c, &p.main)
}

// container reads which group a plan is for: by its URL, or by id and type, or
// both, if they say the same.
func (b *body) container(c *call) string {
	var raw map[string]any
	if !read(b, "container", &raw) {
		b.fail(invalid("a plan needs a container."))
		return ""
	}
	inner := parse(b.fields["container"], "containerId type url")
	var id, kind, link string
	read(inner, "containerId", &id)
	read(inner, "type", &kind)
	read(inner, "url", &link)
	b.fail(inner.err)
	if link == "" && (id == "" || kind == "") || kind != "" && kind != "group" || (id == "") != (kind == "") {
		b.fail(invalid("a container has a url of a group, or containerId and the type 'group'."))
	}
	if link == "" {
		return id
	}
	linked := ""
	for _, root := range []string{graphURL + "/v1.0", graphURL + "/beta", c.base} {
		if rest, below := strings.CutPrefix(link, root+"/groups/"); below {
			linked = rest
		}
	}
	if linked == "" || linked != url.PathEscape(linked) || id != "" && fold(id) != fold(linked) {
		b.fail(invalid("the container's url names no group, or another one than its id."))
	}
	return linked
}

func (s *Service) getPlan(c *call) (reply, error) {
	p, err := s.plan(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return single(c, &p.main)
}

func (s *Service) patchPlan(c *call) (reply, error) {
	p, err := s.plan(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return patch(s, c, &p.main, "title", func(b *body, next *Plan) {
		b.title("title", titleLimit, &next.Title)
	})
}

func (s *Service) deletePlan(c *call) (reply, error) {
	p, err := s.plan(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	if err := p.main.deletable(c); err != nil {
		return reply{}, err
	}
	for _, t := range p.tasks {
		s.drop(t, c.now)
	}
	for _, b := range p.buckets {
		b.main.remove(c.now, s.opts.ReadLag)
	}
	p.main.remove(c.now, s.opts.ReadLag)
	p.details.remove(c.now, s.opts.ReadLag)
	s.prune(p, c.now)
	return reply{status: http.StatusNoContent}, nil
}
