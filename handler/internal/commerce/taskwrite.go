package commerce

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// What faults of this file say was being done.
const (
	opChange = "commerce: change a task"
	opCreate = "commerce: create a task"
	opDelete = "commerce: delete a task"
)

// Change implements tasksync.Side. F&O answers a change without the row (204):
// what is returned is the item with the values written, and no version that a
// reading gives until the collection that is read shows them.
//
// Commerce has one assignee a task, who is a worker: of several users it gets
// the first, and of one who is no worker it is not told.
func (t *Tasks) Change(ctx context.Context, at tasksync.Place, item tasksync.Item, to task.Values) (tasksync.Item, error) {
	s, people, err := t.writing(ctx, opChange)
	if err != nil {
		return tasksync.Item{}, err
	}
	for f := range to {
		if !s.takes().Has(f) {
			return tasksync.Item{}, fault.Newf(fault.Invalid, opChange, "%s does not take a task's %s", t.o.Write, f)
		}
	}
	body, written := t.body(s, people, to)
	etag, err := t.unchanged(ctx, opChange, at, s, item, written)
	if err != nil || len(body) == 0 {
		return item, err
	}
	if _, err := t.send(ctx, opChange, http.MethodPatch, item.ID, etag, body); err != nil {
		return tasksync.Item{}, err
	}
	item.State.Values = maps.Clone(item.State.Values)
	if item.State.Values == nil {
		item.State.Values = task.Values{}
	}
	maps.Copy(item.State.Values, written)
	item.Version, item.DetailsVersion = s.version(item), s.detailsVersion(item)
	return item, nil
}

// Create implements tasksync.Side. A row that is there already, because the
// answer to its creation was lost, is returned as it is. Fields that Commerce
// does not take are left out.
func (t *Tasks) Create(ctx context.Context, at tasksync.Place, n tasksync.NewItem) (tasksync.Item, error) {
	if !t.Abilities().Creates {
		return tasksync.Item{}, fault.Newf(fault.Invalid, opCreate, "tasks cannot be created here")
	}
	process, number, err := splitID(n.ID)
	if err != nil {
		return tasksync.Item{}, err
	}
	s, people, err := t.writing(ctx, opCreate)
	if err != nil {
		return tasksync.Item{}, err
	}
	values := maps.Clone(n.State)
	maps.DeleteFunc(values, func(f task.Field, _ string) bool { return !s.takes().Has(f) })
	body, _ := t.body(s, people, values)
	body[attributeProcess], body[attributeTask] = process, number
	for attribute, value := range map[string]string{attributeStore: string(at.Store), attributeName: n.Name} {
		if s.write[attribute] {
			body[attribute] = value
		}
	}
	answer, err := t.send(ctx, opCreate, http.MethodPost, "", "", body)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) { // F&O has no status of its own for a key that exists
		there, notThere := t.row(ctx, opCreate, at.Store, s, n.ID)
		if notThere != nil {
			return tasksync.Item{}, err
		}
		return there.item, nil
	}
	if err != nil {
		return tasksync.Item{}, err
	}
	r, err := t.newTaskDecoder(ctx, s, at.Store)
	if err != nil {
		return tasksync.Item{}, err
	}
	created, err := r.decodeTask(ctx, answer)
	return created.item, err
}

// Delete implements tasksync.Side.
func (t *Tasks) Delete(ctx context.Context, at tasksync.Place, item tasksync.Item) error {
	if !t.Abilities().Deletes {
		return fault.Newf(fault.Invalid, opDelete, "tasks cannot be deleted here")
	}
	s, err := t.schema(ctx)
	if err != nil {
		return err
	}
	etag, err := t.unchanged(ctx, opDelete, at, s, item, nil)
	if err == nil {
		_, err = t.send(ctx, opDelete, http.MethodDelete, item.ID, etag, nil)
	}
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// writing returns what a write has to know, or a fault.Invalid if nothing can be
// written here.
func (t *Tasks) writing(ctx context.Context, op string) (s schema, people People, err error) {
	if t.o.Write == "" {
		return schema{}, nil, fault.Newf(fault.Invalid, op, "TASK_WRITE names no collection")
	}
	if s, err = t.schema(ctx); err != nil {
		return schema{}, nil, err
	}
	r, err := t.newTaskDecoder(ctx, s, "")
	if err != nil {
		return schema{}, nil, err
	}
	return s, r.people, nil
}

// unchanged returns the ETag to write with: the item's own, or that of the row
// as it is where it is about to be written, if the item is still like it.
func (t *Tasks) unchanged(ctx context.Context, op string, at tasksync.Place, s schema, item tasksync.Item, to task.Values) (etag string, err error) {
	if _, etag, has := strings.Cut(item.Version, versionGap); has && s.same {
		return etag, nil
	}
	now, err := t.row(ctx, op, at.Store, s, item.ID)
	if err != nil {
		return "", err
	}
	for f, value := range now.item.State.Values {
		was, shown := item.State.Values[f]
		wanted, asked := to[f]
		if shown && was != value && (!asked || wanted != value) {
			return "", fault.Newf(fault.Conflict, op, "the task's %s is not as it was read", f)
		}
	}
	return now.etag, nil
}

// row reads a task where it can be written.
func (t *Tasks) row(ctx context.Context, op string, store org.StoreNumber, s schema, id string) (found, error) {
	answer, err := t.send(ctx, op, http.MethodGet, id, "", nil)
	if err != nil {
		return found{}, err
	}
	r, err := t.newTaskDecoder(ctx, s, store)
	if err != nil {
		return found{}, err
	}
	return r.decodeTask(ctx, answer)
}

// body is what to write, and written the values that it stands for.
func (t *Tasks) body(s schema, people People, to task.Values) (body map[string]string, written task.Values) {
	body, written = map[string]string{}, task.Values{}
	for f, value := range to {
		text := value
		switch f {
		case task.Status:
			text = t.member(value)
		case task.Due:
			text = dueText(value)
		case task.Assignees:
			var known bool
			value, text, known = firstWorker(people, value)
			if !known {
				continue
			}
		}
		body[s.fields[f]], written[f] = text, value
	}
	return body, written
}

// member is what a status is called in this environment.
func (t *Tasks) member(status string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.members[status]
}

// dueText writes a date as noon, which is that date in nearly every time zone in
// which somebody may look at it. F&O knows no null.
func dueText(value string) string {
	if value == "" {
		return "1900-01-01T00:00:00Z"
	}
	return value + "T12:00:00Z"
}

// firstWorker is the first of some assignees, as a user and as a worker.
func firstWorker(people People, assignees string) (user, worker string, known bool) {
	user, _, _ = strings.Cut(assignees, ",")
	if user == "" {
		return "", "", true
	}
	id, err := org.ParseUserID(user)
	if err != nil || people == nil {
		return "", "", false
	}
	number, known := people.Worker(id)
	return user, string(number), known
}

// send sends a request about one row of the collection for writing, or without
// an id about the collection, and returns the answer's body.
func (t *Tasks) send(ctx context.Context, op, method, id, etag string, body map[string]string) ([]byte, error) {
	ref := "data/" + url.PathEscape(t.client.actualName(t.o.Write))
	if id != "" {
		process, number, err := splitID(id)
		if err != nil {
			return nil, err
		}
		ref += "(" + attributeProcess + "=" + process + "," + attributeTask + "=" + number + ")"
	}
	req, err := t.client.http.NewRequest(ctx, method, ref+"?cross-company=true")
	if err != nil {
		return nil, err
	}
	req.Raw().Header.Set("Accept", "application/json")
	if etag != "" {
		req.Raw().Header.Set("If-Match", etag)
	}
	if err := setBody(req, body); err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	resp, err := t.client.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // the body is in memory
	if err := outbound.CheckStatus(op, resp); err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fault.New(fault.Unavailable, op, err)
	}
	return answer, nil
}

// setBody makes a body of JSON part of a request that has one.
func setBody(req *policy.Request, body map[string]string) error {
	if body == nil {
		return nil
	}
	return runtime.MarshalAsJSON(req, body)
}
