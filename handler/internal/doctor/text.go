package doctor

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// badness orders levels, worst first.
func (l Level) badness() int { return slices.Index([]Level{Wrong, Unknown, Note, Fine}, l) }

// WriteText writes the report for people: check by check, the worst of each
// first, with what to do below it, and a summary last. What is fine is only
// counted, unless all is wanted.
func (r Report) WriteText(w io.Writer, all bool) error {
	var b strings.Builder
	for rest := r.Findings; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(f Finding) bool { return f.Check != rest[0].Check })
		if n < 0 {
			n = len(rest)
		}
		writeCheck(&b, rest[:n], all)
		rest = rest[n:]
	}
	fmt.Fprintln(&b, r.summary())
	_, err := io.WriteString(w, b.String())
	return err
}

func writeCheck(b *strings.Builder, findings []Finding, all bool) {
	fmt.Fprintln(b, findings[0].Check)
	sorted := slices.SortedStableFunc(slices.Values(findings), func(a, b Finding) int {
		return cmp.Compare(a.Level.badness(), b.Level.badness())
	})
	hidden := 0
	for _, f := range sorted {
		if f.Level == Fine && !all {
			hidden++
			continue
		}
		text := f.Text
		if f.Subject != "" {
			text = f.Subject + ": " + text
		}
		fmt.Fprintf(b, "  %-7s %s\n", f.Level, oneLine(text))
		if f.Fix != "" {
			fmt.Fprintf(b, "          -> %s\n", oneLine(f.Fix))
		}
	}
	if hidden > 0 {
		fmt.Fprintf(b, "  %-7s %d\n", Fine, hidden)
	}
}

// summary counts what was found.
func (r Report) summary() string {
	counts := map[Level]int{}
	for _, f := range r.Findings {
		counts[f.Level]++
	}
	verdict := "Nothing must be fixed"
	if n := counts[Wrong]; n > 0 {
		verdict = count(n, "thing must be fixed", "things must be fixed")
	}
	return fmt.Sprintf("%s; %s, %d unknown, %d fine", verdict, count(counts[Note], "note", "notes"), counts[Unknown], counts[Fine])
}

// oneLine keeps what a server or a file says from writing to the terminal
// anything but text.
func oneLine(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsGraphic(c) {
			return c
		}
		return ' '
	}, text)
}
