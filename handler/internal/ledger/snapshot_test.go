package ledger_test

import (
	"encoding/gob"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// Every collection comes back whole and in order, whatever its length.
func TestSnapshotComesBack(t *testing.T) {
	const piece = 10_000
	lengths := []int{0, 1, piece - 1, piece, piece + 1, 2*piece + 7, 3 * piece}
	for shift := 0; shift < len(lengths); shift += 3*stride() - 2 {
		book, _ := newBook()
		want := org.Snapshot{ReadAt: noon, Rows: map[string]int{"Workers": 7}}
		fields := reflect.ValueOf(&want).Elem()
		for i := range fields.NumField() {
			if fields.Field(i).Kind() == reflect.Slice {
				fill(fields.Field(i), lengths[(i+shift)%len(lengths)])
			}
		}
		must(t, book.SaveSnapshot(t.Context(), want, ""))
		got, version, err := book.Snapshot(t.Context())
		must(t, err)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("it came back otherwise, shifted by %d", shift)
		}
		must(t, book.SaveSnapshot(t.Context(), org.Snapshot{}, version))
		if got, _, err := book.Snapshot(t.Context()); err != nil || !reflect.DeepEqual(got, org.Snapshot{}) {
			t.Errorf("an empty one came back as %+v (%v)", got, err)
		}
	}
}

// fill makes n rows of a collection that tell each other apart.
func fill(collection reflect.Value, n int) {
	if n == 0 {
		return
	}
	collection.Set(reflect.MakeSlice(collection.Type(), n, n))
	for i := range n {
		row := collection.Index(i)
		for row.Kind() == reflect.Struct {
			row = row.Field(0)
		}
		row.SetString(fmt.Sprint(i))
	}
}

// A snapshot that is not all there is an error, and never a smaller snapshot:
// whoever is missing from it might be taken for gone.
func TestSnapshotInPart(t *testing.T) {
	stores := org.Snapshot{Stores: []org.Store{{Number: "1"}, {Number: "2"}}}
	for name, messages := range map[string][]any{
		"no lengths":       {stores},
		"no rows":          {map[string]int{"Stores": 2}},
		"too few rows":     {map[string]int{"Stores": 3}, stores},
		"too many rows":    {map[string]int{"Stores": 1}, stores},
		"unexpected rows":  {map[string]int{}, stores},
		"fewer than none":  {map[string]int{"Stores": -1}},
		"beyond all bound": {map[string]int{"Stores": 1 << 62}},
	} {
		book, s := newBook()
		_, err := ledger.WriteBlob(t.Context(), s, "snapshot", "", func(w io.Writer) error {
			encoder := gob.NewEncoder(w)
			for _, message := range messages {
				if err := encoder.Encode(message); err != nil {
					return err
				}
			}
			return nil
		})
		must(t, err)
		if got, _, err := book.Snapshot(t.Context()); err == nil {
			t.Errorf("%s: read as %+v", name, got)
		}
	}
}

// BenchmarkSnapshot writes and reads the snapshots of whole chains, the largest
// we are made for among them, and reports the heap's peak beyond what was there
// before: when reading, the snapshot itself is part of it.
func BenchmarkSnapshot(b *testing.B) {
	sizes := []struct{ stores, workers int }{{1_000, 50}, {10_000, 100}}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		whole := bigSnapshot(size.stores, size.workers)
		s := new(memledger.Store)
		book := ledger.NewBook(s, "test")
		version, name := "", fmt.Sprintf("%dx%d", size.stores, size.workers)
		b.Run("write/"+name, func(b *testing.B) {
			for b.Loop() {
				reportPeak(b, func() error { return book.SaveSnapshot(b.Context(), whole, version) })
				_, latest, err := ledger.NewBook(s, "test").Snapshot(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				version = latest
			}
		})
		whole = org.Snapshot{}
		b.Run("read/"+name, func(b *testing.B) {
			for b.Loop() {
				reportPeak(b, func() (err error) {
					whole, _, err = book.Snapshot(b.Context())
					return err
				})
				runtime.KeepAlive(whole)
			}
		})
	}
}

// reportPeak reports the highest heap while do runs, and the heap it leaves.
func reportPeak(b *testing.B, do func() error) {
	b.Helper()
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	runtime.GC()
	before := heap()
	var peak atomic.Uint64
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(2 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				peak.Store(max(peak.Load(), heap()))
			}
		}
	}()
	err := do()
	close(done)
	<-stopped
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	const mega = 1 << 20
	b.ReportMetric(float64(max(peak.Load(), before)-before)/mega, "peak-MB")
	b.ReportMetric((float64(heap())-float64(before))/mega, "left-MB")
}

// bigSnapshot is a chain's of so many stores with so many workers each, with
// every collection that grows with them.
func bigSnapshot(stores, workers int) org.Snapshot {
	s := org.Snapshot{ReadAt: noon}
	for i := range stores {
		number := fmt.Sprintf("%06d", i)
		unit := "u" + number
		s.Stores = append(s.Stores, org.Store{Number: org.StoreNumber(number), Channel: "c" + number, Unit: unit, Party: "p" + number})
		s.Units = append(s.Units, org.Unit{Number: unit, Party: "p" + number, Name: "Store in street " + number})
		for w := range workers {
			label := fmt.Sprintf("%06d", i*workers+w)
			worker := org.PersonnelNumber(label)
			s.Workers = append(s.Workers, org.Worker{Number: worker, Party: "party" + label})
			s.ChannelWorkers = append(s.ChannelWorkers, org.ChannelWorker{Channel: "c" + number, Worker: worker, Active: org.Yes})
			s.Employments = append(s.Employments, org.Employment{Worker: worker})
			s.Assignments = append(s.Assignments, org.Assignment{Position: "pos" + label, Worker: worker, From: noon})
			s.Positions = append(s.Positions, org.Position{ID: "pos" + label, Department: unit, TitleID: "clerk", Title: "Sales clerk"})
			s.Staff = append(s.Staff, org.Staff{Worker: worker, ObjectID: user(i*workers + w).String()})
			if w%10 == 0 {
				s.PersonUsers = append(s.PersonUsers, org.PersonUser{Party: "party" + label, User: "user" + label})
				s.SystemUsers = append(s.SystemUsers, org.SystemUser{ID: "user" + label, Alias: label + "@chain.example"})
			}
		}
	}
	return s
}
