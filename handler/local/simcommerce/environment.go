package simcommerce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxPage is the most rows F&O puts on a page.
const maxPage = 10_000

// maxBody bounds what a write may carry.
const maxBody = 1 << 20

// Options shape an environment. The zero value is usable.
type Options struct {
	// Now tells when a reading is old enough to be forgotten. Nil is time.Now.
	Now func() time.Time

	// PageSize is the number of rows on a page, at most 10,000. 0 is 10,000.
	PageSize int

	// Company is the company of the user behind every token. "" is "dat", as F&O
	// has it where nobody chose one.
	Company string

	// Seed, unless 0, shuffles the rows of each collection as loaded: OData
	// promises no order, and neither should its reader.
	Seed uint64

	// Record, if not nil, is told of every request before it is answered: its
	// method, its path with query, and its body. It is called concurrently.
	Record func(method, url string, body []byte)

	// Names gives collections further names, new name → name in the table:
	// environments differ in some.
	Names map[string]string

	// TaskEntity is what tasks are written to by a client. Without one no client
	// can.
	TaskEntity TaskEntity

	// ReportLag is how long after it was written something shows in
	// RetailTaskManagementReports. SetRows waits for nothing.
	ReportLag time.Duration

	// DateAhead is how far the clock that the Date header is taken from is ahead
	// of Now; negative, how far behind. With 0 the header is the server's own.
	DateAhead time.Duration
}

// Environment is a simulated Commerce environment. It is an http.Handler and
// safe for concurrent use.
type Environment struct {
	options Options

	mu        sync.RWMutex
	tables    map[string]*table
	off       map[string]bool // by the name asked for
	versions  uint64          // the last row version given out
	requests  map[string]int
	intercept func(*http.Request) Fault
	readings  map[uint64]*reading
	lastRead  uint64
	past      []moment // of the report's rows, oldest first
}

// New makes an environment of rows as OData serves them, by collection. Rows are
// taken as they are, nulls, wrong types and unknown enum members included. A
// collection without rows is there and empty. New fails for a collection it does
// not know and for a row that is no JSON object.
func New(rows map[string][]json.RawMessage, o Options) (*Environment, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PageSize <= 0 || o.PageSize > maxPage {
		o.PageSize = maxPage
	}
	if o.Company == "" {
		o.Company = "dat"
	}
	tables, err := loadCollections()
	if err != nil {
		return nil, err
	}
	e := &Environment{
		options: o, tables: tables, off: map[string]bool{},
		requests: map[string]int{}, readings: map[uint64]*reading{},
	}
	for name, canonical := range o.Names {
		if tables[canonical] == nil {
			return nil, fmt.Errorf("%s is to be another name of %s, which is unknown", name, canonical)
		}
	}
	if err := o.TaskEntity.extend(tables, o.Names); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if err := e.SetRows(name, rows[name]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// SetRows replaces the rows of a collection, with the freedoms of New. It is for
// changes that no client could make over the wire, such as a row with a null key.
func (e *Environment) SetRows(collection string, rows []json.RawMessage) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := e.canonical(collection)
	if e.tables[name] == nil {
		return fmt.Errorf("%s is no collection this environment knows", collection)
	}
	t, err := e.tables[name].withRows(rows, e.nextVersion)
	if err != nil {
		return err
	}
	if e.options.Seed != 0 {
		h := fnv.New64a()
		h.Write([]byte(name))
		r := rand.New(rand.NewPCG(e.options.Seed, h.Sum64()))
		r.Shuffle(len(t.rows), func(i, j int) { t.rows[i], t.rows[j] = t.rows[j], t.rows[i] })
	}
	e.tables[name] = t
	e.forget(name)
	return nil
}

// Rows returns the rows of a collection as a world file has them: what each
// states, no defaults, no annotations. An unknown collection has none.
func (e *Environment) Rows(collection string) []json.RawMessage {
	e.mu.RLock()
	defer e.mu.RUnlock()
	t := e.tables[e.canonical(collection)]
	if t == nil {
		return nil
	}
	rows := make([]json.RawMessage, len(t.rows))
	for i, r := range t.rows {
		rows[i] = t.appendStated(nil, r)
	}
	return rows
}

// Publish says whether a collection is there, by the name it is asked for with.
// All are, until told otherwise; one that is not answers 404, except to those
// inside.
func (e *Environment) Publish(collection string, published bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.off[collection] = !published
}

// DropAttribute takes an attribute away from a collection, and from its rows: to
// name it is refused then, as in a version that does not have it. Rows set later
// bring it back if they state it. It fails for what is not there, and for key
// attributes, which every version has.
func (e *Environment) DropAttribute(collection, attribute string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := e.canonical(collection)
	t := e.tables[name]
	if t == nil {
		return fmt.Errorf("%s is no collection this environment knows", collection)
	}
	at, known := t.position[attribute]
	switch {
	case !known:
		return fmt.Errorf("%s has no attribute %s", collection, attribute)
	case at < t.keys:
		return fmt.Errorf("%s is part of the key of %s", attribute, collection)
	}
	e.tables[name] = t.withoutAttribute(at)
	// Readings and past rows have their cells where the attribute still was.
	e.forget(name)
	maps.DeleteFunc(e.readings, func(_ uint64, r *reading) bool { return r.collection == name })
	return nil
}

// Requests counts the requests received so far, refused ones included, by method
// and collection: "GET RetailStores".
func (e *Environment) Requests() map[string]int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return maps.Clone(e.requests)
}

// nextVersion gives out row versions. The caller holds the lock.
func (e *Environment) nextVersion() uint64 {
	e.versions++
	return e.versions
}

func (e *Environment) canonical(collection string) string {
	if name, ok := e.options.Names[collection]; ok {
		return name
	}
	if collection != "" && collection == e.options.TaskEntity.Name {
		return taskReport
	}
	return collection
}

// table returns the collection as the caller is to see it now, or a 404.
func (c *call) table() (*table, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	t := c.tables[c.canonical(c.collection)]
	switch {
	case t != nil && c.inside:
		return t, nil
	case t == nil || c.off[c.collection]:
		return nil, refuse(http.StatusNotFound, "No HTTP resource was found that matches the path '/data/%s'.", c.collection)
	case t.name == taskReport:
		return c.shown(t, c.collection), nil
	}
	return t, nil
}

// ServeHTTP implements http.Handler.
func (e *Environment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if e.options.DateAhead != 0 {
		w.Header().Set("Date", e.options.Now().Add(e.options.DateAhead).UTC().Format(http.TimeFormat))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		writeError(w, refuse(http.StatusRequestEntityTooLarge, "The request's body cannot be read: %v.", err))
		return
	}
	collection, predicate, err := target(r.URL)
	broken := e.note(r, collection, body)
	token, bears := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case broken.Status != 0:
		broken.refuse(w)
	case !bears:
		writeError(w, refuse(http.StatusUnauthorized, "A bearer token is required."))
	case err != nil:
		writeError(w, err)
	default:
		c := &call{Environment: e, w: w, r: r, collection: collection, predicate: predicate, body: body, broken: broken,
			inside: token == inside}
		if err := c.serve(); err != nil {
			writeError(w, err)
		}
	}
}

// note counts and records the request and asks what is to go wrong with it.
func (e *Environment) note(r *http.Request, collection string, body []byte) Fault {
	e.mu.Lock()
	e.requests[r.Method+" "+collection]++
	intercept := e.intercept
	e.mu.Unlock()
	if e.options.Record != nil {
		e.options.Record(r.Method, r.URL.RequestURI(), body)
	}
	if intercept == nil {
		return Fault{}
	}
	r.Body = io.NopCloser(bytes.NewReader(body)) // for the hook to read
	return intercept(r)
}

// target splits a path into the collection and, if there is one, the key
// predicate with its parentheses. The path is unescaped only behind /data/,
// since a key may hold a slash.
func target(u *url.URL) (collection, predicate string, err error) {
	segment, below := strings.CutPrefix(u.EscapedPath(), "/data/")
	name, unescapeErr := url.PathUnescape(segment)
	if !below || unescapeErr != nil || segment == "" || strings.Contains(segment, "/") {
		return "", "", refuse(http.StatusNotFound, "No HTTP resource was found that matches the path '%s'.", u.EscapedPath())
	}
	if open := strings.IndexByte(name, '('); open >= 0 {
		return name[:open], name[open:], nil
	}
	return name, "", nil
}
