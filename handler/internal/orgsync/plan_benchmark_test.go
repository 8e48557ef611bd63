package orgsync_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// BenchmarkPlan computes plans of whole chains, the largest we are made for
// among them, in processes of their own that do nothing else: recall all from a
// ledger, say who belongs where, compare, check. "settled" is a tenant that is
// as it should be, "new" one without any team yet. It reports what such a
// process needs from its start on, the best of all times, and how its processor
// time compares with that of decoding Commerce's rows, as JSON, into structs.
//
// The peak is of resident memory, the ledger file's mapped pages included.
func BenchmarkPlan(b *testing.B) {
	if task := os.Getenv(taskVariable); task != "" {
		if err := work(b.Context(), strings.Fields(task)); err != nil {
			b.Fatal(err)
		}
		return
	}
	for _, size := range planSizes() {
		decoding := math.Inf(1)
		for _, state := range []string{"settled", "new"} {
			b.Run(fmt.Sprintf("%dx%d/%s", size.stores, size.workers, state), func(b *testing.B) {
				file := filepath.Join(b.TempDir(), "ledger.db")
				inProcessOfItsOwn(b, "make", file, state, size)
				best := usage{Processor: math.Inf(1), Wall: math.Inf(1), Peak: math.Inf(1), Mapped: math.Inf(1), Allocated: math.Inf(1)}
				for b.Loop() {
					best = best.least(inProcessOfItsOwn(b, "plan", file, state, size))
					decoding = min(decoding, inProcessOfItsOwn(b, "decode", file, state, size).Processor)
				}
				b.ReportMetric(0, "ns/op") // of both processes, their starts too
				b.ReportMetric(best.Wall, "s")
				b.ReportMetric(best.Processor, "cpu-s")
				b.ReportMetric(best.Peak, "peak-MiB")
				b.ReportMetric(best.Mapped, "mapped-MiB")
				b.ReportMetric(best.Allocated, "allocated-MiB")
				b.ReportMetric(decoding, "decode-cpu-s")
				b.ReportMetric(best.Processor/decoding, "x-decode")
			})
		}
	}
}

// taskVariable names the environment variable that makes a process of this test
// binary do one task, and nothing else.
const taskVariable = "PLAN_BENCHMARK_TASK"

func planSizes() []syntheticChain {
	sizes := []syntheticChain{{1_000, 50}, {10_000, 100}}
	if testing.Short() {
		sizes = sizes[:1]
	}
	return sizes
}

// usage is what a process used: seconds and mebibytes.
type usage struct{ Processor, Wall, Peak, Mapped, Allocated float64 }

func (u usage) least(v usage) usage {
	return usage{
		min(u.Processor, v.Processor), min(u.Wall, v.Wall), min(u.Peak, v.Peak), min(u.Mapped, v.Mapped), min(u.Allocated, v.Allocated),
	}
}

func inProcessOfItsOwn(b *testing.B, task, file, state string, size syntheticChain) (used usage) {
	b.Helper()
	child := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkPlan$", "-test.benchtime=1x", "-test.timeout=30m")
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %d %d", taskVariable, task, file, state, size.stores, size.workers))
	if out, err := child.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", task, err, out)
	}
	if task == "make" {
		return usage{}
	}
	text, err := os.ReadFile(file + ".json")
	if err == nil {
		err = json.Unmarshal(text, &used)
	}
	if err != nil {
		b.Fatal(err)
	}
	return used
}

// work does one task, and leaves what it used beside the ledger.
func work(ctx context.Context, task []string) error {
	if len(task) != 5 {
		return fmt.Errorf("%q is no task", task)
	}
	file, settled := task[1], task[2] == "settled"
	stores, err := strconv.Atoi(task[3])
	if err != nil {
		return err
	}
	workers, err := strconv.Atoi(task[4])
	if err != nil {
		return err
	}
	chain := syntheticChain{stores, workers}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(900 << 20) // as the handler does
	}
	var used usage
	switch task[0] {
	case "make":
		return chain.makeLedger(ctx, file, settled)
	case "plan":
		used, err = measure(func() error { return chain.plan(ctx, file, settled) })
	case "decode":
		used.Processor, err = chain.decode()
	}
	if err != nil {
		return err
	}
	text, err := json.Marshal(used)
	if err != nil {
		return err
	}
	return os.WriteFile(file+".json", text, 0o600)
}

// measure returns what the process used when do is done.
func measure(do func() error) (usage, error) {
	began, before := time.Now(), processorSeconds()
	if err := do(); err != nil {
		return usage{}, err
	}
	u := usage{Wall: time.Since(began).Seconds(), Processor: processorSeconds() - before}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	u.Allocated = float64(stats.TotalAlloc) / (1 << 20)
	// Not getrusage's peak: of a process that was forked it may be its parent's.
	status, err := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		kibibytes, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch name {
		case "VmHWM":
			u.Peak = kibibytes / 1024
		case "RssFile", "RssShmem":
			u.Mapped += kibibytes / 1024
		}
	}
	return u, err
}

func processorSeconds() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return math.NaN()
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

// plan computes the plan, and sees that it is the right one. The ledger stays
// open: what is mapped of its file is to be counted.
func (c syntheticChain) plan(ctx context.Context, file string, settled bool) error {
	store, err := boltledger.Open(file)
	if err != nil {
		return err
	}
	p, err := c.syncer(store).Plan(ctx)
	if err != nil {
		return err
	}
	want := c.stores*c.workers + c.stores/regionStores + 1 // of each team the first comes with it
	if settled {
		want = 0
	}
	if len(p.Changes) != want || p.Hold != "" || len(p.Held)+len(p.Later)+len(p.Skipped) > 0 {
		return fmt.Errorf("%d changes, want %d; %s\n%v %v %v", len(p.Changes), want, p.Hold, firstOf(p.Held), firstOf(p.Later), firstOf(p.Skipped))
	}
	return nil
}

func firstOf(halts []plan.Halt) []plan.Halt { return halts[:min(1, len(halts))] }

func (c syntheticChain) syncer(store ledger.Store) *orgsync.Syncer {
	none := func() map[string]int { return nil }
	return orgsync.New(orgsync.Parts{
		Book: ledger.NewBook(store, syntheticInstance), Log: slog.New(slog.DiscardHandler), GraphCalls: none, CommerceCalls: none,
	}, c.settings())
}

// decode decodes the chain's rows as Commerce serves them, 10,000 a page, into
// plain structs that are let go at once, and returns the processor time.
func (c syntheticChain) decode() (seconds float64, err error) {
	s := c.snapshot()
	for _, collection := range []func() (float64, error){
		func() (float64, error) { return decodeRows(s.Stores) }, func() (float64, error) { return decodeRows(s.Units) },
		func() (float64, error) { return decodeRows(s.Workers) }, func() (float64, error) { return decodeRows(s.ChannelWorkers) },
		func() (float64, error) { return decodeRows(s.Employments) }, func() (float64, error) { return decodeRows(s.Staff) },
		func() (float64, error) { return decodeRows(s.PersonUsers) }, func() (float64, error) { return decodeRows(s.SystemUsers) },
		func() (float64, error) { return decodeRows(s.Assignments) }, func() (float64, error) { return decodeRows(s.Positions) },
		func() (float64, error) { return decodeRows(s.PositionPermissions) }, func() (float64, error) { return decodeRows(s.Hierarchy) },
	} {
		took, err := collection()
		if err != nil {
			return 0, err
		}
		seconds += took
	}
	return seconds, nil
}

func decodeRows[R any](rows []R) (seconds float64, err error) {
	type page struct {
		Value []R `json:"value"`
	}
	for some := range slices.Chunk(rows, 10_000) {
		text, err := json.Marshal(page{some})
		if err != nil {
			return 0, err
		}
		var read page
		before := processorSeconds()
		if err := json.Unmarshal(text, &read); err != nil {
			return 0, err
		}
		seconds += processorSeconds() - before
		if !reflect.DeepEqual(read.Value[0], some[0]) {
			return 0, fmt.Errorf("%v came back as %v", some[0], read.Value[0])
		}
	}
	return seconds, nil
}
