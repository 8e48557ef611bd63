package taskstest

import (
	"strings"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// samples are values of a field in their canonical form, each for a reason, and
// in an order in which every one differs from the one before.
func (b *bench) samples(f task.Field, single bool) []string {
	first, second := b.Users[0].String(), b.Users[1].String()
	switch f {
	case task.Status:
		return []string{task.InProgress, task.Completed, task.InProgress, task.NotStarted, task.Completed, task.NotStarted}
	case task.Assignees:
		if single {
			return []string{first, second, ""}
		}
		return []string{first, task.CanonAssignees([]string{first, second}), second, ""}
	case task.Title:
		return []string{
			"Window: summer", "Fenster – Größe & Ölfarbe ß", "店舗の窓 👩‍👩‍👧 🇪🇺", "' or 1 eq 1 or '", `<b>"50 %" \ /\x</b>`,
			strings.TrimSpace(strings.Repeat("long title ", 23)), // 252 of 255
		}
	case task.Due:
		return []string{"2026-12-31", "2027-01-01", "2028-02-29", "2026-03-29", "2026-10-25", "", "2026-06-01"}
	case task.Link:
		return []string{
			"https://contoso.com/", "https://contoso.com:8443/@team/a%20b/100%25?x=1&y=%23#top.2", "Open drawer",
			"Büro/Lager: 50 %", "", "https://intranet.contoso.com/" + strings.Repeat("path/", 60),
		}
	case task.Contact:
		return []string{"Anna Schmidt, +49 30 1234", "店長 (Größe?)", "", "Contact: ask at the desk"}
	case task.Instructions, task.Progress:
		return texts()
	}
	return nil
}

// texts are values of fields with several lines.
func texts() []string {
	return []string{
		"Take down the old window.",
		"First line\n\n  indented third line\n\tand one with a tab",
		"Größe – “quoted” 店 👩‍👩‍👧",
		"",
		"--- Progress ---\nis not a heading here",
		"Contact: the manager\nContact:\nand then?",
		`\--- Progress ---` + "\n" + `<a href="x">&amp;</a> {"a":null}`,
		strings.TrimSpace(strings.Repeat("A sentence of no importance. ", 140)), // 4,059 characters
	}
}

// rich are values for all fields of a set.
func (b *bench) rich(fields task.Fields, single bool) task.Values {
	values := task.Values{}
	for f := range fields.All() {
		values[f] = b.samples(f, single)[0]
	}
	return values
}
