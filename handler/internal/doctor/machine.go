package doctor

import (
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// onTables judges the ledger: by writing to it, and by whether what it keeps can
// be read.
func (s *signs) onTables() []Finding {
	inFile := s.settings.Ledger.File != ""
	subject, table := "TABLES_URL", &tableCures
	switch {
	case inFile:
		subject, table = "LEDGER", &fileCures
	case s.settings.Ledger.URL == nil:
		subject = "TABLES_CONNECTION"
	}
	if s.ledgerErr != nil {
		return []Finding{failed(subject, "the ledger cannot be written to and read", s.ledgerErr, table.of(s.ledgerErr))}
	}
	surveyErr := s.surveyErr
	if s.late {
		surveyErr = nil
	}
	for _, kept := range []struct {
		what string
		err  error
	}{{"the last reading and the mirror", surveyErr}, {"the run records", s.runsErr}, {"the quarantine", s.quarantineErr}} {
		switch {
		case kept.err == nil || fault.Is(kept.err, fault.NotFound):
		case fault.Is(kept.err, fault.Unavailable):
			return []Finding{failed(subject, kept.what+" cannot be read in time", kept.err, table.of(kept.err))}
		default:
			return []Finding{failed(subject, kept.what+" cannot be read, though the ledger works", kept.err,
				"run `rebuild`: it forgets what can be read again, and rows that cannot be read")}
		}
	}
	if s.late {
		return []Finding{s.tooLate()}
	}
	return nil
}

// How far a clock may be off. Tokens are good for five minutes around their
// times; a minute is more than any clock that is set by the network is off.
const (
	clockWrong = 5 * time.Minute
	clockNote  = time.Minute
)

// onClock compares our clock with those of both servers. When both disagree with
// it by as much, it is ours that is wrong.
func (s *signs) onClock() []Finding {
	var commerce, graph []Clock
	for _, c := range s.collections {
		commerce = append(commerce, c.Clock)
	}
	for _, c := range s.calls {
		graph = append(graph, c.Clock)
	}
	var found []Finding
	for _, server := range []struct {
		name   string
		clocks []Clock
	}{{"Commerce", commerce}, {"Graph", graph}} {
		ahead, known := furthest(server.clocks)
		if !known {
			continue
		}
		found = append(found, clockFinding(server.name, ahead))
	}
	if len(found) == 0 {
		return []Finding{unknown("no server told its time", again)}
	}
	return found
}

func clockFinding(server string, ahead time.Duration) Finding {
	text := fmt.Sprintf("the clock of %s is %s ahead of the app's", server, brief(ahead))
	if ahead < 0 {
		text = fmt.Sprintf("the clock of %s is %s behind the app's", server, brief(-ahead))
	}
	const fix = "set the clock of the machine that the app runs on by the network's time; tokens and times of employment depend on it"
	switch {
	case ahead.Abs() > clockWrong:
		return wrong(server, text, fix)
	case ahead.Abs() > clockNote:
		return note(server, text, fix)
	}
	return fine(server, "the app's clock and that of "+server+" agree")
}

// furthest returns the difference that is largest, before or behind.
func furthest(clocks []Clock) (ahead time.Duration, known bool) {
	for _, c := range clocks {
		if c.Known && (!known || c.Ahead.Abs() > ahead.Abs()) {
			ahead, known = c.Ahead, true
		}
	}
	return ahead, known
}

// onLicences judges whether there are licences with Teams for whoever is to come.
func (s *signs) onLicences() []Finding {
	unlicensed := s.unlicensed()
	if s.licencesErr != nil {
		fix := graphCures.of(s.licencesErr)
		if fault.Is(s.licencesErr, fault.Denied) {
			fix = granting([]string{"Organization.Read.All"})
		}
		return append(unlicensed, unknown(fmt.Sprintf("the licences cannot be looked at: %v", s.licencesErr), fix))
	}
	if len(s.licences) == 0 {
		return append(unlicensed, wrong("", "the tenant has no product with Microsoft Teams, and nobody can be added to a team",
			"buy licences with Microsoft Teams, or check that TENANT_ID is the tenant that has them"))
	}
	return append(unlicensed, s.products(len(unlicensed) > 0)...)
}

// products judges each product, and what is left of all together, which only
// matters at once while somebody waits for one.
func (s *signs) products(wanted bool) []Finding {
	var found []Finding
	free := 0
	for _, l := range s.licences {
		free += max(0, l.Enabled-l.Used)
		switch {
		case l.Used > l.Enabled:
			found = append(found, wrong(l.Product, fmt.Sprintf("%d of %d units are assigned: who has one too many loses Teams when their grace ends", l.Used, l.Enabled),
				"renew or buy units of "+l.Product+", or take licences from accounts that need none"))
		case l.Suspended > 0:
			found = append(found, note(l.Product, count(l.Suspended, "unit is", "units are")+" about to end", "renew "+l.Product+" in the Microsoft 365 admin center under Billing"))
		case l.Used == l.Enabled:
			found = append(found, note(l.Product, fmt.Sprintf("all %d units are used", l.Enabled), "buy more units of "+l.Product+" before the next hire"))
		default:
			found = append(found, fine(l.Product, fmt.Sprintf("%d of %d units are free", l.Enabled-l.Used, l.Enabled)))
		}
	}
	if free == 0 && wanted {
		found = append(found, wrong("units", "no unit of any product with Microsoft Teams is left for those who are wanted in teams", "buy licences with Microsoft Teams"))
	}
	return found
}

// unlicensed tells how many who are wanted in teams lack a licence.
func (s *signs) unlicensed() []Finding {
	if s.unread() != nil {
		return nil
	}
	n := 0
	for _, u := range s.survey.Roster.Unmapped {
		if u.Cause == org.Unlicensed {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []Finding{note("people", count(n, "worker", "workers")+" wanted in teams have no licence with Microsoft Teams",
		"assign them licences, or turn the Teams service plan of those they have on (`unmapped` lists them)")}
}
