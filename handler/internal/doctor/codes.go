package doctor

import (
	"fmt"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// advice is what the doctor makes of a code of the roster's findings.
type advice struct {
	check   string // where it is told
	subject string
	level   Level
	text    string // of the stores it is about, after their number: "3 stores …"
	fix     string
}

// adviceOn translates a code. One that it does not know is told all the same.
func adviceOn(code org.FindingCode) advice {
	switch code {
	case org.NoOwner:
		return advice{checkStores, "owners", Wrong, "nobody may own the team, so it is left alone or not made",
			"name more users in FALLBACK_OWNERS, raise MAX_CARETAKER_TEAMS, or name a manager of the store's operating unit in Commerce"}
	case org.DuplicateName:
		return advice{checkStores, "names", Note, "another team has the same name, so the number was added to it",
			"give each store's operating unit a name of its own in Commerce, or put {number} into TEAM_NAME"}
	case org.DuplicateStore:
		return advice{checkStores, "numbers", Wrong, "several rows of RetailStores have the number, case aside, and only the first counts",
			"give each store a number of its own under Retail and Commerce > Channels > Stores > All stores"}
	case org.BadOwnerSetting:
		return advice{checkSettings, "", Wrong, "an owner named in a setting may not own teams",
			"name an enabled, licensed member of the tenant in FALLBACK_OWNERS and COMMUNICATIONS_OWNERS"}
	case org.BadProtectedUser:
		return advice{checkSettings, "PROTECTED_USERS", Wrong, "an entry of PROTECTED_USERS is no user of the tenant",
			"correct the entry of PROTECTED_USERS, or take it out"}
	case org.StaleMapping:
		return advice{checkStores, "mappings", Note, "Commerce maps it to a group that is gone",
			"delete the row of IntegrationSourceMappings in Commerce, or correct its TeamId"}
	case org.HierarchyLoop:
		return advice{checkStores, "hierarchy", Wrong, "the hierarchy above it runs in a circle",
			"correct the organization hierarchy in Commerce under Organization administration > Organizations > Organization hierarchies, and publish it"}
	case org.HierarchyOrphan:
		return advice{checkStores, "hierarchy", Note, "the retail hierarchy does not have it, so no manager of a node above can stand in",
			"add the store to the retail hierarchy in Commerce under Organization administration > Organizations > Organization hierarchies, and publish it"}
	case org.HierarchyUnclear:
		return advice{checkSettings, "HIERARCHY", Wrong, "Commerce does not say which hierarchy is the retail one",
			"set HIERARCHY to the name of the hierarchy, or make exactly one the default for the purpose Retail reporting in Commerce"}
	case org.UnknownScope:
		return advice{checkSettings, "SCOPE", Wrong, "SCOPE names what is neither a store nor a node above one",
			"correct the entry of SCOPE to a store number, or to the name or party number of a node that has stores below it"}
	case org.UnreadRows:
		return advice{checkCommerce, "rows", Wrong, "a row that could not be read may be about anybody",
			"correct the row in Commerce, so that it names a worker or a store"}
	case org.ManyTeams:
		return advice{checkStores, "people", Wrong, "somebody would be in more than 1,000 teams",
			"take the person out of some stores in Commerce, or lower MAX_CARETAKER_TEAMS if they stand in for managers"}
	}
	return advice{checkStores, string(code), Note, "a run found: " + string(code), "look at the notes of `runs show last`"}
}

// sharpened reports whether settings.go looks at the matter itself, and says
// more than the code does.
func sharpened(code org.FindingCode) bool {
	return code == org.BadOwnerSetting || code == org.BadProtectedUser
}

// coded tells the roster's findings that belong to a check: those about stores
// with one code together, the others one by one.
func (s *signs) coded(check string) []Finding {
	var found []Finding
	var codes []org.FindingCode // in order of appearance
	stores := map[org.FindingCode][]org.StoreNumber{}
	alone := map[org.FindingCode]int{}
	for _, f := range s.survey.Roster.Findings {
		a := adviceOn(f.Code)
		switch {
		case a.check != check || sharpened(f.Code):
		case f.Team.IsStore():
			if stores[f.Code] == nil {
				codes = append(codes, f.Code)
			}
			stores[f.Code] = append(stores[f.Code], f.Team.Store)
		case alone[f.Code] < listed:
			alone[f.Code]++
			found = append(found, Finding{Subject: a.subject, Level: a.level, Text: f.Text, Fix: a.fix})
		}
	}
	for _, code := range codes {
		a := adviceOn(code)
		found = append(found, Finding{Subject: a.subject, Level: a.level, Fix: a.fix,
			Text: fmt.Sprintf("%s: %s (%s)", count(len(stores[code]), "store", "stores"), a.text, list(stores[code]))})
	}
	return found
}
