package orgsync_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

func TestSnapshotServesForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 2, 2, simgraph.Options{})
		b.maxAge = time.Hour
		if first := b.run(t, t); first.Rows["RetailStores"] != 2 {
			t.Errorf("the first run read %v", first.Rows)
		}
		b.renameStore(t, 1, "Harbour")
		asked := b.commerce.Requests()
		for range 3 {
			if later := b.tick(t); len(later.Rows) > 0 || later.SnapshotAt.IsZero() {
				t.Errorf("a run within the hour read %v; it worked with a snapshot of %v", later.Rows, later.SnapshotAt)
			}
		}
		now := b.commerce.Requests()
		for what, n := range now {
			if states := what == "GET Employees" || what == "GET RetailChannelWorkers"; !states && n != asked[what] {
				t.Errorf("%s was asked within the hour, though it states no leave", what)
			}
		}
		if name := b.team(t, store(1)).Name; name != "Shop 1 (000001)" {
			t.Errorf("the team is called %q", name)
		}

		later := b.tick(t)
		if later.Rows["RetailStores"] != 2 || time.Since(later.SnapshotAt) > tick {
			t.Errorf("after the hour the run read %v, and worked with a snapshot of %v", later.Rows, later.SnapshotAt)
		}
		if name := b.team(t, store(1)).Name; name != "Harbour (000001)" {
			t.Errorf("the team is called %q", name)
		}
	})
}

func TestCommerceFails(t *testing.T) {
	cases := map[string]func(*bench){
		"refuses": func(b *bench) {
			b.commerce.Intercept(func(*http.Request) simcommerce.Fault { return simcommerce.Fault{Status: 403} })
		},
		"breaks down": func(b *bench) {
			b.commerce.Intercept(func(r *http.Request) simcommerce.Fault {
				if strings.HasPrefix(r.URL.Path, "/data/RetailChannelWorkers") {
					return simcommerce.Fault{Status: 503}
				}
				return simcommerce.Fault{}
			})
		},
		"cuts an answer off": func(b *bench) {
			b.commerce.Intercept(func(r *http.Request) simcommerce.Fault {
				return simcommerce.Fault{Truncate: strings.HasPrefix(r.URL.Path, "/data/RetailStaff")}
			})
		},
		"points elsewhere": func(b *bench) {
			b.commerce.Intercept(func(*http.Request) simcommerce.Fault {
				return simcommerce.Fault{NextLink: "http://evil.example/data/Workers"}
			})
		},
		"lacks a collection": func(b *bench) { b.commerce.Publish("RetailStores", false) },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newChain(t, 2, 2, simgraph.Options{})
				b.run(t, t)
				b.renameStore(t, 1, "Harbour")
				tenant, read := b.tenant.Teams(), b.snapshot(t)
				spoil(b)

				record := b.tick(t)
				if record.Outcome != ledger.Partial || record.Failed["read Commerce"] != 1 || !record.SnapshotAt.Equal(read) {
					t.Errorf("the run is %s with the snapshot of %v (%v), and failed are %v", record.Outcome, record.SnapshotAt, read, record.Failed)
				}
				if now := b.tenant.Teams(); !reflect.DeepEqual(now, tenant) {
					t.Errorf("the tenant changed to %v", now)
				}
				if now := b.snapshot(t); !now.Equal(read) {
					t.Error("the snapshot in the ledger changed")
				}

				b.commerce.Intercept(nil)
				b.commerce.Publish("RetailStores", true)
				if next := b.tick(t); next.Outcome != ledger.Done {
					t.Errorf("the next run is %s: %s", next.Outcome, next.Error)
				}
				if name := b.team(t, store(1)).Name; name != "Harbour (000001)" {
					t.Errorf("the team is called %q", name)
				}
			})
		})
	}
}

// A Commerce that was never read leaves nothing to work with.
func TestCommerceFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 2, 2, simgraph.Options{})
		b.commerce.Publish("RetailStores", false)
		record, err := b.fails(t)
		if record.Outcome != ledger.Failed || record.Error != err.Error() || record.Ended.IsZero() {
			t.Errorf("the record says %s, %q, ended %v; the error was %v", record.Outcome, record.Error, record.Ended, err)
		}
		if n := len(b.tenant.Teams()); n != 0 {
			t.Errorf("there are %d groups", n)
		}
	})
}

// snapshot is when the reading of Commerce that the ledger keeps began.
func (b *bench) snapshot(t *testing.T) time.Time {
	t.Helper()
	s, _, err := b.book().Snapshot(t.Context())
	must(t, err)
	return s.ReadAt
}

// remembered is the ledger without the runs: key to version.
func (b *bench) remembered(t *testing.T) map[ledger.Key]string {
	t.Helper()
	partitions := []string{"binding", "cursor", "team", "claim", "mirror", "blob/snapshot"}
	for i := range 64 {
		partitions = append(partitions, "blob/users/"+string("0123456789abcdef"[i/16])+string("0123456789abcdef"[i%16]))
	}
	rows := map[ledger.Key]string{}
	for _, partition := range partitions {
		for row, err := range b.store.List(t.Context(), partition, "") {
			must(t, err)
			rows[row.Key] = row.ETag
		}
	}
	if len(rows) == 0 {
		t.Fatal("the ledger is empty")
	}
	return rows
}
