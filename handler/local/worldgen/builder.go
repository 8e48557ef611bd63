package worldgen

import (
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/local/naive"
)

// builder is a world in the making, with what later steps must know of
// earlier ones.
type builder struct {
	d        Draw
	o        Options
	world    naive.World
	salt     int // makes the ids of two worlds differ
	accounts []account
	workers  []worker
	stores   []shop
	nodes    []node
	names    map[string]bool // mail nicknames and unique names taken, in lower case
	count    int             // for numbers that are given once
}

// account is a user of the tenant.
type account struct {
	id, upn string
	good    bool // may be added, as an owner too
	guest   bool
}

// worker is a row of Workers, or somebody who has none.
type worker struct {
	number, party string
	account       account
	listed        bool // has a row of Workers
	sound         bool // resolves to a good account, and is employed
}

// shop is a row of RetailStores.
type shop struct {
	number, channel, unit, party string
	ownUnit                      bool // its unit is the one with that number
	twin                         bool // another row has that number, ignoring case
}

// node is a node of the hierarchies above stores.
type node struct{ party, name, unit string }

// Random makes a world.
func Random(d Draw, o Options) naive.World {
	b := &builder{d: d, o: o, world: emptyWorld(), names: map[string]bool{}}
	stores, workers := o.Stores, o.Workers
	if stores == 0 {
		stores = 1 + d.IntN(12)
	}
	if workers == 0 {
		workers = d.IntN(41)
	}
	b.salt = d.IntN(1 << 16)
	b.makeAccounts(workers)
	b.makeWorkers(workers)
	b.makeStores(stores)
	b.makeNodes()
	b.makeHierarchies()
	b.makeShifts()
	b.makePositions()
	b.makeManagers()
	b.makeCommunications()
	b.makeGroups()
	b.makeDamage()
	return b.world
}

// row is a row of a collection, or an object of Graph.
type row = map[string]any

// add adds a row to a collection.
func (b *builder) add(collection string, r row) {
	b.world.Commerce[collection] = append(b.world.Commerce[collection], r)
}

// next returns a number not given before.
func (b *builder) next() int {
	b.count++
	return b.count
}

// id makes a GUID for the n-th thing of a kind.
func (b *builder) id(kind string, n int) string {
	return guid(fmt.Sprintf("%d/%s/%d", b.salt, kind, n))
}

// at writes a date some time away from now.
func (b *builder) at(away time.Duration) string {
	return b.o.Now.Add(away).UTC().Format(time.RFC3339)
}

// day is far from now for a date.
const day = 24 * time.Hour

// past is a date that has passed, at the latest now.
func (b *builder) past() string {
	return b.at(pick(b.d, -300*day, -day, -time.Second, 0))
}

// future is a date to come.
func (b *builder) future() string {
	return b.at(pick(b.d, 300*day, day, time.Second))
}

// noBegin and noEnd are how F&O, or a lazy integration, writes no bound.
func (b *builder) noBegin() any { return pick[any](b.d, "1900-01-01T00:00:00Z", nil) }

func (b *builder) noEnd() any {
	return pick[any](b.d, "2154-12-31T23:59:59Z", nil, "1900-01-01T00:00:00Z")
}

// valid draws a span of time that includes now.
func (b *builder) valid() (from, to any) {
	from, to = b.noBegin(), b.noEnd()
	if oneIn(b.d, 3) {
		from = b.past()
	}
	if oneIn(b.d, 3) {
		to = b.future()
	}
	return from, to
}

// invalid draws a span of time that does not include now.
func (b *builder) invalid() (from, to any) {
	if oneIn(b.d, 2) {
		return b.future(), b.noEnd()
	}
	return b.noBegin(), b.past()
}

// yes and no are how a flag is written, unknown what is neither.
func (b *builder) yes() any { return pick[any](b.d, "Yes", "Yes", true, float64(1)) }

func (b *builder) no() any { return pick[any](b.d, "No", "No", false, float64(0)) }

func (b *builder) unknown() any { return pick[any](b.d, nil, "Perhaps", float64(2)) }

// flag draws any of them.
func (b *builder) flag() any {
	return pick(b.d, b.yes, b.yes, b.no, b.unknown)()
}

// padded sometimes puts blanks around a text, which mean nothing.
func (b *builder) padded(s string) string {
	if oneIn(b.d, 12) {
		return "  " + s + " "
	}
	return s
}

// nothing is how an empty text is written.
func (b *builder) nothing() any { return pick[any](b.d, nil, "", "  ") }
