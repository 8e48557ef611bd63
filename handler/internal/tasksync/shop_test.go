package tasksync_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/planner"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/simplanner"
	"github.com/storeteams/storeteams/handler/local/world"
)

const (
	graphHost    = "127.0.0.1:8080"
	commerceHost = "127.0.0.1:8082"
	app          = "a99a0000-0000-4000-8000-000000000001"
	group        = "5702e000-0000-4000-8000-000000000135"
	anna         = "a77a0000-0000-4000-8000-000000000001" // owns the store's team; worker 000001
	ben          = "be700000-0000-4000-8000-000000000002" // is in it; worker 000002
	store        = "000135"
	report       = "RetailTaskManagementReports"
	entity       = "ContosoTasks"
)

// shop is a store with a team: the engine between a simulated Planner and a
// simulated Commerce, all in this process, on the clock of a synctest bubble.
type shop struct {
	*testing.T
	graph    *simgraph.Tenant
	planner  *simplanner.Service
	commerce *simcommerce.Environment
	book     *ledger.Book
	settings tasksync.Settings
	home     commerce.TaskOptions

	effects int                                   // writes of the engine so far
	strike  func(effect int) (before, after bool) // when the engine is killed
	kill    context.CancelFunc
	read    func(*http.Request) *http.Response // answers in place of a simulator; nil: does not
}

// errKilled is what a killed engine sees of the world.
var errKilled = errors.New("killed")

type shopOptions struct {
	planner  simplanner.Options
	commerce simcommerce.Options
	settings func(*tasksync.Settings)
	home     func(*commerce.TaskOptions)
}

func newShop(t *testing.T, o shopOptions) *shop {
	t.Helper()
	rows, err := simgraph.ParseWorld([]byte(`{
	  "users": [{"id":"` + anna + `","userPrincipalName":"anna@shop.example","accountEnabled":true,"userType":"Member"},
	    {"id":"` + ben + `","userPrincipalName":"ben@shop.example","accountEnabled":true,"userType":"Member"}],
	  "groups": [{"id":"` + group + `","displayName":"Store 135","mailNickname":"store-135","groupTypes":["Unified"],"mailEnabled":true,
	    "securityEnabled":false,"visibility":"Private","resourceProvisioningOptions":["Team"],
	    "members":[{"@odata.type":"#microsoft.graph.user","id":"` + ben + `"}],
	    "owners":[{"@odata.type":"#microsoft.graph.user","id":"` + anna + `"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{
		T: t, book: ledger.NewBook(new(memledger.Store), "test"),
		settings: tasksync.Settings{
			BoardTitle: "Store tasks", SightingInterval: 15 * time.Minute, ClaimPatience: 5 * time.Minute, BoardKeep: 60 * 24 * time.Hour,
			DetailsInterval: time.Hour, MaxDeletions: 200, MaxDeletionPercent: 50,
		},
		home: commerce.TaskOptions{Read: entity, Write: entity, Inserts: true, Deletes: true},
	}
	o.planner.AppID = app
	o.planner.Group = func(id string) (time.Time, bool) { return s.graph.UnifiedGroup(id) }
	o.planner.Belongs = func(group, user string) bool { return s.graph.Belongs(group, user) }
	s.planner = simplanner.New(o.planner)
	if s.graph, err = simgraph.New(rows, simgraph.Options{Planner: s.planner}); err != nil {
		t.Fatal(err)
	}
	o.commerce.TaskEntity.Name, o.commerce.TaskEntity.Insert, o.commerce.TaskEntity.Delete = entity, true, true
	o.commerce.TaskEntity.Attributes = []string{"Instructions", "ContactPerson", "TaskLink"}
	rowsThere := map[string][]json.RawMessage{
		"Workers":      {json.RawMessage(`{"PersonnelNumber":"000001","PartyNumber":"1"}`), json.RawMessage(`{"PersonnelNumber":"000002","PartyNumber":"2"}`)},
		"RetailStores": {json.RawMessage(`{"RetailChannelId":"C-1","StoreNumber":"` + store + `"}`)},
	}
	if s.commerce, err = simcommerce.New(rowsThere, o.commerce); err != nil {
		t.Fatal(err)
	}
	if o.settings != nil {
		o.settings(&s.settings)
	}
	if o.home != nil {
		o.home(&s.home)
	}
	s.home.People = func(context.Context) (commerce.People, error) { return people{}, nil }
	return s
}

// people is the organization of one store.
type people struct{}

var workers = map[string]org.PersonnelNumber{anna: "000001", ben: "000002"}

func (people) Worker(user org.UserID) (org.PersonnelNumber, bool) {
	worker, known := workers[user.String()]
	return worker, known
}

func (people) User(worker org.PersonnelNumber) (org.UserID, bool) {
	for text, number := range workers {
		if number == worker {
			id, err := org.ParseUserID(text)
			return id, err == nil
		}
	}
	return org.UserID{}, false
}

func (people) Stores() []tasksync.Store {
	return []tasksync.Store{{Number: store, Name: "Store 135", Group: group, Zone: time.UTC}}
}

func (p people) Store(number org.StoreNumber) (tasksync.Store, bool) {
	return p.Stores()[0], number == store
}
func (people) Named(string) ([]org.StoreNumber, bool)         { return nil, false }
func (people) Communications() org.TeamID                     { return "" }
func (people) Owner(_ org.StoreNumber, user org.UserID) bool  { return user.String() == anna }
func (people) Member(_ org.StoreNumber, user org.UserID) bool { return workers[user.String()] != "" }

// wire carries requests to the simulators. As the engine's it counts effects, and
// may be cut at any of them.
type wire struct {
	*shop
	engine bool
}

func (w wire) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if w.engine && w.read != nil {
		if resp := w.read(r); resp != nil {
			resp.Request = r
			return resp, nil
		}
	}
	if !w.engine || r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "$batch") {
		return w.serve(r)
	}
	if err := w.effect(func() error { resp, err = w.serve(r); return err }); err != nil {
		return nil, err
	}
	return resp, nil
}

func (w wire) serve(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		switch aborted := recover(); aborted {
		case nil:
		case http.ErrAbortHandler:
			err = errors.New("connection reset")
		default:
			panic(aborted)
		}
	}()
	handler := map[string]http.Handler{graphHost: w.graph, commerceHost: w.commerce}[r.URL.Host]
	answer := httptest.NewRecorder()
	served := r.Clone(r.Context())
	served.Host = r.URL.Host
	if served.Body == nil {
		served.Body = http.NoBody // as a server has it
	}
	handler.ServeHTTP(answer, served)
	return answer.Result(), nil
}

// effect does something to the world, unless the engine is killed before it; who
// is killed after it does not hear of it.
func (s *shop) effect(do func() error) error {
	s.effects++
	before, after := false, false
	if s.strike != nil {
		before, after = s.strike(s.effects)
	}
	if before {
		s.kill()
		return errKilled
	}
	err := do()
	if after {
		s.kill()
		return errKilled
	}
	return err
}

// diary is the ledger as a mortal engine writes it.
type diary struct {
	*ledger.Book
	*shop
}

func (d diary) SaveBoard(ctx context.Context, b *tasksync.BoardRow) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.effect(func() error { return d.Book.SaveBoard(ctx, b) })
}

func (s *shop) client(host, path string) *outbound.Client {
	s.Helper()
	out, err := outbound.New(outbound.Options{Name: host, Base: address(s.T, host, path), Transport: wire{s, true}})
	if err != nil {
		s.Fatal(err)
	}
	return out
}

func address(t *testing.T, host, path string) *url.URL {
	t.Helper()
	u, err := url.Parse("http://" + host + path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// settler is the engine as a process that was just started has it.
func (s *shop) settler() *tasksync.Settler {
	s.Helper()
	teams := planner.New(s.client(graphHost, "/v1.0"), address(s.T, graphHost, "/v1.0"), planner.Options{AppID: app})
	directory := func(context.Context) (tasksync.Directory, error) { return people{}, nil }
	return tasksync.New(tasksync.Parts{
		Teams: teams, Boards: teams, Book: diary{s.book, s}, Directory: directory,
		Commerce: commerce.NewTasks(commerce.New(s.client(commerceHost, ""), commerce.Options{}), s.home),
	}, s.settings)
}

// look looks at the store once, or until the engine is killed.
func (s *shop) look() (tasksync.Settled, error) {
	s.Helper()
	ctx, kill := context.WithCancel(s.Context())
	defer kill()
	s.kill = kill
	return s.settler().SettleStore(ctx, store)
}

// wait lets time pass.
func wait(d time.Duration) { <-time.After(d) }

// settle looks until nothing is done any more and nothing is waited for within
// the hour.
func (s *shop) settle() {
	s.Helper()
	s.strike = nil
	var again []time.Duration
	for range 30 {
		before := s.effects
		settled, err := s.look()
		if err != nil {
			s.Fatalf("look: %v", err)
		}
		if s.effects == before && (settled.Again == 0 || settled.Again > time.Hour) {
			return
		}
		again = append(again, settled.Again)
		wait(max(settled.Again, time.Minute)) // longer than readings are stale
	}
	s.Fatalf("never settles, looked again after %v:\n%s", again, s.state())
}

// Hands.

func (s *shop) http() *http.Client { return &http.Client{Transport: wire{s, false}} }

func (s *shop) member(id string) world.Member {
	return world.Member{URL: "http://" + graphHost + "/v1.0", ID: id, HTTP: s.http()}
}

func (s *shop) till() world.PointOfSale {
	return world.PointOfSale{URL: "http://" + commerceHost, HTTP: s.http(), Worker: "000002"}
}

func (s *shop) hq() world.Headquarters {
	return world.Headquarters{URL: "http://" + commerceHost, HTTP: s.http()}
}

// must fails the test on what a person could not do.
func (s *shop) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// campaign starts a process with tasks of these names in the store.
func (s *shop) campaign(name string, tasks ...string) (process string) {
	s.Helper()
	var list []world.NewTask
	for _, task := range tasks {
		list = append(list, world.NewTask{Name: task, Notes: "Notes on " + task})
	}
	process, err := s.hq().StartCampaign(s.Context(), name, time.Now().AddDate(0, 0, 10), []string{store}, list)
	s.must(err)
	return process
}

// line is a task as people see it, on either side.
type line struct {
	id     string
	title  string
	status string
	due    string
	whose  string // on the board user ids, in Commerce a worker
	bucket string // or process
	notes  string // all there is, however it is written there
	byUs   bool
}

// plan is the store's board, and the names of its buckets by id; empty while it
// has none, and a failure if it has two.
func (s *shop) plan() (id string, buckets map[string]string) {
	s.Helper()
	plans := s.planner.Plans(group)
	if len(plans) > 1 {
		s.Errorf("the team has %d boards", len(plans))
	}
	buckets = map[string]string{}
	for _, p := range plans {
		id = p.ID
		names := map[string]bool{}
		for _, b := range p.Buckets {
			buckets[b.ID] = b.Name
			if names[b.Name] {
				s.Errorf("the board has two buckets %q", b.Name)
			}
			names[b.Name] = true
		}
	}
	return id, buckets
}

// cards returns the board's tasks, by title.
func (s *shop) cards() []line {
	s.Helper()
	id, buckets := s.plan()
	var all []line
	for _, t := range s.planner.Tasks(id) {
		l := line{
			id: t.ID, title: t.Title, status: "NotStarted", bucket: buckets[t.Bucket],
			byUs: t.CreatedBy.Application == app, notes: t.Details.Description,
		}
		switch {
		case t.PercentComplete == 100:
			l.status = "Completed"
		case t.PercentComplete > 0:
			l.status = "InProgress"
		}
		if !t.Due.IsZero() {
			l.due = t.Due.Format(time.DateOnly)
		}
		var whose []string
		for user := range t.Assignments {
			whose = append(whose, user)
		}
		slices.Sort(whose)
		l.whose = strings.Join(whose, ",")
		all = append(all, l)
	}
	return byTitle(all)
}

// rows returns the store's tasks in Commerce, by title.
func (s *shop) rows() []line {
	s.Helper()
	var all []line
	for _, raw := range s.commerce.Rows(report) {
		var r struct {
			Process string `json:"Process_ProcessId"`
			Target  string `json:"Process_TargetDate"`
			Called  string `json:"Process_Name"`
			Task    string `json:"TaskId"`
			Name    string
			Status  string
			DueDate string
			Worker  string `json:"AssignedWorker"`
			Notes   string
		}
		s.must(json.Unmarshal(raw, &r))
		due, _, _ := strings.Cut(cmp.Or(r.DueDate, r.Target), "T")
		if due == "1900-01-01" {
			due = ""
		}
		all = append(all, line{id: r.Process + "/" + r.Task, title: r.Name, status: cmp.Or(r.Status, "NotStarted"), due: due, whose: r.Worker, bucket: r.Called, notes: r.Notes})
	}
	return byTitle(all)
}

func byTitle(all []line) []line {
	slices.SortFunc(all, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.title, b.title), cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.id, b.id))
	})
	return all
}

// card returns the one card of a title.
func (s *shop) card(title string) line {
	s.Helper()
	return s.only("board", s.cards(), title)
}

// row returns the one row of a title.
func (s *shop) row(title string) line {
	s.Helper()
	return s.only("Commerce", s.rows(), title)
}

func (s *shop) only(where string, all []line, title string) line {
	s.Helper()
	all = slices.DeleteFunc(all, func(l line) bool { return l.title != title })
	if len(all) != 1 {
		s.Fatalf("%d tasks %q in %s, want one:\n%s", len(all), title, where, s.state())
	}
	return all[0]
}

// state is everything people see, without ids.
func (s *shop) state() string {
	s.Helper()
	var b strings.Builder
	for _, side := range []struct {
		name string
		all  []line
	}{{"board", s.cards()}, {"Commerce", s.rows()}} {
		for _, l := range side.all {
			fmt.Fprintf(&b, "%s: %q %s due %s in %q of %q: %q\n", side.name, l.title, l.status, l.due, l.bucket, l.whose, l.notes)
		}
	}
	return b.String()
}

// entries returns the store's row of the ledger.
func (s *shop) board() *tasksync.BoardRow {
	s.Helper()
	row, err := s.book.Board(s.Context(), store)
	s.must(err)
	return row
}

func (l line) posKeys() (process, task string) {
	process, task, _ = strings.Cut(l.id, "/")
	return process, task
}

func newBook() *ledger.Book { return ledger.NewBook(new(memledger.Store), "test") }

// makesBoard lets an owner make a board by hand.
func (s *shop) makesBoard(title string) {
	s.Helper()
	s.asks(http.MethodPost, "/planner/plans", "", fmt.Sprintf(`{"container":{"url":"https://graph.microsoft.com/v1.0/groups/%s"},"title":%q}`, group, title))
}

// deletesBoard lets an owner delete the board.
func (s *shop) deletesBoard() {
	s.Helper()
	plan := s.planner.Plans(group)[0]
	s.asks(http.MethodDelete, "/planner/plans/"+plan.ID, plan.ETag, "")
}

func (s *shop) asks(method, path, version, body string) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, "http://"+graphHost+"/v1.0"+path, strings.NewReader(body))
	s.must(err)
	r.Header.Set("Authorization", "Bearer user:"+anna)
	r.Header.Set("Content-Type", "application/json")
	if version != "" {
		r.Header.Set("If-Match", version)
	}
	resp, err := s.http().Do(r)
	s.must(err)
	s.must(resp.Body.Close())
	if resp.StatusCode > 299 {
		s.Fatalf("%s %s: status %d", method, path, resp.StatusCode)
	}
}
