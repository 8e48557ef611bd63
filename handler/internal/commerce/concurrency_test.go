package commerce_test

import (
	"context"
	"errors"
	"net/http"
	"path"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
)

// slow lets each request take a second and counts how many are under way.
type slow struct {
	*environment

	mu     sync.Mutex
	now    map[string]int // by collection
	most   int
	paired bool // two pages of one collection at once
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	name := path.Base(r.URL.Path)
	s.count(name, 1)
	defer s.count(name, -1)
	select {
	case <-time.After(time.Second):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return s.environment.RoundTrip(r)
}

func (s *slow) count(name string, change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now[name] += change
	under := 0
	for _, n := range s.now {
		under += n
		s.paired = s.paired || n > 1
	}
	s.most = max(s.most, under)
}

func TestFourCollectionsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnvironment(t)
		e.rows["Workers"], e.pageSize = workers(20), 2
		s := &slow{environment: e, now: map[string]int{}}
		if _, err := newClient(t, s, commerce.Options{}).Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.most != 4 || s.paired {
			t.Errorf("%d requests at once, two of one collection: %v; want 4, of different ones", s.most, s.paired)
		}
	})
}

func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			cause error
			want  fault.Kind
		}{{context.Canceled, fault.Canceled}, {context.DeadlineExceeded, fault.Unavailable}} {
			s := &slow{environment: newEnvironment(t), now: map[string]int{}}
			ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
			if errors.Is(c.cause, context.Canceled) {
				time.AfterFunc(1500*time.Millisecond, cancel)
			}
			_, err := newClient(t, s, commerce.Options{}).Snapshot(ctx)
			if !fault.Is(err, c.want) || !errors.Is(err, c.cause) {
				t.Errorf("error %v of kind %v, want %v", err, fault.KindOf(err), c.want)
			}
			cancel()
		}
	})
}
