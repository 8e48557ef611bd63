package planner_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simplanner"
)

// shown is a checklist as it stands in Planner, in order.
func shown(list map[string]simplanner.ChecklistItem) []tasksync.Line {
	keys := slices.SortedFunc(maps.Keys(list), func(a, b string) int { return strings.Compare(list[a].OrderHint, list[b].OrderHint) })
	var lines []tasksync.Line
	for _, key := range keys {
		lines = append(lines, tasksync.Line{Text: list[key].Title, Ticked: list[key].Checked})
	}
	return lines
}

func lines(text string) []tasksync.Line {
	var list []tasksync.Line
	for _, word := range strings.Fields(text) {
		name, ticked := strings.CutSuffix(word, "!")
		list = append(list, tasksync.Line{Text: name, Ticked: ticked})
	}
	return list
}

// TestChecklist goes from each checklist to the next. What stays keeps its key.
func TestChecklist(t *testing.T) {
	w := newTenant(t, simplanner.Options{})
	at := w.place()
	item := read(t, w.client, w.makes(at.Plan, task.Values{task.Title: "T", task.Instructions: "Do it"}))
	keys := map[string]string{} // of the checklist before, by text
	for _, list := range []string{
		"", "north south west", "north south west", "north! south west", "north south! west!", "south! west! north", "west south! north",
		"east west south north", "east west middle south north end", "north", "a b c d e f g h i j k l m n o p q r s t!", "t s r q p o n m", "x x x!", "x x! x", "x!", "",
	} {
		stale := item
		changed, err := w.client.Checklist(t.Context(), stale, lines(list))
		if err != nil {
			t.Fatalf("%q: %v", list, err)
		}
		there := w.service.Tasks(at.Plan)[0]
		if got := shown(there.Details.Checklist); !slices.Equal(got, lines(list)) {
			t.Errorf("%q became %v", list, got)
		}
		now := map[string]string{}
		for key, line := range there.Details.Checklist {
			now[line.Title] = key
			if was, known := keys[line.Title]; known && was != key && line.Title != "x" {
				t.Errorf("%q: the key of %q is another one", list, line.Title)
			}
		}
		keys = now
		if changed.Version != there.ETag || changed.DetailsVersion != there.Details.ETag || !changed.Whole || changed.State.Values[task.Instructions] != "Do it" {
			t.Errorf("%q: returned %+v, there is %+v", list, changed, there)
		}
		w.calls.all()
		if _, err := w.client.Checklist(t.Context(), stale, lines(list)); err != nil { // with an item that is not the newest
			t.Errorf("%q again: %v", list, err)
		}
		for _, call := range w.calls.all() {
			if strings.HasPrefix(call, "PATCH") {
				t.Errorf("%q again: %s", list, call)
			}
		}
		item = changed
	}
}

func TestChecklistKeepsNothingOfOthers(t *testing.T) {
	w := newTenant(t, simplanner.Options{})
	at := w.place()
	name := w.makes(at.Plan, task.Values{task.Title: "T"})
	path := "/planner/tasks/" + name + "/details"
	w.as(anna, "PATCH", path, fmt.Sprint(w.as(anna, "GET", path, "", nil)["@odata.etag"]), map[string]any{"checklist": map[string]any{
		anna: map[string]any{"@odata.type": "#microsoft.graph.plannerChecklistItem", "title": "Glue"},
		ben:  map[string]any{"@odata.type": "#microsoft.graph.plannerChecklistItem", "title": "north", "isChecked": true},
	}})
	if _, err := w.client.Checklist(t.Context(), read(t, w.client, name), lines("north south!")); err != nil {
		t.Fatal(err)
	}
	there := w.service.Tasks(at.Plan)[0].Details.Checklist
	if got := shown(there); !slices.Equal(got, lines("north south!")) || there[ben].Title != "north" {
		t.Errorf("there is %v", there)
	}
}

func TestLongChecklists(t *testing.T) {
	w := newTenant(t, simplanner.Options{})
	at := w.place()
	item := read(t, w.client, w.makes(at.Plan, task.Values{task.Title: "T"}))
	if _, err := w.client.Checklist(t.Context(), item, make([]tasksync.Line, 21)); !fault.Is(err, fault.Invalid) {
		t.Errorf("21 lines: %v, want invalid", err)
	}
	long := []tasksync.Line{
		{Text: strings.Repeat("x", 100)}, {Text: strings.Repeat("y", 101)}, {Text: strings.Repeat("🙂", 51)}, {Text: " two\n lines  "},
	}
	want := []tasksync.Line{
		{Text: strings.Repeat("x", 100)}, {Text: strings.Repeat("y", 99) + "…"}, {Text: strings.Repeat("🙂", 49) + "…"}, {Text: "two lines"},
	}
	for range 2 { // what was cut is known again
		var err error
		if item, err = w.client.Checklist(t.Context(), item, long); err != nil {
			t.Fatal(err)
		}
		if got := shown(w.service.Tasks(at.Plan)[0].Details.Checklist); !slices.Equal(got, want) {
			t.Errorf("there is %v", got)
		}
	}
	w.removes(item.ID)
	if _, err := w.client.Checklist(t.Context(), item, long); !fault.Is(err, fault.NotFound) {
		t.Errorf("of a task that is gone: %v, want not found", err)
	}
}

// TestChecklistWithLinesInOnePlace gives all lines new order hints where those
// there are leave no room between two.
func TestChecklistWithLinesInOnePlace(t *testing.T) {
	made := &calls{}
	details := `{"@odata.etag":"d","checklist":{"` + anna + `":{"title":"north","orderHint":"85P"},"` + ben + `":{"title":"south","orderHint":"85P"}}}`
	c := newClient(t, made.note(scripted(map[string]string{
		"GET /planner/tasks/" + id(1): fullTask, "GET /planner/tasks/" + id(1) + "/details": details, "PATCH /planner/tasks/" + id(1) + "/details": details,
	})))
	if _, err := c.Checklist(t.Context(), tasksync.Item{ID: id(1)}, lines("north middle south")); err != nil {
		t.Fatal(err)
	}
	for _, call := range made.all() {
		if strings.HasPrefix(call, "PATCH") && (!strings.Contains(call, `" !"`) || !strings.Contains(call, `" ! !"`) || !strings.Contains(call, `" ! ! !"`)) {
			t.Errorf("asked %s, want three new order hints", call)
		}
	}
}
