package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// maxNamed is how many stores a sentence names; of more it gives the number.
const maxNamed = 5

// moment writes a time for people.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// period writes from when to when something is valid; a zero time is no bound.
func period(from, to time.Time) string {
	switch {
	case from.IsZero() && to.IsZero():
		return "always"
	case to.IsZero():
		return "from " + moment(from)
	case from.IsZero():
		return "until " + moment(to)
	}
	return fmt.Sprintf("from %s until %s", moment(from), moment(to))
}

// ago writes how long before another a moment was.
func ago(then, now time.Time) string {
	d := now.Sub(then)
	switch {
	case d < time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// flagText writes a NoYes value as Finance & Operations shows it.
func flagText(f org.Flag) string {
	switch f {
	case org.Yes:
		return "Yes"
	case org.No:
		return "No"
	}
	return "neither Yes nor No"
}

// orNone writes a text that may be missing.
func orNone[T ~string](text T) string {
	if text == "" {
		return "none"
	}
	return string(text)
}

// number writes a count of things.
func number(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "person"):
		return fmt.Sprintf("%d people", n)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// teamsText names teams in a sentence.
func teamsText(keys []org.TeamKey) string {
	var parts, stores []string
	for _, key := range keys {
		if key.IsStore() {
			stores = append(stores, string(key.Store))
		} else {
			parts = append(parts, "the communications team")
		}
	}
	switch n := len(stores); {
	case n == 0:
	case n == 1:
		parts = append(parts, "the team of store "+stores[0])
	case n <= maxNamed:
		parts = append(parts, "the teams of stores "+list(stores))
	default:
		parts = append(parts, fmt.Sprintf("the teams of %d stores (%s and %d more)", n, strings.Join(stores[:maxNamed-2], ", "), n-maxNamed+2))
	}
	return strings.Join(parts, " and ")
}

// list writes "a, b and c".
func list(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// capital begins a sentence.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func asRole(r org.Role) string { return "as " + r.String() }
