package simcommerce

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// taskReport is the collection that shows the tasks of all stores.
const taskReport = "RetailTaskManagementReports"

// inside is the token of what happens within Commerce: at its screens and at the
// point of sale. They use no OData, so what OData refuses does not bind them.
const inside = "hq"

// TaskEntity is a public data entity that a customer makes to have tasks written
// to. It has the keys, the attributes and the rows of
// RetailTaskManagementReports: a write through one shows in the other. Its ETags
// are its own. The zero TaskEntity is none.
type TaskEntity struct {
	// Name is the collection's name.
	Name string

	// Insert and Delete say whether rows can be created and deleted. They can
	// always be changed.
	Insert, Delete bool

	// Attributes are texts that this entity has and the report has not, such as
	// Instructions, ContactPerson or TaskLink.
	Attributes []string

	// Lag is how long after it was written something shows in this entity.
	Lag time.Duration
}

// extend makes the entity's own attributes part of the report's rows.
func (n TaskEntity) extend(tables map[string]*table, names map[string]string) error {
	switch {
	case n.Name == "" && (n.Insert || n.Delete || len(n.Attributes) > 0 || n.Lag != 0):
		return fmt.Errorf("a task entity needs a name")
	case tables[n.Name] != nil || names[n.Name] != "":
		return fmt.Errorf("the task entity's name, %s, is taken", n.Name)
	}
	t := tables[taskReport]
	for _, name := range n.Attributes {
		if _, known := t.position[name]; known || !isIdentifier(name) {
			return fmt.Errorf("%q cannot be a further attribute of %s", name, n.Name)
		}
		t.position[name] = len(t.attributes)
		t.attributes = append(t.attributes, attribute{name: name, kind: text})
	}
	return nil
}

// allowed refuses a write that the collection does not take. To change a task
// is for those inside, and for the task entity as far as it was made for it.
func (c *call) allowed() error {
	entity, takes := c.options.TaskEntity, false
	switch {
	case c.r.Method == http.MethodGet || c.inside || c.canonical(c.collection) != taskReport:
		return nil
	case c.collection != entity.Name:
	case c.r.Method == http.MethodPost:
		takes = entity.Insert
	case c.r.Method == http.MethodDelete:
		takes = entity.Delete
	default:
		takes = true
	}
	if takes {
		return nil
	}
	return refuse(http.StatusMethodNotAllowed, "The entity '%s' does not allow %s.", c.collection, c.r.Method)
}

// shown returns the report's table as a collection of it shows it to those
// outside. The caller holds the lock.
func (e *Environment) shown(t *table, collection string) *table {
	view := *t
	if collection == e.options.TaskEntity.Name {
		view.tag = collection
		view.rows = e.rowsAgo(t, e.options.TaskEntity.Lag)
		return &view
	}
	view.rows = e.rowsAgo(t, e.options.ReportLag)
	view.attributes, view.position = slices.Clone(t.attributes), maps.Clone(t.position)
	for _, name := range e.options.TaskEntity.Attributes {
		if at, there := view.position[name]; there { // it may have been dropped
			view.attributes[at].hidden = true
			delete(view.position, name)
		}
	}
	return &view
}

// moment is how the report's rows were until a write.
type moment struct {
	rows  []*row
	until time.Time
}

// rowsAgo returns the report's rows as they were that long ago.
func (e *Environment) rowsAgo(t *table, lag time.Duration) []*row {
	if lag <= 0 {
		return t.rows
	}
	then := e.options.Now().Add(-lag)
	for _, m := range e.past {
		if m.until.After(then) {
			return m.rows
		}
	}
	return t.rows
}

// keep remembers the rows a write is about to replace, for as long as somebody
// may still be shown them.
func (e *Environment) keep(t *table) {
	lag := max(e.options.ReportLag, e.options.TaskEntity.Lag)
	if t.name != taskReport || lag <= 0 {
		return
	}
	now := e.options.Now()
	e.past = slices.DeleteFunc(e.past, func(m moment) bool { return !m.until.After(now.Add(-lag)) })
	e.past = append(e.past, moment{rows: t.rows, until: now})
}

// forget ends the wait for the report: it shows what is there now.
func (e *Environment) forget(name string) {
	if name == taskReport {
		e.past = nil
	}
}
