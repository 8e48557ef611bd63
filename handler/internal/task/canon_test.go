package task_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/task"
)

func TestCanonText(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"line ends", "a\r\nb\rc\n", "a\nb\nc"},
		{"blanks at ends of lines", "a \t\n\u00a0\nb\u3000", "a\n\nb"},
		{"blanks before", "  a\n  b", "  a\n  b"},
		{"blank lines around", "\n \n a\n\n", " a"},
		{"controls", "a\x00b\x1bc\td\x0be\u0085f", "abc\td e f"},
		{"no UTF-8", "a\xffb", "a\uFFFDb"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := task.CanonText(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCanonTitle(t *testing.T) {
	family := "👩‍👩‍👧" // one character of 8 code units and 18 bytes
	combined := "e" + strings.Repeat("\u0301", 300)
	cases := []struct{ name, title, want string }{
		{"blanks", "  Count\r\n\tthe  shelf ", "Count the shelf"},
		{"as long as it may be", strings.Repeat("é", 255), strings.Repeat("é", 255)},
		{"longer", strings.Repeat("é", 256), strings.Repeat("é", 255)},
		{"a blank at the border", strings.Repeat("a", 254) + " b", strings.Repeat("a", 254)},
		{"a surrogate pair at the border", strings.Repeat("a", 254) + "😀", strings.Repeat("a", 254)},
		{"a family at the border", strings.Repeat("a", 248) + family, strings.Repeat("a", 248)},
		{"a family that fits", strings.Repeat("a", 247) + family + "b", strings.Repeat("a", 247) + family},
		{"one character too long", combined, combined[:1+2*254]},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := task.CanonTitle(c.title); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A canonical form is one: it stays as it is.
func TestCanonicalStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawText(t, "text")
		s += strings.Repeat(s, rapid.IntRange(0, 50).Draw(t, "times"))
		for name, canon := range map[string]func(string) string{
			"text": task.CanonText, "line": task.CanonLine, "title": task.CanonTitle,
		} {
			once := canon(s)
			if twice := canon(once); twice != once {
				t.Fatalf("%s: %q, then %q", name, once, twice)
			}
			if !utf8.ValidString(once) {
				t.Fatalf("%s: %q is not UTF-8", name, once)
			}
			if name != "text" && strings.ContainsAny(once, "\r\n\t") {
				t.Fatalf("%s: %q has more than a line", name, once)
			}
		}
		if title := task.CanonTitle(s); len(utf16.Encode([]rune(title))) > 255 || title == "" && task.CanonLine(s) != "" {
			t.Fatalf("%q is cut to %q", s, title)
		}
	})
}

func TestCanonAssignees(t *testing.T) {
	cases := []struct {
		name string
		ids  []string
		want string
	}{
		{"nobody", nil, ""},
		{"one", []string{"A1"}, "a1"},
		{"order, case, blanks, twice", []string{"b2", " A1 ", "", "a1"}, "a1,b2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := task.CanonAssignees(c.ids); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCanonDue(t *testing.T) {
	cases := []struct {
		name string
		at   time.Time
		zone *time.Location
		want string
	}{
		{"noon in UTC", moment("2026-05-12T12:00:00Z"), time.UTC, "2026-05-12"},
		{"noon in UTC, far east", moment("2026-05-12T12:00:00Z"), offset(14), "2026-05-12"},
		{"noon in UTC, far west", moment("2026-05-12T12:00:00Z"), offset(-12), "2026-05-12"},
		{"midnight in UTC, west", moment("2026-05-12T00:00:00Z"), offset(-8), "2026-05-12"},
		{"an evening, east", moment("2026-05-12T22:30:00Z"), offset(2), "2026-05-13"},
		{"an early morning, west", moment("2026-05-12T03:00:00Z"), offset(-8), "2026-05-11"},
		{"the moment in another zone", moment("2026-05-12T23:30:00-08:00"), offset(-8), "2026-05-12"},
		{"no zone", moment("2026-05-12T03:00:00Z"), nil, "2026-05-12"},
		{"no date", moment("1900-01-01T00:00:00Z"), offset(-8), ""},
		{"no date, east", moment("1900-01-01T12:30:00Z"), offset(14), ""},
		{"no date, west", moment("1900-01-02T01:00:00Z"), offset(-8), ""},
		{"earlier", moment("1899-12-31T12:00:00Z"), time.UTC, ""},
		{"the first date", moment("1900-01-02T12:00:00Z"), time.UTC, "1900-01-02"},
		{"zero", time.Time{}, time.UTC, ""},
		{"the last date", moment("9999-12-31T12:00:00Z"), time.UTC, "9999-12-31"},
		{"long beyond", time.Date(20000, 1, 1, 12, 0, 0, 0, time.UTC), time.UTC, ""},
		{"beyond", moment("9999-12-31T13:00:00Z"), offset(12), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := task.CanonDue(c.at, c.zone)
			if got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			if day, ok := task.DayOf(got); ok != (got != "") || ok && day.Format(time.DateOnly) != got {
				t.Errorf("%q is read as %v, %t", got, day, ok)
			}
		})
	}
}

func moment(text string) time.Time {
	t, _ := time.Parse(time.RFC3339, text) // a zero time shows in the case that has a typing error
	return t
}

func offset(hours int) *time.Location { return time.FixedZone("", hours*3600) }

func TestStatusOfPercent(t *testing.T) {
	for percent, want := range map[int]string{
		-1: task.NotStarted, 0: task.NotStarted, 1: task.InProgress, 50: task.InProgress, 99: task.InProgress,
		100: task.Completed, 101: task.Completed,
	} {
		if got := task.StatusOfPercent(percent); got != want {
			t.Errorf("%d %% is %q, want %q", percent, got, want)
		}
	}
	for status, want := range map[string]int{
		task.NotStarted: 0, task.InProgress: 50, task.Completed: 100, task.Cancelled: 0, "": 0, "?": 0,
	} {
		if got := task.PercentOf(status); got != want {
			t.Errorf("%q is %d %%, want %d", status, got, want)
		}
	}
}

func TestStatusOfWord(t *testing.T) {
	for status, words := range map[string][]string{
		task.NotStarted: {"NotStarted", "notstarted", "Not started", "NOT_STARTED", " not-started "},
		task.InProgress: {"InProgress", "In progress", "Started", "in_progress"},
		task.Completed:  {"Completed", "complete", "DONE"},
		task.Cancelled:  {"Cancelled", "canceled", "Aborted"},
	} {
		for _, word := range words {
			if got, known := task.StatusOfWord(word); got != status || !known {
				t.Errorf("%q is %q, %t, want %q", word, got, known, status)
			}
		}
	}
	for _, word := range []string{"", "Overdue", "None", "Completed2", "0"} {
		if got, known := task.StatusOfWord(word); got != "" || known {
			t.Errorf("%q is %q, %t", word, got, known)
		}
	}
}

func TestFields(t *testing.T) {
	names, keys := map[string]bool{}, map[string]bool{}
	for f := range task.AllFields().All() {
		names[f.String()] = true
		key, err := f.MarshalText()
		if err != nil || len(key) != 1 {
			t.Fatalf("%s is written %q, %v", f, key, err)
		}
		keys[string(key)] = true
		var back task.Field
		if err := back.UnmarshalText(key); err != nil || back != f {
			t.Errorf("%s comes back as %s, %v", f, back, err)
		}
	}
	if n := task.AllFields().Len(); n != 8 || len(names) != n || len(keys) != n {
		t.Errorf("%d fields have the names %v and the keys %v", n, names, keys)
	}
	if _, err := task.Field(8).MarshalText(); err == nil || err.Error() != "there is no field 8" {
		t.Errorf("what is no field is written: %v", err)
	}
	f := task.Due
	if err := f.UnmarshalText([]byte("x")); err == nil || err.Error() != `"x" names no field` || f != task.Due {
		t.Errorf("what is no field is read as %s: %v", f, err)
	}
	if set := task.FieldsOf(task.Due, task.Status); !set.Has(task.Due) || set.Has(task.Link) || set.Len() != 2 ||
		!slices.Equal(slices.Collect(set.All()), []task.Field{task.Status, task.Due}) {
		t.Errorf("the set of status and due is %b", set)
	}
}

// Ledgers are read for years.
func TestValuesInRecords(t *testing.T) {
	v := task.Values{
		task.Status: "1", task.Assignees: "2", task.Progress: "3", task.Title: "4", task.Instructions: "5", task.Due: "6",
		task.Link: "7", task.Contact: "8",
	}
	const want = `{"a":"2","c":"8","d":"6","i":"5","l":"7","p":"3","s":"1","t":"4"}`
	text, err := json.Marshal(v)
	if err != nil || string(text) != want {
		t.Fatalf("written %s, %v", text, err)
	}
	var back task.Values
	if err := json.Unmarshal(text, &back); err != nil || !maps.Equal(back, v) {
		t.Errorf("read %v, %v", back, err)
	}
}

func TestMatrix(t *testing.T) {
	want := []task.Row{
		{task.Status, task.Further}, {task.Assignees, task.TeamsWins}, {task.Progress, task.TeamsWins},
		{task.Title, task.OriginWins}, {task.Instructions, task.OriginWins}, {task.Due, task.OriginWins},
		{task.Link, task.OriginWins}, {task.Contact, task.OriginWins},
	}
	if got := task.Matrix(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	const table = `| field | who wins when both sides changed it |
|---|---|
| status | the further along: completed, then in progress, then not started |
| assignees | Teams |
| progress | Teams |
| title | where the task came from: Commerce or the list; Teams for a store's own |
| instructions | where the task came from: Commerce or the list; Teams for a store's own |
| due | where the task came from: Commerce or the list; Teams for a store's own |
| link | where the task came from: Commerce or the list; Teams for a store's own |
| contact | where the task came from: Commerce or the list; Teams for a store's own |
`
	if got := task.MatrixTable(); got != table {
		t.Errorf("got\n%s", got)
	}
}
