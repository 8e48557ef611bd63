package e2e

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The command lines and answers in the README's section on a bad day are what a
// day that is played answers: its blocks, begun by ```text, have lines that begin
// with a prompt, and below each what was answered.

var update = flag.Bool("update", false, "rewrite what the README's bad day shows")

const (
	readme      = "../../README.md"
	dayBegins   = "\n## A bad day\n"
	dayEnds     = "\n## Limits\n"
	blockBegins = "\n```text\n"
	blockEnds   = "\n```\n"
	prompt      = "$ handler "
	cut         = "…"
)

// book is the README: its section on a bad day, and what is around it.
type book struct {
	before, section, after string
	shown                  []string // each command with its answer, in order
}

func readBook(t *testing.T) *book {
	t.Helper()
	text, err := os.ReadFile(readme)
	do(t, err)
	before, rest, begins := strings.Cut(string(text), dayBegins)
	section, after, ends := strings.Cut(rest, dayEnds)
	if !begins || !ends {
		t.Fatalf("%s has no place for the day", readme)
	}
	b := &book{before: before + dayBegins, section: section, after: dayEnds + after}
	b.eachBlock(func(block string) string {
		b.shown = append(b.shown, exchanges(block)...)
		return block
	})
	return b
}

// eachBlock replaces each block of the section by what replace makes of it.
func (b *book) eachBlock(replace func(string) string) {
	var done strings.Builder
	rest := b.section
	for {
		before, from, begins := strings.Cut(rest, blockBegins)
		block, after, ends := strings.Cut(from, blockEnds)
		if !begins || !ends {
			break
		}
		done.WriteString(before + blockBegins + replace(block) + blockEnds)
		rest = after
	}
	b.section = done.String() + rest
}

// exchanges are a block's commands, each with its answer.
func exchanges(block string) []string {
	var all []string
	for line := range strings.SplitSeq(block, "\n") {
		if strings.HasPrefix(line, prompt) || len(all) == 0 {
			all = append(all, line)
			continue
		}
		all[len(all)-1] += "\n" + line
	}
	return all
}

// write puts other commands and answers into the README.
func (b *book) write(t *testing.T, shown []string) {
	t.Helper()
	b.eachBlock(func(block string) string {
		n := len(exchanges(block))
		mine := shown[:n]
		shown = shown[n:]
		return strings.Join(mine, "\n")
	})
	do(t, os.WriteFile(readme, []byte(b.before+b.section+b.after), 0o644))
}

// day is a site on which the README's day is played. Make it with newDay.
type day struct {
	*site
	book   *book
	played []string
	twins  map[string]string // what stands in the README, by what stands in its place today
}

// newDay is a day on a site. Users are the same ones every day.
func newDay(t *testing.T, s *site) *day {
	t.Helper()
	d := &day{site: s, book: readBook(t), twins: map[string]string{}}
	for _, user := range unwire(t, s.world).Users {
		id := user["id"].(string)
		d.twins[id] = id
	}
	return d
}

// handler runs a command, which has to end with that code, and compares what it
// answers with the README. With parts only the lines that have them, in order, are
// shown there, and a line of … for others between; "" is the line that follows.
func (d *day) handler(t *testing.T, code int, line string, parts ...string) {
	t.Helper()
	got := d.site.handler(t, strings.Fields(line)...)
	if got.code != code {
		t.Errorf("handler %s: exit code %d, want %d", line, got.code, code)
	}
	answer := strings.TrimRight(got.out+got.errout, "\n")
	exchange := prompt + line + "\n" + excerpt(t, answer, parts)
	d.played = append(d.played, exchange)
	if *update {
		return
	}
	if n := len(d.played); n > len(d.book.shown) || !d.alike(d.book.shown[n-1], exchange) {
		shown := "nothing"
		if n <= len(d.book.shown) {
			shown = d.book.shown[n-1]
		}
		t.Errorf("the README does not have what is answered; go test ./handler/e2e -run TestBadDay -update mends it\n%s\n--- the README has\n%s", exchange, shown)
	}
}

// excerpt cuts an answer down to a line for each part: the next one that has it.
func excerpt(t *testing.T, answer string, parts []string) string {
	t.Helper()
	if len(parts) == 0 {
		return answer
	}
	var kept []string
	for line := range strings.SplitSeq(answer, "\n") {
		if len(parts) > 0 && strings.Contains(line, parts[0]) {
			kept, parts = append(kept, line), parts[1:]
		} else if len(kept) == 0 || kept[len(kept)-1] != cut {
			kept = append(kept, cut)
		}
	}
	if len(parts) > 0 {
		t.Errorf("%q is not where it should be in\n%s", parts[0], answer)
	}
	return strings.Join(kept, "\n")
}

const (
	// named is what has a name of its own each day: groups, holds, readings. In
	// two places that are alike today it has to be alike in the README.
	named = `[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16}\b|\d{4}-\d\d-\d\dT[\d:.]+Z`

	// passing is what differs from run to run.
	passing = `\d{8}T\d{6}\.\d+Z-\w+|\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC|just now|\d+ \w+ ago|took \S+`
)

var (
	varying = regexp.MustCompile(named + `|` + passing)
	isNamed = regexp.MustCompile(`^(?:` + named + `)$`)
)

// alike reports whether the README shows what was answered today, but for what
// differs from day to day.
func (d *day) alike(shown, today string) bool {
	const mask = "*"
	if varying.ReplaceAllString(shown, mask) != varying.ReplaceAllString(today, mask) {
		return false
	}
	there := varying.FindAllString(shown, -1)
	for i, here := range varying.FindAllString(today, -1) {
		if !isNamed.MatchString(here) {
			continue
		}
		if twin, met := d.twins[here]; met && twin != there[i] {
			return false
		}
		d.twins[here] = there[i]
	}
	return true
}

// finish checks that the README shows no more than was played, or rewrites it.
func (d *day) finish(t *testing.T) {
	t.Helper()
	switch {
	case t.Failed():
	case len(d.played) != len(d.book.shown):
		t.Errorf("the README shows %d commands, the day has %d", len(d.book.shown), len(d.played))
	case *update:
		d.book.write(t, d.played)
	}
}
