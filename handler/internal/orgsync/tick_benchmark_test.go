package orgsync_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/azuritetest"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/tableledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// BenchmarkIdleTick runs ticks that have nothing to do: Commerce's snapshot
// still serves, the feeds bring nothing, all teams are as they should be, and a
// hundred runs are remembered. It reports what such a tick asks of the ledger.
// In memory it counts requests as Table Storage answers them, a page a request;
// with Azurite, requests over the wire.
func BenchmarkIdleTick(b *testing.B) {
	sizes := []syntheticChain{{1_000, 50}, {10_000, 50}}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, chain := range sizes {
		b.Run(fmt.Sprintf("memory/%d", chain.stores), func(b *testing.B) {
			store := &countingStore{Store: new(memledger.Store)}
			chain.tick(b, store, &store.requests)
		})
	}
	b.Run("azurite/1000", func(b *testing.B) {
		counter := new(countingTransport)
		store, err := tableledger.OpenConnection(azuritetest.Start(b), "ticks", &azcore.ClientOptions{Transport: counter})
		if err != nil {
			b.Fatal(err)
		}
		sizes[0].tick(b, store, &counter.requests)
	})
}

// tick measures idle ticks over a store, and reports the requests of the last.
func (c syntheticChain) tick(b *testing.B, store ledger.Store, counted *requests) {
	c.fillIdle(b, store)
	syncer := c.idleSyncer(store)
	for b.Loop() {
		counted.reset()
		if err := syncer.Run(b.Context(), "bench"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(counted.sum("")), "requests")
	for _, method := range []string{"GET", "LIST", "PUT", "DELETE"} {
		b.ReportMetric(float64(counted.sum(method+" ")), method)
	}
	b.Log(counted)
	run, err := syncer.LastRun(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if run.Outcome != ledger.Done || len(run.Planned) > 0 || run.Rows != nil || run.Stores != c.stores {
		b.Errorf("the tick was not idle: %+v", run.Run)
	}
}

// fillIdle makes the ledger of a chain that has been kept up for days.
func (c syntheticChain) fillIdle(b *testing.B, store ledger.Store) {
	if err := c.fill(b.Context(), store, true); err != nil {
		b.Fatal(err)
	}
	book := ledger.NewBook(store, syntheticInstance)
	for _, feed := range []ledger.Feed{ledger.GroupFeed, ledger.UserFeed} {
		if err := book.SaveCursor(b.Context(), feed, &ledger.Cursor{Link: "link", At: time.Now()}); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 100 {
		run := ledger.NewRun("OrgSync", "bench", "full", time.Now().Add(time.Duration(i-200)*time.Minute))
		if err := book.SaveRun(b.Context(), run); err != nil {
			b.Fatal(err)
		}
		if err := book.SavePlan(b.Context(), run.ID, nothingPlanned); err != nil {
			b.Fatal(err)
		}
	}
}

func (c syntheticChain) idleSyncer(store ledger.Store) *orgsync.Syncer {
	none := func() map[string]int { return nil }
	return orgsync.New(orgsync.Parts{
		Commerce: noStatements{}, Directory: noChanges{}, Book: ledger.NewBook(store, syntheticInstance),
		Log: slog.New(slog.DiscardHandler), GraphCalls: none, CommerceCalls: none,
	}, c.settings())
}

// noStatements is a Commerce in which nobody left.
type noStatements struct{ orgsync.Commerce }

// Statements implements orgsync.Commerce.
func (noStatements) Statements(context.Context, time.Time, time.Time) (org.Statements, []string, error) {
	return org.Statements{}, nil, nil
}

// noChanges is a tenant in which nothing changed.
type noChanges struct{ orgsync.Directory }

// GroupChanges implements orgsync.Directory.
func (noChanges) GroupChanges(context.Context, string, func(orgsync.GroupChange) error) (string, error) {
	return "next", nil
}

// UserChanges implements orgsync.Directory.
func (noChanges) UserChanges(context.Context, string, func(orgsync.UserChange) error) (string, error) {
	return "next", nil
}

// requests counts requests by what they are.
type requests struct {
	mu     sync.Mutex
	counts map[string]int
}

func (r *requests) add(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	r.counts[what]++
}

func (r *requests) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts = nil
}

func (r *requests) sum(prefix string) (n int) {
	for what, times := range r.counts {
		if strings.HasPrefix(what, prefix) {
			n += times
		}
	}
	return n
}

// String lists the counts.
func (r *requests) String() string {
	var texts []string // in one line: of more than ten the testing package shows ten
	for _, what := range slices.Sorted(maps.Keys(r.counts)) {
		texts = append(texts, fmt.Sprintf("%s %d", what, r.counts[what]))
	}
	return strings.Join(texts, ", ")
}

// countingStore counts the requests that a store in a table would send.
type countingStore struct {
	ledger.Store
	requests requests
}

// class names a partition; those of runs' plans and shards of users are one.
func class(partition string) string {
	if i := strings.LastIndexByte(partition, '/'); i > len("blob/") {
		return partition[:i]
	}
	return partition
}

// Get implements ledger.Store.
func (s *countingStore) Get(ctx context.Context, key ledger.Key) (ledger.Row, error) {
	s.requests.add("GET " + class(key.Partition))
	return s.Store.Get(ctx, key)
}

// Put implements ledger.Store.
func (s *countingStore) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	s.requests.add("PUT " + class(key.Partition))
	return s.Store.Put(ctx, key, value, etag)
}

// Delete implements ledger.Store.
func (s *countingStore) Delete(ctx context.Context, key ledger.Key, etag string) error {
	s.requests.add("DELETE " + class(key.Partition))
	return s.Store.Delete(ctx, key, etag)
}

// List implements ledger.Store. A page has at most 1,000 rows and 4 MiB.
func (s *countingStore) List(ctx context.Context, partition, prefix string) iter.Seq2[ledger.Row, error] {
	return func(yield func(ledger.Row, error) bool) {
		s.requests.add("LIST " + class(partition))
		rows, bytes := 0, 0
		for row, err := range s.Store.List(ctx, partition, prefix) {
			rows, bytes = rows+1, bytes+len(row.Value)
			if rows > 1000 || bytes > 4<<20 {
				s.requests.add("LIST " + class(partition))
				rows, bytes = 1, len(row.Value)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// countingTransport counts requests over the wire.
type countingTransport struct{ requests requests }

// Do implements policy.Transporter.
func (t *countingTransport) Do(req *http.Request) (*http.Response, error) {
	what := req.Method
	if req.URL.Query().Has("$filter") {
		what = "LIST"
	}
	t.requests.add(what + " entities")
	return http.DefaultClient.Do(req)
}
