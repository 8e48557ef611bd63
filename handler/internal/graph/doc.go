// Package graph is storeteams' client of Microsoft Graph for the directory and
// Teams: it implements orgsync's Directory, Provisioner and Teams, and doctor's
// Tenant. It owns
// Graph's shapes and its habits: markers, delta pages, batches, asynchronous
// operations, partial successes, replication delay. It refuses to decide who
// belongs where, and it sends nothing by itself: every request leaves through
// package outbound, which has the token, the one retry layer and the counts.
//
// Two ways of asking stand side by side, on purpose:
//
//   - Single things are read and written with the SDK's request builders
//     (msgraph-sdk-go's sub-packages; its root client would double the build).
//     Names and shapes are then Microsoft's own. Where the status or a header
//     is the answer, and for deleted items, the request is a raw one.
//   - Collections are read page by page from raw requests and decoded one item
//     at a time into small structs: a tenant's delta has hundreds of thousands
//     of items, and the SDK keeps a map with an object per field for each.
//
// Answers are judged in one place, outbound.CheckStatus, on both ways. Errors
// carry a status, Graph's error code and a request id, never Graph's text:
// messages quote names and addresses.
//
// The package keeps no state between calls but the rates of [Rates].
package graph
