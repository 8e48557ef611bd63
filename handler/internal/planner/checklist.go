package planner

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// What a checklist takes (planner-limits), and how long a line may be in Planner's
// own apps, in characters.
const (
	checklistLimit = 20
	lineLimit      = 100
)

// checklistEntry is a line of a checklist. It stands under a GUID of the client's.
type checklistEntry struct {
	Title   string `json:"title"`
	Checked bool   `json:"isChecked"`
	Hint    string `json:"orderHint"`
}

// Checklist implements tasksync.Boards: at most 20 lines, each cut to 100
// characters. Lines of the same text stay what they are; whatever else people put
// there goes. The item may be stale: the checklist is read before it is written.
func (c *Client) Checklist(ctx context.Context, item tasksync.Item, lines []tasksync.Line) (tasksync.Item, error) {
	const op = "planner: write a checklist"
	if len(lines) > checklistLimit {
		return tasksync.Item{}, fault.Newf(fault.Invalid, op, "%d lines are more than a checklist takes", len(lines))
	}
	d, err := c.details(ctx, op, item.ID)
	if err != nil {
		return tasksync.Item{}, err
	}
	if changes := rewrite(item.ID, d.Checklist, lines); len(changes) > 0 {
		body := map[string]any{"checklist": changes}
		if err := c.patch(ctx, op, detailsAt(item.ID), d.ETag, body, &d); err != nil {
			return tasksync.Item{}, err
		}
	}
	// The task itself says how many lines there are, and how many unticked.
	return c.refresh(ctx, op, withDetails(item, d))
}

// rewrite is what to write so that a checklist has these lines, in this order:
// null removes one, and what is as it should be is left out.
func rewrite(id string, there map[string]checklistEntry, lines []tasksync.Line) map[string]map[string]any {
	changes := map[string]map[string]any{}
	keys := keysFor(id, there, lines)
	for key := range there {
		if !slices.Contains(keys, key) {
			changes[key] = nil
		}
	}
	inOrder := ascending(kept(keys, there), there)
	before := "" // the order hint of the line before
	for i, line := range lines {
		was, known := there[keys[i]]
		change := map[string]any{"@odata.type": "#microsoft.graph.plannerChecklistItem"}
		if !known {
			change["title"] = cut(line.Text)
		}
		if !known || was.Checked != line.Ticked {
			change["isChecked"] = line.Ticked
		}
		switch {
		case known && inOrder:
			before = was.Hint
		case inOrder:
			before = between(before, kept(keys[i:], there), there)
			change["orderHint"] = before
		default:
			before = between(before, nil, nil)
			change["orderHint"] = before
		}
		if len(change) > 1 {
			changes[keys[i]] = change
		}
	}
	return changes
}

// between is the order hint that a client sends for what comes after a hint and
// before the first of the next keys: "<previous> <next>!", either of which may be
// missing, and the first such a hint itself (planner-order-hint-format).
func between(previous string, next []string, there map[string]checklistEntry) string {
	if len(next) > 0 {
		return previous + " " + there[next[0]].Hint + "!"
	}
	return previous + " !"
}

// ascending reports whether keys stand in their lines' order, no two in one place.
func ascending(keys []string, there map[string]checklistEntry) bool {
	for i := range keys {
		if i > 0 && there[keys[i-1]].Hint >= there[keys[i]].Hint {
			return false
		}
	}
	return true
}

// kept returns those of the keys that are there already.
func kept(keys []string, there map[string]checklistEntry) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		_, known := there[key]
		return !known
	})
}

// keysFor chooses a key for each line: that of a line of the same text, or one
// that is made of the task and the text, so that the same again makes no second.
func keysFor(id string, there map[string]checklistEntry, lines []tasksync.Line) []string {
	left := slices.SortedFunc(maps.Keys(there), func(a, b string) int {
		return strings.Compare(there[a].Hint+a, there[b].Hint+b)
	})
	keys := make([]string, len(lines))
	for i, line := range lines {
		same := slices.IndexFunc(left, func(key string) bool { return there[key].Title == cut(line.Text) })
		if same >= 0 {
			keys[i] = left[same]
			left = slices.Delete(left, same, same+1)
		}
	}
	for i, line := range lines {
		for n := 0; keys[i] == ""; n++ {
			key := keyFor(id, line.Text, n)
			if _, taken := there[key]; !taken && !slices.Contains(keys, key) {
				keys[i] = key
			}
		}
	}
	return keys
}

// keyFor makes a GUID of a task, a text and a number.
func keyFor(id, text string, n int) string {
	sum := sha256.Sum256(fmt.Append(nil, id, "\n", n, "\n", text))
	guid := org.UserID(sum[:16])
	guid[6], guid[8] = guid[6]&0x0f|0x80, guid[8]&0x3f|0x80 // version 8, custom (RFC 9562)
	return guid.String()
}

// cut shortens a line to what fits. A character is one of UTF-16, the shortest of
// the possible readings.
func cut(text string) string {
	text = task.CanonLine(text)
	units, end := 0, 0 // end: where what fits beside an ellipsis ends
	for i, r := range text {
		if units <= lineLimit-1 {
			end = i
		}
		units += max(1, utf16.RuneLen(r))
	}
	if units <= lineLimit {
		return text
	}
	return strings.TrimSpace(text[:end]) + "…"
}
