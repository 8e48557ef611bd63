package doctor

import (
	"context"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// Commerce is looked at by harmless reads.
type Commerce interface {
	// Probe asks each collection for one row with all the attributes that are
	// read from it. It does not fail: what could not be asked is in the result,
	// which has one element per collection, in the order they are documented.
	Probe(ctx context.Context) []Collection
}

// Collection is what became of asking for one row of a collection.
type Collection struct {
	Name     string   // its default name
	Actual   string   // its name here
	Optional bool     // it is done without where it is missing
	Rows     int      // rows served of the one asked for: 0 means that it is empty
	Lacks    []string // attributes that are not there, beyond those that only newer versions have
	Err      error    // why nothing could be read, classified; nil beside Lacks if a read without them went well
	Clock    Clock
}

// Clock compares a server's clock, by its answer's Date header, with ours.
type Clock struct {
	Known bool
	Ahead time.Duration // how far the server's is ahead of ours, in whole seconds
}

// Tenant is looked at by harmless reads.
type Tenant interface {
	// Probe makes one request of each kind that storeteams makes to read. It does
	// not fail: what could not be read is in the result.
	Probe(ctx context.Context) []Call

	// Roles returns the application permissions that the app's token carries.
	// known is false where there is no token to read, as toward a simulator, or
	// none that could be understood.
	Roles(ctx context.Context) (roles []string, known bool, err error)

	// Licences returns the products of the tenant with an enabled Teams service
	// plan.
	Licences(ctx context.Context) ([]Licence, error)
}

// Call is what became of one request.
type Call struct {
	Name  string   // e.g. "GET /groups/delta"
	Needs []string // application permissions any one of which is enough, the smallest first
	For   string   // what storeteams cannot do without it, e.g. "find teams that were deleted by hand"
	Err   error    // classified
	Clock Clock
}

// OtherTenant is in the error of a Call that was answered by another tenant than
// TENANT_ID names.
type OtherTenant struct {
	ID string // the tenant that answered
}

// Error implements error.
func (e OtherTenant) Error() string {
	return "the tenant that answers is " + e.ID + ", and TENANT_ID is another"
}

// Licence is a product with a Teams service plan.
type Licence struct {
	Product   string // skuPartNumber, e.g. "SPE_F1"
	Enabled   int    // units bought, active
	Used      int    // units assigned
	Suspended int    // units that are about to end: suspended or in warning
}

// Ledger is looked at by writing a row of its own, and taking it away again.
type Ledger interface {
	// Probe inserts, reads, replaces and deletes a row, and reports the first of
	// these that failed, classified.
	Probe(ctx context.Context) error
}

// Book is what the ledger remembers of the runs. *ledger.Book is one.
type Book interface {
	// Runs returns the records that are kept, by start, oldest first.
	Runs(ctx context.Context) ([]*ledger.Run, error)

	// Quarantine returns the quarantine, nil when there is none.
	Quarantine(ctx context.Context) (*ledger.Quarantine, error)
}

// Queue is looked at without sending anything.
type Queue interface {
	// Probe finds out whether hints can be sent and dead letters looked at.
	Probe(ctx context.Context) error
}
