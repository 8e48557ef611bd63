package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
)

// spied is a store whose operations can fail, by name, and which remembers
// their order.
type spied struct {
	*memledger.Store
	mu     sync.Mutex // for done
	done   []string
	before func(operation string) error // what goes wrong; nil: nothing
	read   func(ledger.Row) ledger.Row  // what Get shows; nil: what there is
}

func (s *spied) begin(operation string) error {
	s.mu.Lock()
	s.done = append(s.done, operation)
	s.mu.Unlock()
	if s.before == nil {
		return nil
	}
	return s.before(operation)
}

func (s *spied) Get(ctx context.Context, key ledger.Key) (ledger.Row, error) {
	if err := s.begin("get " + key.Partition); err != nil {
		return ledger.Row{}, err
	}
	row, err := s.Store.Get(ctx, key)
	if s.read != nil {
		row = s.read(row)
	}
	return row, err
}

func (s *spied) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	operation := "replace "
	if etag == "" {
		operation = "insert "
	}
	if err := s.begin(operation + key.Partition); err != nil {
		return "", err
	}
	return s.Store.Put(ctx, key, value, etag)
}

func (s *spied) Delete(ctx context.Context, key ledger.Key, etag string) error {
	if err := s.begin("delete " + key.Partition); err != nil {
		return err
	}
	return s.Store.Delete(ctx, key, etag)
}

func (s *spied) List(ctx context.Context, partition, prefix string) iter.Seq2[ledger.Row, error] {
	if err := s.begin("list " + partition); err != nil {
		return func(yield func(ledger.Row, error) bool) { yield(ledger.Row{}, err) }
	}
	return s.Store.List(ctx, partition, prefix)
}

func TestProbeTriesEverythingAndLeavesNothing(t *testing.T) {
	s := &spied{Store: new(memledger.Store)}
	must(t, ledger.NewBook(s, "test").Probe(t.Context()))
	want := []string{"insert probe", "get probe", "replace probe", "get probe", "delete probe", "list probe"}
	if fmt.Sprint(s.done) != fmt.Sprint(want) {
		t.Errorf("did %v, want %v", s.done, want)
	}
	if left := partition(t, s, "probe"); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestProbeInAFile(t *testing.T) {
	s, err := boltledger.Open(filepath.Join(t.TempDir(), "ledger.db"))
	must(t, err)
	defer func() { must(t, s.Close()) }()
	must(t, ledger.NewBook(s, "test").Probe(t.Context()))
	if left := partition(t, s, "probe"); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestProbeReportsWhatFails: the first, with its kind, and the next probe is not
// hindered by what was left.
func TestProbeReportsWhatFails(t *testing.T) {
	for _, operation := range []string{"insert probe", "get probe", "replace probe", "delete probe", "list probe"} {
		t.Run(operation, func(t *testing.T) {
			refusal := fault.New(fault.Denied, "test", errors.New("no role"))
			s := &spied{Store: new(memledger.Store)}
			s.before = func(doing string) error {
				if doing == operation {
					return refusal
				}
				return nil
			}
			book := ledger.NewBook(s, "test")
			if err := book.Probe(t.Context()); !errors.Is(err, refusal) || !fault.Is(err, fault.Denied) {
				t.Errorf("error %v, want the refusal", err)
			}
			if last := s.done[len(s.done)-1]; last != operation {
				t.Errorf("went on to %s", last)
			}
			s.before = nil
			must(t, book.Probe(t.Context()))
		})
	}
}

func TestProbeReadsWhatItWrote(t *testing.T) {
	for name, read := range map[string]func(ledger.Row) ledger.Row{
		"other content": func(r ledger.Row) ledger.Row { r.Value = []byte("{}"); return r },
		"other version": func(r ledger.Row) ledger.Row { r.ETag += "x"; return r },
	} {
		s := &spied{Store: new(memledger.Store), read: read}
		if err := ledger.NewBook(s, "test").Probe(t.Context()); !fault.Is(err, fault.Internal) || err == nil {
			t.Errorf("%s: error %v, want internal", name, err)
		}
	}
}

func TestProbesAtOnce(t *testing.T) {
	s := new(memledger.Store)
	var probes errgroup.Group
	for range 50 {
		probes.Go(func() error { return ledger.NewBook(s, "test").Probe(t.Context()) })
	}
	must(t, probes.Wait())
	if left := partition(t, s, "probe"); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestProbeTidiesUp: what killed probes left goes an hour later, and no other
// row does.
func TestProbeTidiesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &spied{Store: new(memledger.Store)}
		book := ledger.NewBook(s, "test")
		killed := func() {
			s.before = func(doing string) error {
				if doing == "delete probe" {
					return errors.New("killed")
				}
				return nil
			}
			if err := book.Probe(t.Context()); err == nil {
				t.Error("not killed")
			}
			s.before = nil
		}
		killed()
		killed()
		<-time.After(61 * time.Minute) // the bubble's clock
		killed()
		_, err := s.Store.Put(t.Context(), ledger.Key{Partition: "probe", Row: "odd"}, []byte("no JSON"), "")
		must(t, err)
		_, err = s.Store.Put(t.Context(), ledger.Key{Partition: "prob", Row: "e"}, []byte("{}"), "")
		must(t, err)

		must(t, book.Probe(t.Context()))
		if left := partition(t, s, "probe"); len(left) != 1 {
			t.Errorf("left %v, want the youngest", left)
		}
		<-time.After(61 * time.Minute)
		must(t, book.Probe(t.Context()))
		if left, other := partition(t, s, "probe"), partition(t, s, "prob"); len(left) != 0 || len(other) != 1 {
			t.Errorf("left %v and %v", left, other)
		}
	})
}

func TestProbeEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ledger.NewBook(new(memledger.Store), "test").Probe(ctx); !fault.Is(err, fault.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
}
