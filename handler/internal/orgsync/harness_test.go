package orgsync_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
	Logf(string, ...any)
}

// inProcess carries requests to a handler without a socket, so that a thousand
// worlds fit into a minute and synctest sees all that happens.
type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		cause := recover()
		if dropped, ok := cause.(error); ok && errors.Is(dropped, http.ErrAbortHandler) {
			resp, err = nil, errors.New("connection dropped")
		} else if cause != nil {
			panic(cause)
		}
	}()
	w := httptest.NewRecorder()
	r = r.Clone(r.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RequestURI = r.URL.RequestURI()
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	p.handler.ServeHTTP(w, r)
	resp = w.Result()
	resp.Request = r
	return resp, nil
}

// bench is a whole storeteams without its binary: real clients, real engine,
// simulated servers.
type bench struct {
	world    naive.World
	settings naive.Settings
	tenant   *simgraph.Tenant
	commerce *simcommerce.Environment
	store    ledger.Store

	mode   orgsync.Mode
	maxAge time.Duration // of a snapshot
	poll   time.Duration // TEAM_POLL_INTERVAL
	retry  time.Duration // GROUP_RETRY_INTERVAL
	budget time.Duration // RUN_BUDGET

	limits       rails.Limits  // the defaults, unless a test says otherwise
	minSource    int           // MIN_SOURCE
	archiveAfter time.Duration // ARCHIVE_AFTER
	errorBudget  int           // ERROR_BUDGET_PERCENT
	closed       []string      // CLOSED_STORES
	protected    []string      // PROTECTED_USERS

	log  *slog.Logger
	wrap func(http.RoundTripper) http.RoundTripper // around the way to both servers
}

func newBench(t tester, w naive.World, s naive.Settings, options simgraph.Options) *bench {
	t.Helper()
	b := &bench{
		world: w, settings: s, store: new(memledger.Store),
		mode: orgsync.ModeAdd, budget: time.Hour, log: slog.New(slog.DiscardHandler),
		limits: rails.Limits{
			Removals: 100, RemovalPercent: 5, TeamPercent: 50, SightingInterval: 15 * time.Minute,
		},
		minSource: 80, archiveAfter: 30 * 24 * time.Hour, errorBudget: 20,
	}
	for _, g := range w.Groups {
		if _, stated := g["mailEnabled"]; !stated {
			g["mailEnabled"] = strings.Contains(fmt.Sprint(g["groupTypes"]), "Unified")
			g["securityEnabled"] = !g["mailEnabled"].(bool)
		}
	}
	var file struct {
		Commerce map[string][]json.RawMessage `json:"commerce"`
		Graph    json.RawMessage              `json:"graph"`
	}
	if err := json.Unmarshal(worldgen.WorldJSON(w), &file); err != nil {
		t.Fatal(err)
	}
	world, err := simgraph.ParseWorld(file.Graph)
	if err != nil {
		t.Fatal(err)
	}
	if b.tenant, err = simgraph.New(world, options); err != nil {
		t.Fatal(err)
	}
	if b.commerce, err = simcommerce.New(file.Commerce, simcommerce.Options{}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) client(t tester, address, name string, handler http.Handler) (*outbound.Client, *url.URL) {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var way http.RoundTripper = inProcess{handler}
	if b.wrap != nil {
		way = b.wrap(way)
	}
	client, err := outbound.New(outbound.Options{Name: name, Base: base, Transport: way})
	if err != nil {
		t.Fatal(err)
	}
	return client, base
}

// syncer starts a process, so to speak: only the ledger and the servers live on.
func (b *bench) syncer(t tester) *orgsync.Syncer {
	t.Helper()
	toGraph, graphURL := b.client(t, "http://127.0.0.1/v1.0", "graph", b.tenant)
	toCommerce, _ := b.client(t, "http://127.0.0.2", "commerce", b.commerce)
	tenant, err := graph.New(toGraph, graphURL, graph.Options{Log: b.log})
	if err != nil {
		t.Fatal(err)
	}
	return orgsync.New(orgsync.Parts{
		Commerce: commerce.New(toCommerce, commerce.Options{}), Directory: tenant, Provisioner: tenant, Teams: tenant,
		Book: ledger.NewBook(b.store, b.settings.Instance), Log: b.log,
		GraphCalls: toGraph.Counts, CommerceCalls: toCommerce.Counts,
	}, orgsync.Settings{
		Mode:           b.mode,
		Binding:        ledger.Binding{Instance: b.settings.Instance, CommerceURL: "http://127.0.0.2", TenantID: "t"},
		Rules:          b.rules(),
		Adopt:          b.settings.Adopt,
		SnapshotMaxAge: b.maxAge, RunBudget: b.budget,
		TeamPollInterval: b.poll, GroupRetryInterval: b.retry,
		Limits: b.limits, MinSource: b.minSource, ArchiveAfter: b.archiveAfter, ErrorBudgetPercent: b.errorBudget,
	})
}

func (b *bench) rules() org.Rules {
	r := rules(b.settings)
	r.ClosedStores, r.ProtectedUsers = b.closed, b.protected
	return r
}

// rules are the settings as package config hands them on: trimmed.
func rules(s naive.Settings) org.Rules {
	trimmed := func(list []string) []string {
		var out []string
		for _, entry := range list {
			if entry = strings.TrimSpace(entry); entry != "" {
				out = append(out, entry)
			}
		}
		return out
	}
	return org.Rules{
		Instance: s.Instance, Scope: trimmed(s.Scope), Hierarchy: strings.TrimSpace(s.Hierarchy), TeamName: s.TeamName,
		CommunicationsTeamName: strings.TrimSpace(s.CommunicationsTeamName), CommunicationsRole: strings.TrimSpace(s.CommunicationsRole),
		FallbackOwners: trimmed(s.FallbackOwners), CommunicationsOwners: trimmed(s.CommunicationsOwners),
		ManagerRule: org.ManagerRule(s.ManagerRule), ManagerTitles: trimmed(s.ManagerTitles),
		AllowGuests: s.AllowGuests, MaxCaretakerTeams: s.MaxCaretakerTeams,
	}
}

// run reconciles once with a fresh process and returns the run's record.
func (b *bench) run(t tester, parent *testing.T) orgsync.Record {
	t.Helper()
	s := b.syncer(t)
	if err := s.Run(parent.Context(), "test"); err != nil {
		t.Fatalf("run: %v", err)
	}
	record, err := s.LastRun(parent.Context())
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// groups are the tenant's groups in the naive implementation's terms. New ones
// have no id there.
func (b *bench) groups() []naive.Group {
	existed := map[string]bool{}
	for _, g := range b.world.Groups {
		existed[strings.ToLower(g["id"].(string))] = true
	}
	var groups []naive.Group
	for _, team := range b.tenant.Teams() {
		g := naive.Group{
			ID: team.ID, Marker: team.UniqueName, Name: team.Name, Team: team.HasTeam,
			Owners: team.Owners, Members: team.Members,
		}
		if !existed[team.ID] {
			g.ID = ""
		}
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b naive.Group) int {
		return cmp.Or(cmp.Compare(boolInt(a.ID == ""), boolInt(b.ID == "")), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Marker, b.Marker))
	})
	return groups
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
