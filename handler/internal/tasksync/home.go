package tasksync

import (
	"crypto/sha1" //nolint:gosec // RFC 4122 names a UUID's hash; nothing is kept secret by it
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// textFields are those that say what a task is: over them its home alone decides,
// unless it is a store's own.
func textFields() task.Fields {
	return task.FieldsOf(task.Title, task.Instructions, task.Due, task.Link, task.Contact)
}

// workFields are those that people change while they work on a task.
func workFields() task.Fields { return task.FieldsOf(task.Status, task.Assignees, task.Progress) }

// template finds what a list says of a task in this store. Known is false while
// the list itself is not known: nothing follows from that.
func (v *visit) template(e *task.Entry) (t task.Template, sent, known bool) {
	c := v.campaigns[e.Campaign]
	if c == nil {
		return t, false, false
	}
	if c.State == task.Withdrawn || !slices.Contains(c.Stores, v.store.Number) {
		return t, false, true
	}
	id := listTemplate(e.Key)
	i := slices.IndexFunc(c.Templates, func(t task.Template) bool { return t.ID == id })
	if i < 0 {
		return t, false, true
	}
	return c.Templates[i], true, true
}

// home is what a task's home shows. For a task that came from a list that is the
// list's text and, where the task is in Commerce as well, how Commerce shows that
// it goes.
func (v *visit) home(e *task.Entry) task.State {
	row, there := v.rows[e.Home]
	there = there && !row.Cancelled // nobody in Commerce calls off what a list asks for
	if e.Origin == task.FromTeams {
		return row.State
	}
	if e.Origin == task.FromCommerce {
		state := row.State
		state.Fixed = textFields() // people in stores do a task; they do not say what it is
		return state
	}
	t, sent, _ := v.template(e)
	state := task.State{Values: task.Values{}, Fixed: textFields()}
	if there {
		state.Takes, state.Single, state.Ordered = row.State.Takes&workFields(), row.State.Single, row.State.Ordered
		for f := range workFields().All() {
			if value, shown := row.State.Values[f]; shown {
				state.Values[f] = value
			}
		}
	}
	if sent {
		for f := range textFields().All() {
			state.Values[f] = t.Values[f]
		}
	}
	return state
}

// toCommerce returns what Commerce has to be told of a list's text, beside what
// a merge decides.
func (v *visit) toCommerce(e *task.Entry) task.Values {
	row, there := v.rows[e.Home]
	t, sent, _ := v.template(e)
	if e.Origin != task.FromList || !there || row.Cancelled || !sent {
		return nil
	}
	tell := task.Values{}
	for f := range (textFields() & row.State.Takes).All() {
		if shown, is := row.State.Values[f]; is && shown != t.Values[f] {
			tell[f] = t.Values[f]
		}
	}
	return tell
}

// Keys of entries.

func commerceKey(id string) string   { return "commerce:" + id }
func teamsKey(planner string) string { return "teams:" + planner }

func listTemplate(key string) string {
	_, template, _ := strings.Cut(strings.TrimPrefix(key, "list:"), "/")
	return template
}

// homeID is the id under which a task that did not come from Commerce is put
// there. It follows from the task's own, so that an insertion can be repeated.
func homeID(store org.StoreNumber, e *task.Entry) string {
	return processID(store, e.Campaign) + "/" + nameUUID("task", string(store), e.Key)
}

// processID is the id of the process that a list is in Commerce; all of a store's
// own tasks are in one.
func processID(store org.StoreNumber, campaign string) string {
	if campaign == "" {
		return nameUUID("store", string(store))
	}
	return nameUUID("campaign", campaign)
}

// namespace is storeteams' own for the UUIDs below.
const namespace = "\x5b\x0e\x6f\x1a\x9c\x47\x4c\x0b\x8e\x11\x3d\x52\xa7\x90\x66\xf4"

// nameUUID makes a UUID of a name (RFC 4122, version 5).
func nameUUID(name ...string) string {
	sum := sha1.Sum([]byte(namespace + strings.Join(name, "\x00"))) //nolint:gosec // as above
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// homeValues is what a task is created with in Commerce.
func homeValues(state task.State, creates task.Fields) task.Values {
	values := maps.Clone(state.Values)
	maps.DeleteFunc(values, func(f task.Field, _ string) bool { return !creates.Has(f) })
	return values
}
