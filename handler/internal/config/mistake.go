package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing wrong with the settings.
type Mistake struct {
	Setting string // the setting to change
	Problem string // what is wrong with it and what was expected, never its value
}

// String puts both into one phrase.
func (m Mistake) String() string { return m.Setting + ": " + m.Problem }

// Mistakes is everything wrong with the settings, ordered by setting. As an
// error it is one line, because the Functions platform shows no more than the
// last three lines of standard error.
type Mistakes []Mistake

// Error implements error.
func (m Mistakes) Error() string {
	phrases := make([]string, len(m))
	for i, mistake := range m {
		phrases[i] = mistake.String()
	}
	noun := "mistakes"
	if len(m) == 1 {
		noun = "mistake"
	}
	return fmt.Sprintf("%d %s in the settings: %s", len(m), noun, strings.Join(phrases, "; "))
}

func (m Mistakes) sorted() Mistakes {
	return slices.SortedFunc(slices.Values(m), func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Setting, b.Setting), cmp.Compare(a.Problem, b.Problem))
	})
}

// about reports whether a mistake in the named setting is known already, so
// that rules between settings do not judge what could not be read.
func (m Mistakes) about(name string) bool {
	return slices.ContainsFunc(m, func(mistake Mistake) bool { return mistake.Setting == name })
}
