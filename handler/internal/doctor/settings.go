package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/config"
)

// CheckSettings looks at settings alone, read through getenv as
// [config.FromEnv] reads them; environ, a list of NAME=value, may be left out
// and finds misspelt ENTITY_ settings. Every mistake is Wrong, every other
// setting Fine or doubtful. No finding repeats a value.
func CheckSettings(getenv func(string) string, environ []string) Report {
	settings, err := config.FromEnv(getenv, environ...)
	var mistakes config.Mistakes
	var doubted []Finding
	if errors.As(err, &mistakes) {
		for _, m := range mistakes {
			doubted = append(doubted, mistaken(m))
		}
	} else {
		doubted = doubts(settings)
	}
	findings := settle(doubted, func(s config.Setting) string {
		switch {
		case strings.TrimSpace(getenv(s.Name)) != "":
			return "set, and accepted"
		case s.Default != "":
			return "not set: the default " + s.Default + " serves"
		}
		return "not set, and not needed"
	})
	for i := range findings {
		findings[i].Check = checkSettings
	}
	return Report{Findings: findings}
}

// mistaken turns a mistake into a finding. A mistake says what is wrong, if it
// is more than not being as expected, and then what was expected.
func mistaken(m config.Mistake) Finding {
	problem, expected, _ := strings.Cut(m.Problem, "expected ")
	if problem = strings.Trim(problem, ", "); problem == "" {
		problem = "not as expected"
	}
	verb := "correct "
	if problem == "not set" {
		verb = "set "
	}
	return wrong(m.Setting, problem, verb+m.Setting+"; expected is "+expected)
}

// onSettings doubts settings that are valid and yet do not fit what Commerce
// and the tenant show.
func (s *signs) onSettings() []Finding {
	doubted := doubts(s.settings)
	if s.survey != nil && s.surveyErr == nil {
		doubted = slices.Concat(doubted, s.doubtNames(), s.coded(checkSettings), s.doubtAdopt())
		if s.unread() == nil {
			doubted = append(doubted, s.doubtUsers()...)
		}
	}
	return settle(doubted, func(config.Setting) string { return "accepted, and nothing speaks against it" })
}

// settle puts what is doubted into the order of the settings, and says of each
// of the others that it is fine.
func settle(doubted []Finding, well func(config.Setting) string) []Finding {
	bySetting := map[string][]Finding{}
	for _, f := range doubted {
		bySetting[f.Subject] = append(bySetting[f.Subject], f)
	}
	var all []Finding
	for _, setting := range config.Settings() {
		if findings := bySetting[setting.Name]; len(findings) > 0 {
			all = append(all, findings...)
		} else {
			all = append(all, fine(setting.Name, well(setting)))
		}
		delete(bySetting, setting.Name)
	}
	for _, f := range doubted { // of names that are no settings
		if _, left := bySetting[f.Subject]; left {
			all = append(all, f)
		}
	}
	return all
}

// doubtAdopt tells of stores that wait to be adopted: with ADOPT=yes none does.
func (s *signs) doubtAdopt() []Finding {
	waiting := s.waitingForAdoption()
	if len(waiting) == 0 {
		return nil
	}
	return []Finding{note("ADOPT", fmt.Sprintf("ADOPT=no lets %s that Commerce maps to teams wait for a person (%s)",
		count(len(waiting), "store", "stores"), list(waiting)),
		"allow the holds that `holds list` shows, or set ADOPT=yes to take over every team that Commerce maps")}
}
