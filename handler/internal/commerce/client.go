// Package commerce reads Dynamics 365 Commerce through the OData endpoint of
// Finance & Operations (F&O), and writes tasks there. It owns that protocol's
// ways (pages, cross-company reads, attributes that come and go with the version,
// the odd spellings of flags and dates) and hands over plain rows of package org,
// and tasks in the shape of package tasksync.
//
// It refuses to judge the rows: who belongs in which team is package org's
// business, and which side of a task is right package task's. It refuses half a reading too: [Client.Snapshot] returns every row
// of every collection, or an error. Only [Client.Statements] may be half: what
// its rows say is true of each by itself. Sending, waiting and tokens are
// package outbound's.
//
// The protocol is described in Microsoft's page
// articles/fin-ops-core/dev-itpro/data-entities/odata.md.
package commerce

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// Options adapt a Client to an environment. The zero value suits one that
// publishes every collection under its default name.
type Options struct {
	// Collections maps a default name ("RetailStaff") to the name the collection
	// has here. Names that are not in it are used as they are.
	Collections map[string]string

	// Logger gets what no answer tells, such as an attribute done without.
	// Nil logs nothing.
	Logger *slog.Logger
}

// Client reads one environment. It is safe for concurrent use.
type Client struct {
	http  *outbound.Client
	names map[string]string
	log   *slog.Logger
}

// New returns a client of the environment whose root is client's base address,
// e.g. https://contoso.operations.dynamics.com.
func New(client *outbound.Client, o Options) *Client {
	return &Client{
		http:  client,
		names: o.Collections,
		log:   cmp.Or(o.Logger, slog.New(slog.DiscardHandler)),
	}
}

// actualName returns what a collection is called in this environment.
func (c *Client) actualName(collection string) string {
	return cmp.Or(c.names[collection], collection)
}

// Label names the class of a request, for outbound.Options: its collection,
// without the key where it is about one row.
func Label(r *http.Request) string {
	_, path, _ := strings.Cut(r.URL.Path, "/data/")
	collection, _, _ := strings.Cut(path, "/")
	collection, _, _ = strings.Cut(collection, "(")
	return collection
}
