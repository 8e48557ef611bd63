package commerce

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// Attributes that are more than a field.
const (
	attributeProcess = "Process_ProcessId"
	attributeTask    = "TaskId"
	attributeStore   = "StoreNumber"
	attributeDue     = "DueDate"
	attributeTarget  = "Process_TargetDate"
	attributeName    = "Process_Name"
	attributeETag    = "@odata.etag"
)

// attributes are those that a collection has.
type attributes map[string]bool

// standardAttributes are what the report has and what a collection without rows
// is taken to have.
func standardAttributes() attributes {
	return attributes{
		attributeProcess: true, attributeTask: true, attributeStore: true, attributeName: true,
		attributeTarget: true, "Process_Status": true, "AssignedWorker": true,
		attributeDue: true, "Name": true, "Notes": true, "Status": true,
	}
}

// schema says which attribute of which collection a field is.
type schema struct {
	read, write attributes // write is nil if nothing can be written
	same        bool       // both are one collection
	fields      map[task.Field]string
}

func newSchema(read, write attributes, same bool) schema {
	s := schema{read: read, write: write, same: same, fields: map[task.Field]string{}}
	for f := range task.AllFields().All() {
		if name := attributeOf(f, s.has); s.has(name) {
			s.fields[f] = name
		}
	}
	return s
}

func (s schema) has(attribute string) bool { return s.read[attribute] || s.write[attribute] }

// attributeOf is the attribute that a field would be. In the report the one text
// beside a task's name is its Notes, which a list's author writes: instructions.
// An entity that has those apart leaves the notes to whoever does the work.
func attributeOf(f task.Field, has func(string) bool) string {
	switch f {
	case task.Status:
		return "Status"
	case task.Assignees:
		return "AssignedWorker"
	case task.Title:
		return "Name"
	case task.Due:
		return attributeDue
	case task.Link:
		return "TaskLink"
	case task.Contact:
		return "ContactPerson"
	case task.Instructions:
		if has("Instructions") {
			return "Instructions"
		}
		return "Notes"
	case task.Progress:
		if !has("ProgressNotes") && has("Instructions") {
			return "Notes"
		}
		return "ProgressNotes"
	}
	return ""
}

// takes are the fields that can be written.
func (s schema) takes() (takes task.Fields) {
	for f, name := range s.fields {
		if s.write[name] {
			takes |= task.FieldsOf(f)
		}
	}
	return takes
}

// further are the attributes that are fields and that only the collection for
// writing has.
func (s schema) further() []string {
	var further []string
	for _, name := range s.fields {
		if !s.read[name] {
			further = append(further, name)
		}
	}
	slices.Sort(further)
	return slices.Compact(further)
}

// selected are the attributes to ask the collection for that is read.
func (s schema) selected() []string {
	var selected []string
	for _, c := range cellsOf(new(taskRow)) {
		if s.read[c.attribute] {
			selected = append(selected, c.attribute)
		}
	}
	return selected
}

// knownSchema is schema as far as it is known without asking.
func (t *Tasks) knownSchema() schema {
	t.mu.Lock()
	defer t.mu.Unlock()
	read, write := t.shapes[t.o.Read], t.shapes[t.o.Write]
	if read == nil {
		read = standardAttributes()
	}
	if write == nil && t.o.Write != "" {
		write = standardAttributes()
	}
	return newSchema(read, write, t.same())
}

// same reports whether one collection is read and written to.
func (t *Tasks) same() bool { return t.o.Write == t.o.Read }

// schema asks each collection for a row, once: what it has differs from one
// environment to the next, and F&O refuses to $select what it does not have.
func (t *Tasks) schema(ctx context.Context) (schema, error) {
	read, err := t.shape(ctx, t.o.Read, "TASK_READ")
	if err != nil {
		return schema{}, err
	}
	for _, name := range []string{attributeProcess, attributeTask, attributeStore} {
		if !read[name] {
			return schema{}, fault.Newf(fault.Invalid, opTasks, "%s has no attribute %s; set TASK_READ to a collection of tasks", t.o.Read, name)
		}
	}
	if t.o.Write == "" {
		return newSchema(read, nil, false), nil
	}
	write, err := t.shape(ctx, t.o.Write, "TASK_WRITE")
	if err != nil {
		return schema{}, err
	}
	return newSchema(read, write, t.same()), nil
}

// shape returns the attributes of a collection. One without rows does not tell
// them: it is asked again.
func (t *Tasks) shape(ctx context.Context, name, setting string) (attributes, error) {
	t.mu.Lock()
	known := t.shapes[name]
	t.mu.Unlock()
	if known != nil {
		return known, nil
	}
	var row map[string]json.RawMessage
	ref := t.client.reference(collection{name: name}, nil) + "&$top=1"
	_, err := t.client.page(ctx, ref, map[string]bool{}, func(dec *json.Decoder) error { return dec.Decode(&row) })
	switch {
	case err != nil:
		return nil, t.readFault(err, name, setting)
	case len(row) == 0:
		return standardAttributes(), nil
	}
	found := attributes{}
	for attribute := range maps.Keys(row) {
		if !strings.HasPrefix(attribute, "@") {
			found[attribute] = true
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shapes[name] = found
	return found, nil
}

// forget makes the next reading ask again what the collections have.
func (t *Tasks) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.shapes)
}

// opTasks is what a fault of reading tasks says was being done.
const opTasks = "commerce: read tasks"

// readFault classifies why a collection could not be read. That it is not there
// is a mistake in the settings, and says nothing about a place: it is no
// fault.NotFound.
func (t *Tasks) readFault(err error, name, setting string) error {
	switch {
	case hasStatus(err, http.StatusNotFound):
		return fault.Newf(fault.Invalid, opTasks,
			"there is no collection %s in this environment; set %s to what it is called here: %w", t.client.actualName(name), setting, err)
	case hasStatus(err, http.StatusBadRequest):
		t.forget()
		return fault.Newf(fault.Invalid, opTasks, "%s refused the question: %w", t.client.actualName(name), err)
	}
	return fault.New(fault.KindOf(err), opTasks, err)
}
