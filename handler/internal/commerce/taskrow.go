package commerce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// taskRow is a task on the wire, with every attribute that some entity has.
type taskRow struct {
	ETag          cell `json:"@odata.etag"`
	Process       cell `json:"Process_ProcessId"`
	Task          cell `json:"TaskId"`
	Store         cell `json:"StoreNumber"`
	ProcessName   cell `json:"Process_Name"`
	Target        cell `json:"Process_TargetDate"`
	ProcessStatus cell `json:"Process_Status"`
	Worker        cell `json:"AssignedWorker"`
	Due           cell `json:"DueDate"`
	Name          cell `json:"Name"`
	Notes         cell `json:"Notes"`
	Status        cell `json:"Status"`
	Instructions  cell `json:"Instructions"`
	Contact       cell `json:"ContactPerson"`
	Link          cell `json:"TaskLink"`
	Progress      cell `json:"ProgressNotes"`
}

// taskDecoder makes items of rows, one after the other.
type taskDecoder struct {
	tasks  *Tasks
	schema schema
	people People          // may be nil
	place  org.StoreNumber // of rows that do not state one

	row    taskRow
	cells  map[string]*cell
	d      decoder
	logged int // problems, of this reading
}

// newTaskDecoder asks who is who, once for all rows of a reading.
func (t *Tasks) newTaskDecoder(ctx context.Context, s schema, place org.StoreNumber) (*taskDecoder, error) {
	r := &taskDecoder{tasks: t, schema: s, place: place, cells: map[string]*cell{}}
	for _, c := range cellsOf(&r.row) {
		r.cells[c.attribute] = c
	}
	r.d = decoder{report: &report{}, strings: map[string]string{}}
	if t.o.People == nil {
		return r, nil
	}
	var err error
	if r.people, err = t.o.People(ctx); err != nil {
		return nil, fmt.Errorf("commerce: ask who is which worker: %w", err)
	}
	return r, nil
}

// found is what a row turned out to be.
type found struct {
	store org.StoreNumber // empty: it belongs to none, which happens
	item  tasksync.Item   // without an id: the keys cannot be read
	etag  string
}

// next reads a row. The error says that the reading cannot go on.
func (r *taskDecoder) next(ctx context.Context, dec *json.Decoder) (found, error) {
	r.d.begin()
	for _, c := range r.cells {
		c.json = c.json[:0]
	}
	err := dec.Decode(&r.row)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		return found{}, errors.New("a row is no object")
	case err != nil:
		return found{}, err
	}
	store := r.place
	if len(r.row.Store.json) > 0 {
		store = org.StoreNumber(r.d.text(&r.row.Store))
	}
	if r.d.problem != "" {
		return found{}, errors.New("a row does not say which store it is of")
	}
	f := found{store: store, etag: r.d.text(&r.row.ETag)}
	process, number := strings.ToLower(r.d.text(&r.row.Process)), strings.ToLower(r.d.text(&r.row.Task))
	if !isGUID(process) || !isGUID(number) {
		r.warn(ctx, "a task without readable keys", string(store), "")
		return f, nil
	}
	f.item = r.item(ctx, store, process, number)
	if r.schema.same && f.etag != "" {
		f.item.Version += versionGap + f.etag
	}
	return f, nil
}

// item makes an item of the row at hand.
func (r *taskDecoder) item(ctx context.Context, store org.StoreNumber, process, number string) tasksync.Item {
	id, zone := process+"/"+number, r.tasks.zone(store)
	item := tasksync.Item{
		ID: id, Group: process, GroupName: task.CanonLine(r.verbatim(&r.row.ProcessName)), Whole: len(r.schema.further()) == 0,
		State: task.State{Values: task.Values{}, Takes: r.schema.takes(), Single: true},
	}
	if day, dated := task.DayOf(task.CanonDue(r.d.date(&r.row.Target), zone)); dated {
		item.Target = day
	}
	processStatus, _ := task.StatusOfWord(r.verbatim(&r.row.ProcessStatus))
	r.complain(ctx, store, id)
	for f, attribute := range r.schema.fields {
		c := r.cells[attribute]
		if len(c.json) == 0 {
			continue // not asked for
		}
		if value, known := r.value(ctx, f, c, zone); known && r.d.problem == "" {
			item.State.Values[f] = value
		}
		r.complain(ctx, store, id)
	}
	item.Cancelled = processStatus == task.Cancelled || item.State.Values[task.Status] == task.Cancelled
	item.Version = r.schema.version(item)
	return item
}

// value reads a field in its canonical form. Known is false where the row does
// not show it in a way we know.
func (r *taskDecoder) value(ctx context.Context, f task.Field, c *cell, zone *time.Location) (value string, known bool) {
	switch f {
	case task.Status:
		return r.tasks.status(ctx, r.d.text(c))
	case task.Assignees:
		return r.assignee(org.PersonnelNumber(r.d.text(c)))
	case task.Due:
		return task.CanonDue(r.d.date(c), zone), true
	case task.Title:
		return task.CanonTitle(r.verbatim(c)), true
	case task.Link, task.Contact:
		return task.CanonLine(r.verbatim(c)), true
	}
	return task.CanonText(r.verbatim(c)), true
}

// assignee is the user that a worker is. Of one without an account nothing is
// shown: an empty field would take the task away from them.
func (r *taskDecoder) assignee(worker org.PersonnelNumber) (value string, known bool) {
	if worker == "" {
		return "", true
	}
	if r.people == nil {
		return "", false
	}
	user, known := r.people.User(worker)
	if !known {
		return "", false
	}
	return user.String(), true
}

// verbatim is a text with the blanks around it: a text of several lines may
// begin with some.
func (r *taskDecoder) verbatim(c *cell) string {
	if trimmed := r.d.content(c); c.empty() || c.json[0] != '"' {
		return string(trimmed) // a number, or nothing, or a problem and noted as such
	}
	var s string
	if err := json.Unmarshal(c.json, &s); err != nil {
		r.d.expected(c, "a text")
	}
	return s
}

// complain logs that an attribute of a row could not be read, and forgets it.
func (r *taskDecoder) complain(ctx context.Context, store org.StoreNumber, id string) {
	if r.d.problem != "" {
		r.warn(ctx, r.d.problem, string(store), id)
		r.d.problem = ""
	}
}

// problemsLogged bounds what one reading logs: a source that is wrong throughout
// would fill the log.
const problemsLogged = 20

func (r *taskDecoder) warn(ctx context.Context, problem, store, id string) {
	if r.logged++; r.logged <= problemsLogged {
		r.tasks.log.WarnContext(ctx, "task not read in full", "store", store, "task", id, "problem", problem)
	}
}

// decodeTask reads a row that came alone.
func (r *taskDecoder) decodeTask(ctx context.Context, body []byte) (found, error) {
	f, err := r.next(ctx, json.NewDecoder(bytes.NewReader(body)))
	if err == nil && f.item.ID == "" {
		err = errors.New("the row has no keys")
	}
	if err != nil {
		return found{}, fault.New(fault.Incomplete, opTasks, err)
	}
	f.item.Whole, f.item.DetailsVersion = true, r.schema.detailsVersion(f.item)
	return f, nil
}

func (t *Tasks) zone(store org.StoreNumber) *time.Location {
	if t.o.Zone == nil {
		return time.UTC
	}
	return t.o.Zone(store)
}

// unknownsLogged bounds what is remembered of unknown statuses.
const unknownsLogged = 100

// status is what a member of the enumeration means, and learns what it is called.
func (t *Tasks) status(ctx context.Context, member string) (status string, known bool) {
	if member == "" {
		return "", false
	}
	status, known = task.StatusOfWord(member)
	t.mu.Lock()
	defer t.mu.Unlock()
	if known {
		t.members[status] = member
	} else if !t.unknown[member] && len(t.unknown) < unknownsLogged {
		t.unknown[member] = true
		t.log.WarnContext(ctx, "task status nobody has told us about", "status", short(member))
	}
	return status, known
}

// versionGap is between an item's digest and its ETag. A digest has none.
const versionGap = " "

// version tells two states of an item apart, by everything that the collection
// that is read shows of it.
func (s schema) version(item tasksync.Item) string {
	return fmt.Sprintf("%016x", uint64(task.MarkOf(fmt.Sprintf("%q %q %v %s",
		item.GroupName, item.Target.Format(time.DateOnly), item.Cancelled, s.text(item, s.read)))))
}

// detailsVersion is the same of what only the collection for writing shows; empty
// if that is nothing.
func (s schema) detailsVersion(item tasksync.Item) string {
	further := attributes{}
	for _, name := range s.further() {
		further[name] = true
	}
	if len(further) == 0 {
		return ""
	}
	return fmt.Sprintf("%016x", uint64(task.MarkOf(s.text(item, further))))
}

// text is all that an item shows of the fields that are some attributes.
func (s schema) text(item tasksync.Item, of attributes) string {
	var text strings.Builder
	for f := range task.AllFields().All() {
		if value, shown := item.State.Values[f]; shown && of[s.fields[f]] {
			fmt.Fprintf(&text, " %d%q", f, value)
		}
	}
	return text.String()
}
