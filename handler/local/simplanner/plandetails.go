package simplanner

import (
	"fmt"
	"maps"
)

func (PlanDetails) set() string { return "planner/plans/details" }

func (PlanDetails) names() []string { return []string{"categoryDescriptions", "sharedWith"} }

func (d PlanDetails) property(name string) any {
	if name == "sharedWith" {
		shared := map[string]bool{}
		maps.Copy(shared, d.SharedWith)
		return shared
	}
	all := make(map[string]any, categories)
	for n := 1; n <= categories; n++ {
		category := fmt.Sprint("category", n)
		all[category] = given(d.Categories[category])
	}
	return all
}

func (s *Service) getPlanDetails(c *call) (reply, error) {
	p, err := s.plan(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return single(c, &p.details)
}

func (s *Service) patchPlanDetails(c *call) (reply, error) {
	p, err := s.plan(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return patch(s, c, &p.details, "categoryDescriptions sharedWith", func(b *body, next *PlanDetails) {
		next.SharedWith = b.flags("sharedWith", next.SharedWith, isGUID)
		if b.has("categoryDescriptions") {
			next.Categories = b.descriptions(next.Categories)
		}
	})
}

// descriptions reads what the categories mean; null clears one.
func (b *body) descriptions(was map[string]string) map[string]string {
	next := map[string]string{}
	maps.Copy(next, was)
	inner := &body{fields: b.open("categoryDescriptions")}
	for name := range inOrder(inner.fields) {
		var text string
		if !isCategory(name) {
			b.fail(invalid("there is no category '%s'.", name))
		}
		nullable(inner, name, &text)
		next[name] = text
		if text == "" {
			delete(next, name)
		}
	}
	b.fail(inner.err)
	return next
}
