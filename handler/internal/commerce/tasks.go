package commerce

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// taskReport is the public entity that shows the tasks of all stores. It is
// read-only, as far as anybody knows (articles/commerce/task-mgmt-overview.md
// names no other).
const taskReport = "RetailTaskManagementReports"

// TaskOptions say where an environment's tasks are. The zero value reads the
// report, and writes nothing.
type TaskOptions struct {
	// Read is the collection that is read; "": RetailTaskManagementReports.
	Read string
	// Write is the collection that is written to: a customer's own public entity
	// with the same keys. "": there is none.
	Write string
	// Inserts and Deletes say whether rows can be created and deleted in it.
	Inserts, Deletes bool

	// People is asked once per call who is which worker. Nil: nobody is known.
	People func(context.Context) (People, error)
	// Zone is a store's time zone. Nil: UTC.
	Zone func(org.StoreNumber) *time.Location

	// Log gets what no answer tells: a value nobody has told us about, a row that
	// cannot be read. Nil logs nothing.
	Log *slog.Logger
}

// People knows which user is which worker.
type People interface {
	Worker(org.UserID) (org.PersonnelNumber, bool)
	User(org.PersonnelNumber) (org.UserID, bool)
}

// Tasks are the tasks in Commerce. It is safe for concurrent use.
//
// An item's id is "<process>/<task>", two GUIDs in lower case. Its version is a
// digest of what the collection that is read shows of it, followed by the row's
// ETag where that is also the collection that is written to: the ETags of two
// entities have nothing to do with each other. Without one a write first reads
// the row where it is about to write, and is a fault.Conflict if a field there
// is neither as the item shows it nor as it is to become: the report may lag
// behind, and what is newer than it must not be overwritten unseen.
//
// Fields that only the collection for writing has, such as instructions, are
// read from there, in a second call, and have a version of their own, which the
// stock does not know.
//
// A row of which one attribute cannot be read is a task that does not show that
// field. A row without readable keys could be any task: the store's reading is
// then fault.Incomplete, while [Tasks.Tasks], from which nobody concludes that
// something is not there, leaves the row out.
type Tasks struct {
	client *Client
	o      TaskOptions
	log    *slog.Logger

	mu      sync.Mutex
	shapes  map[string]attributes // by collection, once a row told
	members map[string]string     // what a status is called here, as last seen
	unknown map[string]bool       // statuses that were logged
}

var (
	_ tasksync.Side  = (*Tasks)(nil)
	_ tasksync.Stock = (*Tasks)(nil)
)

// NewTasks returns the tasks of the environment that c reads.
func NewTasks(c *Client, o TaskOptions) *Tasks {
	o.Read = cmp.Or(o.Read, taskReport)
	return &Tasks{
		client: c, o: o, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		shapes: map[string]attributes{}, unknown: map[string]bool{},
		// Not published anywhere; the next row that says otherwise is believed.
		members: map[string]string{
			task.NotStarted: "NotStarted", task.InProgress: "InProgress",
			task.Completed: "Completed", task.Cancelled: "Cancelled",
		},
	}
}

// Abilities implements tasksync.Side. Until the first reading Writes is what
// every entity for tasks should take; State.Takes of an item is what this one
// does.
func (t *Tasks) Abilities() tasksync.Abilities {
	writable := t.o.Write != ""
	return tasksync.Abilities{
		Writes:  t.knownSchema().takes(),
		Creates: writable && t.o.Inserts,
		Deletes: writable && t.o.Deletes,
	}
}

// List implements tasksync.Side.
func (t *Tasks) List(ctx context.Context, at tasksync.Place) ([]tasksync.Item, error) {
	found, err := t.read(ctx, at, storeIs(at.Store))
	if err != nil {
		return nil, err
	}
	return found.items, nil
}

// tasksAtOnce is how many tasks one request asks about, as with workersAtOnce.
const tasksAtOnce = 20

// Read implements tasksync.Side. It takes one call for every twenty tasks.
func (t *Tasks) Read(ctx context.Context, at tasksync.Place, ids []string) (map[string]tasksync.Item, error) {
	read := make(map[string]tasksync.Item, len(ids))
	for start := 0; start < len(ids); start += tasksAtOnce {
		filter, err := keysAre(ids[start:min(start+tasksAtOnce, len(ids))])
		if err != nil {
			return nil, err
		}
		found, err := t.read(ctx, at, filter)
		if err != nil {
			return nil, err
		}
		for _, item := range found.items {
			read[item.ID] = item
		}
	}
	return read, nil
}

// storeIs is the filter for a store's rows.
func storeIs(store org.StoreNumber) string {
	return attributeStore + " eq '" + strings.ReplaceAll(string(store), "'", "''") + "'"
}

// keysAre is the filter for rows by their keys. A GUID has no quotes in OData 4.
func keysAre(ids []string) (string, error) {
	terms := make([]string, len(ids))
	for i, id := range ids {
		process, number, err := splitID(id)
		if err != nil {
			return "", err
		}
		terms[i] = "(" + attributeProcess + " eq " + process + " and " + attributeTask + " eq " + number + ")"
	}
	return strings.Join(terms, " or "), nil
}

// splitID returns the two GUIDs of an item's id.
func splitID(id string) (process, number string, err error) {
	process, number, _ = strings.Cut(id, "/")
	if !isGUID(process) || !isGUID(number) {
		return "", "", fault.Newf(fault.Invalid, "commerce: read a task's id", "%q is not a process and a task", short(id))
	}
	return process, number, nil
}
