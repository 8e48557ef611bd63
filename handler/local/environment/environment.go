// Package environment puts the local environment together: a simulated tenant,
// a simulated Commerce and the Functions host's stand-in around the staged
// handler, each at an address of this machine. Both the program in
// handler/local and the end-to-end tests run in it.
//
// It knows the handler only as the Functions host does: as an executable with
// settings. What happened inside is learned from Operations and the tenant.
package environment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/storeteams/storeteams/handler/local/simbus"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/simhost"
	"github.com/storeteams/storeteams/handler/local/simplanner"
	"github.com/storeteams/storeteams/handler/local/world"
)

// TaskQueue is the queue with the hints about tasks.
const TaskQueue = "task-hints"

// The queues of the organization.
const (
	OrgQueue   = "org-hints"       // hints
	EventQueue = "commerce-events" // what Commerce says
)

// TaskEntity is the collection that tasks are written to in the simulated Commerce.
const TaskEntity = "StoreTasks"

// Options say what to start. World is required, the rest may be zero.
type Options struct {
	World    world.World
	Settings map[string]string // of the handler, in place of the ones Start chooses
	Dist     string            // the staged folder; empty: no handler and no host

	Port, GraphPort, CommercePort, BusPort int // 0: any free port

	Key string // function key that Operations asks for; empty: it asks for none

	Graph    simgraph.Options
	Planner  simplanner.Options // AppID, Group and Belongs are chosen by Start
	Commerce simcommerce.Options
	Log      func(simhost.Line) // what host and handler say
}

// Environment is a running local environment.
type Environment struct {
	Tenant   *simgraph.Tenant
	Planner  *simplanner.Service
	Commerce *simcommerce.Environment
	Bus      *simbus.Bus
	Host     *simhost.Host // nil without a handler

	host atomic.Pointer[simhost.Host] // Host, for goroutines

	GraphURL    string            // as GRAPH_URL wants it
	CommerceURL string            // as COMMERCE_URL wants it
	Settings    map[string]string // what the handler was, or has to be, started with

	options  Options
	shutters *shutters
	stop     []func() error
}

// Start starts everything. Close what it returns.
func Start(ctx context.Context, o Options) (e *Environment, err error) {
	e = &Environment{options: o}
	defer func() {
		if err != nil {
			err = fmt.Errorf("environment: %w", errors.Join(err, e.Close()))
		}
	}()
	if err := e.startServers(ctx); err != nil {
		return e, err
	}
	e.Settings = e.settings()
	if o.Dist == "" {
		return e, nil
	}
	return e, e.StartHost(ctx)
}

func (e *Environment) startServers(ctx context.Context) error {
	text, err := json.Marshal(e.options.World.Graph)
	if err != nil {
		return err
	}
	rows, err := simgraph.ParseWorld(text)
	if err != nil {
		return err
	}
	app := e.options.Planner
	app.AppID = world.SampleSettings()["AZURE_CLIENT_ID"]
	app.Group = func(id string) (time.Time, bool) { return e.Tenant.UnifiedGroup(id) }
	app.Belongs = func(group, user string) bool { return e.Tenant.Belongs(group, user) }
	e.Planner = simplanner.New(app)
	tenant := e.options.Graph
	tenant.Planner = e.Planner
	tenant.Client = &http.Client{Transport: toHost{e}, Timeout: 10 * time.Second}
	tenant.TenantID = cmp.Or(tenant.TenantID, e.options.Settings["TENANT_ID"], world.SampleSettings()["TENANT_ID"])
	if e.Tenant, err = simgraph.New(rows, tenant); err != nil {
		return err
	}
	headquarters := e.options.Commerce
	if headquarters.TaskEntity.Name == "" {
		headquarters.TaskEntity = simcommerce.TaskEntity{
			Name: TaskEntity, Insert: true, Delete: true, Attributes: []string{"Instructions", "ContactPerson", "TaskLink"},
		}
	}
	if e.Commerce, err = simcommerce.New(e.options.World.Commerce, headquarters); err != nil {
		return err
	}
	graph, err := listen(ctx, e.options.GraphPort)
	if err != nil {
		return err
	}
	e.serve(graph, e.Tenant)
	e.deliver() //nolint:contextcheck // it ends with the environment, not with its start
	e.GraphURL = address(graph) + "/v1.0"
	commerce, err := listen(ctx, e.options.CommercePort)
	if err != nil {
		return err
	}
	e.CommerceURL = address(commerce)
	if err := e.startBus(); err != nil {
		return err
	}
	e.shutters = &shutters{hq: world.Headquarters{URL: e.CommerceURL}, closed: map[string]world.Closed{}}
	e.serve(commerce, e.shutters.beside(e.Commerce))
	return nil
}

// startBus starts the Service Bus stand-in with the queues that the app's template
// makes in Azure.
func (e *Environment) startBus() (err error) {
	e.Bus, err = simbus.Start(simbus.Options{
		Address: fmt.Sprintf("127.0.0.1:%d", e.options.BusPort),
		Queues: []simbus.Queue{
			{Name: TaskQueue, Sessions: true, DuplicateWindow: 10 * time.Minute},
			{Name: OrgQueue, Sessions: true, DuplicateWindow: 10 * time.Minute},
			{Name: EventQueue},
		},
	})
	if err != nil {
		return err
	}
	e.stop = append(e.stop, e.Bus.Close)
	return nil
}

// listen takes a port of loopback.
func listen(ctx context.Context, port int) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", port))
}

func address(l net.Listener) string { return "http://" + l.Addr().String() }

// serve serves a handler until the environment is closed.
func (e *Environment) serve(l net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	e.stop = append(e.stop, func() error {
		err := server.Close()
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	})
}

// settings are what suits simulators: everything is quick there, and every run
// reads Commerce anew, so that a change shows at the next tick.
func (e *Environment) settings() map[string]string {
	settings := world.SampleSettings()
	maps.Copy(settings, map[string]string{
		"COMMERCE_URL":         e.CommerceURL,
		"GRAPH_URL":            e.GraphURL,
		"ORG_SYNC_SCHEDULE":    "*/5 * * * * *",
		"SNAPSHOT_MAX_AGE":     "0s",
		"SIGHTING_INTERVAL":    "1ms", // two readings, however close
		"HANDS_DELAY":          "5s",
		"ARCHIVE_AFTER":        "5s",
		"TEAM_POLL_INTERVAL":   "100ms",
		"GROUP_RETRY_INTERVAL": "50ms",
		"GRAPH_RATE_PERCENT":   "2000",
		"TASK_SWEEP_SCHEDULE":  "*/2 * * * * *",
		"TASK_SWEEP_RATE":      "1000",

		"SUBSCRIPTION_SCHEDULE": "*/5 * * * * *",

		"COMMERCE_TASK_INTERVAL": "2s",
		"TASK_READ":              TaskEntity,
		"TASK_WRITE":             TaskEntity,
		"TASK_INSERTS":           "yes",
		"TASK_DELETES":           "yes",
		"ServiceBus":             e.Bus.ConnectionString(),
	})
	maps.Copy(settings, e.options.Settings)
	return settings
}

// StartHost starts the host, and through it the handler. Start does so itself;
// a test that lost the host on purpose calls it again.
func (e *Environment) StartHost(ctx context.Context) (err error) {
	env := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		_, ours := e.Settings[name]
		return ours
	})
	for _, name := range slices.Sorted(maps.Keys(e.Settings)) {
		env = append(env, name+"="+e.Settings[name])
	}
	options := simhost.Options{ScriptRoot: e.options.Dist, Env: env, Key: e.options.Key, Log: e.options.Log}
	if e.options.Port != 0 {
		options.Address = fmt.Sprintf("127.0.0.1:%d", e.options.Port)
	}
	if e.Host, err = simhost.Start(ctx, options); err == nil {
		e.host.Store(e.Host)
	}
	return err
}

// World returns both servers' state as a world to start from again.
func (e *Environment) World() (world.World, error) {
	w := world.World{Commerce: map[string][]json.RawMessage{}}
	for name := range e.options.World.Commerce {
		w.Commerce[name] = e.Commerce.Rows(name)
	}
	text, err := json.Marshal(e.Tenant.World())
	if err != nil {
		return w, fmt.Errorf("environment: keep the tenant: %w", err)
	}
	if err := json.Unmarshal(text, &w.Graph); err != nil {
		return w, fmt.Errorf("environment: keep the tenant: %w", err)
	}
	return w, nil
}

// Close stops everything, the handler first.
func (e *Environment) Close() error {
	if e.Host != nil {
		e.Host.Close()
	}
	var problems []error
	for _, stop := range slices.Backward(e.stop) {
		problems = append(problems, stop())
	}
	e.stop = nil
	return errors.Join(problems...)
}
