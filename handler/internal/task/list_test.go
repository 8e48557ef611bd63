package task_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

var listDay = time.Date(2027, 5, 3, 9, 0, 0, 0, time.UTC)

// listCard makes a card of the communications board; cards made later are younger.
func listCard(id, title, due, notes string) task.ListCard {
	return task.ListCard{ID: id, Version: "1", Values: task.Values{
		task.Title: title, task.Due: due, task.Instructions: notes, task.Status: task.NotStarted,
	}}
}

func TestReadList(t *testing.T) {
	t.Parallel()
	send := listCard("send", " s E n d ", "2027-05-12", "North, 000135;\r\n  West   Coast \n,;\n")
	first, second := listCard("b", "First", "", "Do it.\ndue -2d"), listCard("a", "Second", "2027-05-01", "due +1w\nWell.")
	first.CreatedAt, second.CreatedAt = listDay, listDay.Add(time.Minute)
	first.Values[task.Link], second.Values[task.Contact] = "https://example.com", "Ann"
	list, found := task.ReadList([]task.ListCard{second, send, first}, "Send")
	if !found || list.Cancel || list.Send.ID != "send" || list.Target != "2027-05-12" || len(list.Mistakes) > 0 {
		t.Fatalf("found %t: %+v", found, list)
	}
	if want := []string{"North", "000135", "West Coast"}; !slices.Equal(list.Words, want) {
		t.Errorf("words %q, want %q", list.Words, want)
	}
	want := []task.Template{
		{ID: "b", Values: task.Values{
			task.Title: "First", task.Instructions: "Do it.", task.Due: "2027-05-10", task.Link: "https://example.com", task.Contact: "",
		}},
		{ID: "a", Values: task.Values{ // its own due date counts
			task.Title: "Second", task.Instructions: "Well.", task.Due: "2027-05-01", task.Link: "", task.Contact: "Ann",
		}},
	}
	mustEqual(t, "templates", list.Templates, want)
}

func TestReadListOfNoList(t *testing.T) {
	t.Parallel()
	for _, title := range []string{"", "Sent", "Send it", "Cancelled"} {
		if list, found := task.ReadList([]task.ListCard{listCard("x", title, "", "")}, "Send"); found {
			t.Errorf("%q: found %+v", title, list)
		}
	}
	list, found := task.ReadList([]task.ListCard{listCard("x", "CANCEL", "", "")}, "Send")
	if !found || !list.Cancel {
		t.Errorf("CANCEL: found %t: %+v", found, list)
	}
}

func TestOffsets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ notes, due, rest string }{
		{"", "2027-05-12", ""},
		{"due 0d", "2027-05-12", ""},
		{"due 3d", "2027-05-15", ""},
		{"DUE -2 D", "2027-05-10", ""},
		{"due−2d", "2027-05-10", ""},
		{"due +1w", "2027-05-19", ""},
		{"due -2 weeks.", "2027-04-28", ""},
		{"due 1 day", "2027-05-13", ""},
		{"One.\n  due +1d  \n\nTwo.", "2027-05-13", "One.\n\nTwo."},
		{"due to the weather", "2027-05-12", "due to the weather"},
		{"The rent is due 3d after", "2027-05-12", "The rent is due 3d after"},
	} {
		list := listOf(listCard("t", "Task", "", c.notes))
		if len(list.Mistakes) > 0 {
			t.Errorf("%q: %q", c.notes, list.Mistakes)
		}
		got := list.Templates[0].Values
		if got[task.Due] != c.due || got[task.Instructions] != c.rest {
			t.Errorf("%q: due %q and %q, want %q and %q", c.notes, got[task.Due], got[task.Instructions], c.due, c.rest)
		}
	}
}

// listOf reads a list that goes to all on 12 May 2027.
func listOf(cards ...task.ListCard) task.List {
	list, _ := task.ReadList(append(cards, listCard("send", "Send", "2027-05-12", "all")), "Send")
	return list
}

func TestMistakesOfAList(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 256)
	good := listCard("t", "Task", "", "")
	for _, c := range []struct {
		name  string
		cards []task.ListCard
		want  []string
	}{
		{"nothing said", []task.ListCard{listCard("s", "Send", "", " \n")}, []string{
			"Send has no due date, which is the target date.",
			"Send says nobody to send to: write names of the hierarchy, store numbers or all into its notes.",
			"The list has no tasks.",
		}},
		{"two", []task.ListCard{listCard("s", "Send", "2027-05-12", "all"), listCard("t", "send", "", ""), good}, []string{
			"2 tasks are titled Send or Cancel: keep one.",
		}},
		{"target of another century", []task.ListCard{listCard("s", "Send", "1899-12-31", "all"), good}, []string{
			"Send has a due date that cannot be: “1899-12-31”.",
		}},
		{"target that is no date", []task.ListCard{listCard("s", "Send", "soon", "all"), good}, []string{
			"Send has a due date that cannot be: “soon”.",
		}},
		{"titles", []task.ListCard{listCard("s", "Send", "2027-05-12", "all"), listCard("a", "", "", ""), listCard("b", long, "", "")}, []string{
			"A task has no title.",
			"The title “" + strings.Repeat("ä", 59) + "…” is longer than 255 characters.",
		}},
		{"offsets", []task.ListCard{listCard("s", "Send", "2027-05-12", "all"), listCard("a", "A", "", "due -2x"), listCard("b", "B", "", "due 12 May"), listCard("c", "C", "", "due 1d\ndue 2d")}, []string{
			"“A” says when it is due in a way that cannot be read: “due -2x”. Write due -2d or due +1w, or set its due date.",
			"“B” says when it is due in a way that cannot be read: “due 12 May”. Write due -2d or due +1w, or set its due date.",
			"“C” has more than one line that says when it is due: keep one.",
		}},
		{"due before 1900", []task.ListCard{listCard("s", "Send", "1900-01-03", "all"), listCard("a", "A", "", "due -1w"), listCard("b", "B", "1776-07-04", "")}, []string{
			"“A” is due before 1900: “1899-12-27”.",
			"“B” is due before 1900: “1776-07-04”.",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			list, found := task.ReadList(c.cards, "Send")
			if !found {
				t.Fatal("no list")
			}
			mustEqual(t, "mistakes", list.Mistakes, c.want)
		})
	}
	if list, _ := task.ReadList([]task.ListCard{listCard("s", "Send", "2027-05-12", "all"), listCard("b", strings.Repeat("ä", 255), "", "")}, "Send"); len(list.Mistakes) > 0 {
		t.Errorf("255 characters: %q", list.Mistakes)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	places := map[string][]org.StoreNumber{
		"north": {"3", "1"}, "west": {"2", "1"}, "all": {"1", "2", "3"}, "empty": {}, "3": {"3"},
	}
	named := func(word string) ([]org.StoreNumber, bool) {
		stores, ok := places[strings.ToLower(word)]
		return stores, ok
	}
	known := slices.Values([]string{"North", "West", "Best", "W1", "all"})
	for _, c := range []struct {
		notes  string
		stores []org.StoreNumber
		want   string
	}{
		{"NORTH, west", []org.StoreNumber{"1", "2", "3"}, ""},
		{"3, 3", []org.StoreNumber{"3"}, ""},
		{"north, Wset", []org.StoreNumber{"1", "3"}, "Unknown: Wset. Did you mean West?"},
		{"Vest", nil, "Unknown: Vest. Did you mean Best?"}, // of two as near, the first by name
		{"Nrth; 99; wset; Wesst", nil, "Unknown: Nrth, 99, wset, Wesst. Did you mean North, West?"},
		{"Moon", nil, "Unknown: Moon."},
		{"N2", nil, "Unknown: N2."}, // W1 is two letters off, but of two
		{"empty", nil, "No open store with a team: empty."},
	} {
		list, _ := task.ReadList([]task.ListCard{listCard("s", "Send", "2027-05-12", c.notes), listCard("t", "Task", "", "")}, "Send")
		stores := list.Resolve(named, known)
		if got := strings.Join(list.Mistakes, " "); got != c.want || !slices.Equal(stores, c.stores) {
			t.Errorf("%q: %v and %q, want %v and %q", c.notes, stores, got, c.stores, c.want)
		}
	}
}

func TestManyUnknownWordsAreASentenceOfBoundedLength(t *testing.T) {
	t.Parallel()
	list, _ := task.ReadList([]task.ListCard{listCard("s", "Send", "2027-05-12", strings.Repeat(strings.Repeat("x", 90)+",", 500))}, "Send")
	list.Resolve(func(string) ([]org.StoreNumber, bool) { return nil, false }, slices.Values([]string{}))
	said := list.Mistakes[len(list.Mistakes)-1]
	if !strings.HasSuffix(said, "… and 480 more.") || len(said) > 2000 {
		t.Errorf("%d bytes: %s", len(said), said)
	}
}
