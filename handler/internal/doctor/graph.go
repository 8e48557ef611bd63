package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// onGraph judges the reads of the tenant.
func (s *signs) onGraph() []Finding {
	if len(s.calls) == 0 {
		return []Finding{unknown("Graph was not asked", again)}
	}
	found := s.unreachable()
	for _, c := range s.calls {
		var other OtherTenant
		switch {
		case errors.As(c.Err, &other):
			found = append(found, wrong(c.Name, "another tenant than TENANT_ID's answers: "+other.ID, "set TENANT_ID to "+other.ID+", or give the app an identity of the tenant it names"))
		case c.Err == nil:
			found = append(found, fine(c.Name, "works: storeteams can "+c.For))
		case fault.Is(c.Err, fault.Denied):
			found = append(found, wrong(c.Name, fmt.Sprintf("is not allowed, and storeteams cannot %s: %v", c.For, c.Err), s.grant(c)))
		case !common(fault.KindOf(c.Err)):
			found = append(found, failed(c.Name, "does not work, and storeteams cannot "+c.For, c.Err, graphCures.of(c.Err)))
		}
	}
	return found
}

// common reports whether an error of that kind is the whole server's rather
// than one request's.
func common(kind fault.Kind) bool {
	return kind == fault.Unavailable || kind == fault.Throttled || kind == fault.Canceled
}

// unreachable tells what is wrong with several calls at once in one finding.
func (s *signs) unreachable() []Finding {
	var found []Finding
	for kind := fault.Internal; kind <= fault.Canceled; kind++ {
		if !common(kind) {
			continue
		}
		var names []string
		var first error
		for _, c := range s.calls {
			if fault.Is(c.Err, kind) {
				names = append(names, c.Name)
				if first == nil {
					first = c.Err
				}
			}
		}
		if len(names) > 0 {
			subject := ""
			if len(names) == 1 {
				subject = names[0]
			}
			found = append(found, failed(subject, list(names)+" had no answer", first, graphCures.of(first)))
		}
	}
	return found
}

// grant says how a call comes to be allowed. Where the token carries the
// permission already, it is not the permission that is missing.
func (s *signs) grant(c Call) string {
	switch {
	case len(c.Needs) == 0:
		return graphCures.of(c.Err)
	case s.rolesKnown && slices.ContainsFunc(c.Needs, s.holds):
		return "check that TENANT_ID is the tenant of the app's identity, and that its licence includes Teams: the token carries " + s.held(c.Needs)
	}
	return granting(c.Needs)
}

// granting names the smallest of the permissions any one of which is enough.
func granting(needs []string) string {
	return "grant the app's identity the application permission " + needs[0] + " in Microsoft Graph, with admin consent, and restart the app for a new token"
}

func (s *signs) holds(role string) bool { return slices.Contains(s.roles, role) }

// held lists which of some permissions the token carries.
func (s *signs) held(needs []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(needs), func(role string) bool { return !s.holds(role) }), ", ")
}
