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
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/tableledger"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// table is the ledger's table.
const table = "storeteams"

// app is the program put together.
type app struct {
	functions trigger.Functions
	bind      func(context.Context) error
	close     func() error
}

// wire puts the program together. It is the only code that names concrete
// adapters.
func wire(ctx context.Context, settings config.Config, getenv func(string) string, logger *slog.Logger) (*app, error) {
	cred := credentials{getenv: getenv, clientID: settings.ClientID, tenantID: settings.TenantID}
	store, err := openLedger(ctx, settings.Ledger, cred)
	if err != nil {
		return nil, err
	}
	syncer, err := newSyncer(settings, store, cred, logger)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &app{
		functions: trigger.Functions{OrgSync: syncer, Operations: operations{syncer}},
		bind:      syncer.Bind,
		close:     store.Close,
	}, nil
}

func openLedger(ctx context.Context, where config.Ledger, cred credentials) (ledger.Store, error) {
	switch {
	case where.File != "":
		return boltledger.Open(where.File)
	case where.URL != nil:
		credential, err := cred.forAddress(where.URL)
		if err != nil {
			return nil, err
		}
		return tableledger.Open(ctx, where.URL.String(), credential, table, nil)
	}
	return tableledger.OpenConnection(ctx, where.Connection.Reveal(), table, nil)
}

func newSyncer(settings config.Config, store ledger.Store, cred credentials, logger *slog.Logger) (*orgsync.Syncer, error) {
	rates := graph.NewRates(settings.GraphRatePercent)
	toGraph, err := cred.client(settings.GraphURL, outbound.Options{Name: "graph", Admit: rates.Admit, Label: rates.Label})
	if err != nil {
		return nil, err
	}
	toCommerce, err := cred.client(settings.CommerceURL, outbound.Options{Name: "commerce", Label: commerce.Label})
	if err != nil {
		return nil, err
	}
	tenant, err := graph.New(toGraph, settings.GraphURL, graph.Options{Log: logger})
	if err != nil {
		return nil, err
	}
	return orgsync.New(orgsync.Parts{
		Commerce:    commerce.New(toCommerce, commerce.Options{Collections: settings.Entities, Logger: logger}),
		Directory:   tenant,
		Provisioner: tenant,
		Teams:       tenant,
		Book:        ledger.NewBook(store, settings.Rules.Instance),
		Log:         logger,

		GraphCalls:    toGraph.Counts,
		CommerceCalls: toCommerce.Counts,
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
	}), nil
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
