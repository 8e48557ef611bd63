package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// onCommerce judges what Commerce answers now, and what it answered last.
func (s *signs) onCommerce() []Finding {
	found := s.judgeCollections()
	if s.surveyErr != nil || s.survey == nil {
		return found
	}
	return slices.Concat(found, s.judgeRows(), s.judgeReading(), s.coded(checkCommerce))
}

func (s *signs) judgeCollections() []Finding {
	switch {
	case len(s.collections) == 0:
		return []Finding{unknown("Commerce was not asked", again)}
	case !slices.ContainsFunc(s.collections, func(c Collection) bool { return !missing(c) }):
		return []Finding{wrong("COMMERCE_URL", "not one of the collections is there",
			"set COMMERCE_URL to the address of a Commerce headquarters environment, without a path")}
	}
	found := s.refusals()
	for _, c := range s.collections {
		switch {
		case len(c.Lacks) > 0:
			found = append(found, lacking(c))
		case missing(c) && c.Optional:
			found = append(found, note(c.Name, named(c)+" is not there: "+without(c.Name), publish(c)))
		case missing(c):
			found = append(found, wrong(c.Name, named(c)+" is not there, and no run can read Commerce without it", publish(c)))
		case fault.Is(c.Err, fault.Invalid):
			found = append(found, failed(c.Name, named(c)+" cannot be read", c.Err, commerceCures.of(c.Err)))
		case c.Err == nil && c.Rows > 0:
			found = append(found, fine(c.Name, "can be read"))
		}
	}
	return slices.Concat(found, s.judgeEmpty())
}

// refusals tells what went wrong with several collections at once, as a missing
// permission does, in one finding per kind of error.
func (s *signs) refusals() []Finding {
	var found []Finding
	for kind := fault.Internal; kind <= fault.Canceled; kind++ {
		if kind == fault.NotFound || kind == fault.Invalid { // of each its own
			continue
		}
		var names []string
		var first error
		for _, c := range s.collections {
			if len(c.Lacks) == 0 && fault.Is(c.Err, kind) {
				names = append(names, c.Name)
				if first == nil {
					first = c.Err
				}
			}
		}
		if len(names) == 0 {
			continue
		}
		subject := ""
		if len(names) == 1 {
			subject = names[0]
		}
		found = append(found, failed(subject, list(names)+" cannot be read", first, commerceCures.of(first)))
	}
	return found
}

func missing(c Collection) bool { return fault.Is(c.Err, fault.NotFound) }

// named is a collection by its default name, and by its name here if it has
// another.
func named(c Collection) string {
	if c.Actual == "" || c.Actual == c.Name {
		return c.Name
	}
	return c.Name + " (here " + c.Actual + ")"
}

func publish(c Collection) string {
	return fmt.Sprintf("publish the data entity behind %s in this environment as public, or set %s to the name it has here", c.Name, entitySetting(c.Name))
}

// lacking tells which attributes are not there. Commerce refuses a request that
// selects one, so no reading comes about.
func lacking(c Collection) Finding {
	meanings := make([]string, len(c.Lacks))
	for i, attribute := range c.Lacks {
		meanings[i] = attribute + ", " + meaning(c.Name, attribute)
	}
	return wrong(c.Name, fmt.Sprintf("%s lacks %s: no run can read Commerce without it", named(c), strings.Join(meanings, " and ")),
		fmt.Sprintf("publish a data entity with %s, and set %s to its name", strings.Join(c.Lacks, ", "), entitySetting(c.Name)))
}

// without says what is not known where an optional collection is missing.
func without(collection string) string {
	switch collection {
	case "Employees":
		return "that an employment ended is not known, so a leaver goes by a disabled account or by rows of RetailChannelWorkers"
	case "SecurityUserRoleOrganizations":
		return "every communications manager counts as responsible for all stores"
	}
	return "it is done without"
}
