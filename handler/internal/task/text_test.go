package task_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/task"
)

func described(instructions, contact, progress string) task.Values {
	return task.Values{task.Instructions: instructions, task.Contact: contact, task.Progress: progress}
}

func TestComposeDescription(t *testing.T) {
	cases := []struct {
		name string
		v    task.Values
		want string
	}{
		{"nothing", task.Values{}, ""},
		{"instructions", described("Count the shelf.", "", ""), "Count the shelf."},
		{"all", described("Count\nthe shelf.", "Ann", "Half."), "Count\nthe shelf.\n\nContact: Ann\n\n--- Progress ---\nHalf."},
		{"contact", described("", "Ann", ""), "Contact: Ann"},
		{"progress", described("", "", "Half."), "--- Progress ---\nHalf."},
		{"not canonical", described("a \r\nb\n\n", " Ann\nLee ", "\nHalf. "), "a\nb\n\nContact: Ann Lee\n\n--- Progress ---\nHalf."},
		{"another contact", described("Contact: the desk", "", ""), "Contact: the desk\n\nContact:"},
		{"a contact in the progress", described("", "", "Contact: Bob"), "Contact:\n\n--- Progress ---\nContact: Bob"},
		{"a separator", described("a\n--- progress ---\nb", "", ""), "a\n\\--- progress ---\nb"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := task.ComposeDescription(c.v); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// People do what they like with a description.
func TestParseDescription(t *testing.T) {
	cases := []struct {
		name, text string
		want       task.Values
	}{
		{"nothing", "", described("", "", "")},
		{"only text", "Count.\r\n\r\nTwice. ", described("Count.\n\nTwice.", "", "")},
		{"all", "a\n\nContact: Ann\n\n--- Progress ---\nb", described("a", "Ann", "b")},
		{"the separator was deleted", "a\n\nContact: Ann\n\nb", described("a\n\n\nb", "Ann", "")},
		{"the contact was moved up", "Contact: Ann\na\n--- Progress ---\nb", described("a", "Ann", "b")},
		{"the contact was moved down", "a\n--- Progress ---\nb\nContact: Ann", described("a", "Ann", "b")},
		{"the contact was deleted", "a\n\n--- Progress ---\nb", described("a", "", "b")},
		{"two contacts", "Contact: Ann\na\nContact: Bob", described("Contact: Ann\na", "Bob", "")},
		{"the contact's case", " contact:Ann ", described("", "Ann", "")},
		{"a word like it", "Contacts: all\nContact Ann", described("Contacts: all\nContact Ann", "", "")},
		{"another separator's length and case", "a\n-- PROGRESS -----\nb", described("a", "", "b")},
		{"dashes that a keyboard made", "a\n— Progress —\nb", described("a", "", "b")},
		{"no dashes", "a\nProgress\nb", described("a\nProgress\nb", "", "")},
		{"dashes at one end", "a\n- Progress\nb\nProgress -", described("a\n- Progress\nb\nProgress -", "", "")},
		{"another word", "a\n--- Progresses ---\nb", described("a\n--- Progresses ---\nb", "", "")},
		{"two separators", "a\n--- Progress ---\nb\n--- Progress ---\nc", described("a", "", "b\n--- Progress ---\nc")},
		{"blank lines behind the separator", "--- Progress ---\n\n\nb", described("", "", "b")},
		{"a backslash of ours", "\\--- Progress ---", described("--- Progress ---", "", "")},
		{"a backslash of theirs", "\\a", described("\\a", "", "")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := task.ParseDescription(c.text); !maps.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// awkward are lines that mean something in a description, or nearly do.
var awkward = []string{
	"", "  ", "--- Progress ---", `\--- Progress ---`, `\\-- progress --`, `\ --- Progress ---`, "— PROGRESS —", "Progress",
	"Contact:", "contact: Bob", " Contact: the desk", `\Contact: x`, "a", "\ttab", "due -2d", "\u2028", "\x00", "\xff", "e\u0301\u0301", "👩‍👩‍👧",
}

func drawText(t *rapid.T, name string) string {
	line := rapid.OneOf(rapid.SampledFrom(awkward), rapid.String())
	breaks := rapid.SampledFrom([]string{"\n", "\r\n", "\r"})
	return strings.Join(rapid.SliceOfN(line, 0, 6).Draw(t, name), breaks.Draw(t, "break"))
}

func TestDescriptionsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := described(task.CanonText(drawText(t, "instructions")), task.CanonLine(drawText(t, "contact")), task.CanonText(drawText(t, "progress")))
		text := task.ComposeDescription(v)
		if got := task.ParseDescription(text); !maps.Equal(got, v) {
			t.Fatalf("%q comes back from %q as %q", v, text, got)
		}
		if canon := task.CanonText(text); canon != text {
			t.Fatalf("%q is not as all sides show it: %q", text, canon)
		}
	})
}

func FuzzParseDescription(f *testing.F) {
	for i, line := range awkward {
		f.Add(line + "\n" + awkward[(i+3)%len(awkward)] + "\r\n" + awkward[(i+7)%len(awkward)])
	}
	f.Fuzz(func(t *testing.T, text string) {
		v := task.ParseDescription(text)
		if again := task.ParseDescription(task.ComposeDescription(v)); !maps.Equal(again, v) {
			t.Errorf("%q is %q, and written down %q", text, v, again)
		}
		for f, value := range v {
			if canon := task.CanonText(value); canon != value {
				t.Errorf("%s %q is not canonical", f, value)
			}
		}
		checkNothingLost(t, text, v)
	})
}

// checkNothingLost fails if a word of the text is nowhere in the values, but for
// the words that say what is what.
func checkNothingLost(t *testing.T, text string, v task.Values) {
	t.Helper()
	count := func(texts ...string) map[string]int {
		words := map[string]int{}
		for _, s := range texts {
			for _, word := range strings.FieldsFunc(task.CanonText(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				words[strings.ToLower(word)]++
			}
		}
		return words
	}
	kept := count(slices.Collect(maps.Values(v))...)
	for word, n := range count(text) {
		lost := n - kept[word]
		if word == "contact" || word == "progress" {
			lost-- // one of each may have been a mark
		}
		if lost > 0 {
			t.Errorf("%q has %q %d times, %q has it %d times", text, word, n, v, kept[word])
		}
	}
}
