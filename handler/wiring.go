package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/desk"
	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/tableledger"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/planner"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/internal/telemetry"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// table is the ledger's table.
const table = "storeteams"

// app is the program put together.
type app struct {
	functions trigger.Functions
	bind      func(context.Context) error
	close     func(context.Context) error
}

// wire puts the program together. It is the only code that names concrete
// adapters.
func wire(settings config.Config, getenv func(string) string, told *telemetry.Telemetry, logger *slog.Logger) (*app, error) {
	cred := credentials{getenv: getenv, clientID: settings.ClientID, tenantID: settings.TenantID}
	store, err := openLedger(settings.Ledger, cred)
	if err != nil {
		return nil, err
	}
	book := ledger.NewBook(store, settings.Rules.Instance)
	to, err := connect(settings, cred, told, logger)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	syncer := newSyncer(settings, book, to, told, logger)
	work, err := wireTasks(settings, book, to, cred, told, logger)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	hints, err := wireHints(settings, book, to, cred, syncer, work, told, logger)
	if err != nil {
		return nil, errors.Join(err, store.Close()) // no queue has been connected to yet
	}
	return &app{
		functions: trigger.Functions{
			OrgSync:           syncer,
			TaskSweep:         work.sweep,
			TaskChanged:       work.inbox,
			OrgChanged:        hints.changed,
			CommerceEvent:     hints.events,
			SubscriptionRenew: hints.renew,
			GraphNotification: hints.hook,
			Operations: desk.New(desk.Parts{
				Syncer: syncer,
				Book:   book,
				Doctor: doctor.New(doctor.Parts{
					Commerce: to.commerce, Tenant: to.tenant, Ledger: book, Book: book, Survey: syncer.Survey, Queue: work.queue(),
					Hints: hints.queue(), Notices: hints.health,
				}, settings),
				Tasks:   work.desk(),
				Letters: letters(work, hints),
				Notices: hints.health,
				Rates:   planRates(settings),
				Version: version(),
			}),
			Jobs:     book,
			Observer: told,
			Document: desk.OpenAPI(),
		},
		bind:  syncer.Bind,
		close: func(ctx context.Context) error { return errors.Join(hints.close(ctx), work.close(ctx), store.Close()) },
	}, nil
}

// planRates says to package plan how fast package graph asks.
func planRates(settings config.Config) plan.Rates {
	limits := graph.NewRates(settings.GraphRatePercent).Limits()
	return plan.Rates{
		CreateTeam: limits.CreateTeam, ListMembers: limits.ListMembers,
		OtherRead: limits.OtherRead, OtherWrite: limits.OtherWrite, PerTeam: limits.PerTeam,
		Units: limits.Units, Writes: limits.Writes,
		Poll: settings.TeamPollInterval,
	}
}

// servers are the clients of what storeteams reads and changes.
type servers struct {
	commerce *commerce.Client
	tenant   *graph.Client
	planner  *planner.Client

	graphCalls, commerceCalls func() map[string]int
}

func connect(settings config.Config, cred credentials, told *telemetry.Telemetry, logger *slog.Logger) (servers, error) {
	admit := graph.NewRates(settings.GraphRatePercent)
	admit.SetPlanner(float64(settings.Tasks.SweepRate))
	toGraph, err := cred.client(settings.GraphURL, outbound.Options{Name: "graph", Admit: admit.Admit, Label: admit.Label, Observe: told.Requests("graph")})
	if err != nil {
		return servers{}, err
	}
	toCommerce, err := cred.client(settings.CommerceURL, outbound.Options{Name: "commerce", Label: commerce.Label, Observe: told.Requests("commerce")})
	if err != nil {
		return servers{}, err
	}
	tenant, err := graph.New(toGraph, settings.GraphURL, graph.Options{Log: logger, TenantID: settings.TenantID})
	if err != nil {
		return servers{}, err
	}
	return servers{
		commerce: commerce.New(toCommerce, commerce.Options{Collections: settings.Entities, Logger: logger}),
		tenant:   tenant,
		planner:  planner.New(toGraph, settings.GraphURL, planner.Options{AppID: settings.ClientID}),

		graphCalls: toGraph.Counts, commerceCalls: toCommerce.Counts,
	}, nil
}

func openLedger(where config.Ledger, cred credentials) (ledger.Store, error) {
	switch {
	case where.File != "":
		return boltledger.Open(where.File)
	case where.URL != nil:
		credential, err := cred.forAddress(where.URL)
		if err != nil {
			return nil, err
		}
		return tableledger.Open(where.URL.String(), credential, table, nil)
	}
	return tableledger.OpenConnection(where.Connection.Reveal(), table, nil)
}

func newSyncer(settings config.Config, book *ledger.Book, to servers, told *telemetry.Telemetry, logger *slog.Logger) *orgsync.Syncer {
	return orgsync.New(orgsync.Parts{
		Commerce:    to.commerce,
		Directory:   to.tenant,
		Provisioner: to.tenant,
		Teams:       to.tenant,
		Book:        book,
		Log:         logger,

		GraphCalls:    to.graphCalls,
		CommerceCalls: to.commerceCalls,
		Ended:         told.Run,
	}, orgsync.Settings{
		Mode: orgsync.Mode(settings.Mode),
		Binding: ledger.Binding{
			Instance: settings.Rules.Instance, CommerceURL: settings.CommerceURL.String(), TenantID: settings.TenantID,
		},
		Rules:              settings.Rules,
		Adopt:              settings.Adopt,
		SnapshotMaxAge:     settings.SnapshotMaxAge,
		TeamPollInterval:   settings.TeamPollInterval,
		GroupRetryInterval: settings.GroupRetryInterval,
		RunBudget:          settings.RunBudget,
		Limits: rails.Limits{
			Removals: settings.MaxRemovals, RemovalPercent: settings.MaxRemovalPercent, TeamPercent: settings.MaxTeamRemovalPercent,
			SightingInterval: settings.SightingInterval, HandsDelay: settings.HandsDelay,
		},
		MinSource:          settings.MinSource,
		ArchiveAfter:       settings.ArchiveAfter,
		ErrorBudgetPercent: settings.ErrorBudgetPercent,
	})
}

// credentials makes the credential for a server: none for this machine, the
// app's managed identity in Azure, and the developer's own Azure CLI login
// elsewhere.
type credentials struct {
	getenv   func(string) string
	clientID string
	tenantID string
}

// client returns a client for base, with tokens for base's own origin.
func (c credentials) client(base *url.URL, o outbound.Options) (*outbound.Client, error) {
	credential, err := c.forAddress(base)
	if err != nil {
		return nil, err
	}
	o.Base, o.Credential = base, credential
	o.Scope = base.Scheme + "://" + base.Host + "/.default"
	return outbound.New(o)
}

func (c credentials) forAddress(base *url.URL) (azcore.TokenCredential, error) {
	if outbound.Loopback(base) {
		return nil, nil
	}
	return c.own()
}

// own returns the app's own credential.
func (c credentials) own() (azcore.TokenCredential, error) {
	if c.getenv("IDENTITY_ENDPOINT") == "" { // set by the platform wherever there is a managed identity
		credential, err := azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: c.tenantID})
		if err != nil {
			return nil, fmt.Errorf("use the Azure CLI's login: %w", err)
		}
		return credential, nil
	}
	options := &azidentity.ManagedIdentityCredentialOptions{}
	if c.clientID != "" {
		options.ID = azidentity.ClientID(c.clientID)
	}
	credential, err := azidentity.NewManagedIdentityCredential(options)
	if err != nil {
		return nil, fmt.Errorf("use the managed identity: %w", err)
	}
	return credential, nil
}
