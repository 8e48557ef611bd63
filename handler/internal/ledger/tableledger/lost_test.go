package tableledger_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/azuritetest"
	"github.com/storeteams/storeteams/handler/internal/ledger/tableledger"
)

var key = ledger.Key{Partition: "partition", Row: "row"}

// loss is how a request ends that a test spoils.
type loss = func(*http.Request) (*http.Response, error)

// lossy is a transport that loses what a test tells it to, one request each.
type lossy struct {
	mu   sync.Mutex
	next []loss
}

// Do implements policy.Transporter.
func (l *lossy) Do(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	if len(l.next) == 0 {
		l.mu.Unlock()
		return http.DefaultClient.Do(req)
	}
	handle := l.next[0]
	l.next = l.next[1:]
	l.mu.Unlock()
	return handle(req)
}

func (l *lossy) then(losses ...loss) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = append(l.next, losses...)
}

var errLost = errors.New("connection reset by test")

// requestLost loses a request on its way.
func requestLost(*http.Request) (*http.Response, error) { return nil, errLost }

// answerLost lets the request take effect, then something else happen, and
// loses the answer.
func answerLost(meanwhile func()) loss {
	return func(req *http.Request) (*http.Response, error) {
		if err := perform(req); err != nil {
			return nil, err
		}
		meanwhile()
		return nil, errLost
	}
}

// answerSpoiled is answerLost with an answer that does not say what happened.
func answerSpoiled(status int) loss {
	return func(req *http.Request) (*http.Response, error) {
		if err := perform(req); err != nil {
			return nil, err
		}
		return answer(req, status, "OperationTimedOut"), nil
	}
}

func perform(req *http.Request) error {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// answer is an error as the table service words it.
func answer(req *http.Request, status int, code string) *http.Response {
	body := `{"odata.error":{"code":"` + code + `","message":{"lang":"en-US","value":"made by the test"}}}`
	return &http.Response{
		StatusCode: status, Request: req, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Ms-Error-Code": {code}},
		Body:   io.NopCloser(strings.NewReader(body)),
	}
}

// scene is a store behind a lossy transport, and another hand on the same table.
type scene struct {
	*lossy
	t            *testing.T
	store, other *tableledger.Store
}

func newScene(t *testing.T, connection string) *scene {
	t.Helper()
	transport, table := &lossy{}, newTable()
	options := &azcore.ClientOptions{Transport: transport, Retry: policy.RetryOptions{RetryDelay: time.Millisecond, MaxRetryDelay: time.Millisecond}}
	return &scene{lossy: transport, t: t, store: open(t, connection, table, options), other: open(t, connection, table, nil)}
}

// put and delete are the other hand's.
func (s *scene) put(value string) string {
	s.t.Helper()
	newETag, err := s.other.Put(s.t.Context(), key, []byte(value), "")
	if err != nil {
		s.t.Fatal(err)
	}
	return newETag
}

func (s *scene) delete() {
	s.t.Helper()
	row, err := s.other.Get(s.t.Context(), key)
	if err == nil {
		err = s.other.Delete(s.t.Context(), key, row.ETag)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// wantRow asserts the row that everybody sees; value "" is none.
func (s *scene) wantRow(value, etag string) {
	s.t.Helper()
	row, err := s.other.Get(s.t.Context(), key)
	if value == "" {
		if !fault.Is(err, fault.NotFound) {
			s.t.Fatalf("the row is there, or: %v", err)
		}
		return
	}
	if err != nil || string(row.Value) != value || etag != "" && row.ETag != etag {
		s.t.Fatalf("the row is %q with ETag %s, %v; want %q with %s", row.Value, row.ETag, err, value, etag)
	}
}

func TestPutLosesAnswers(t *testing.T) {
	connection := azuritetest.Start(t)
	nothing := func() {}
	tests := []struct {
		name  string
		start string // the row's value before, "" for none
		loses func(s *scene) []loss
		kind  fault.Kind // of the error; Internal for none
		value string     // the row's value after; "ours" is what Put wrote
	}{
		{"a create whose answer is lost has created", "", func(*scene) []loss {
			return []loss{answerLost(nothing)}
		}, fault.Internal, "ours"},
		{"a create whose answer is a 500 has created", "", func(*scene) []loss {
			return []loss{answerSpoiled(500)}
		}, fault.Internal, "ours"},
		{"a create whose answer is a timeout has created", "", func(*scene) []loss {
			return []loss{answerSpoiled(408)}
		}, fault.Internal, "ours"},
		{"a create whose answers are lost twice has created", "", func(*scene) []loss {
			return []loss{answerLost(nothing), answerLost(nothing)}
		}, fault.Internal, "ours"},
		{"a create that is lost itself is sent again", "", func(*scene) []loss {
			return []loss{requestLost}
		}, fault.Internal, "ours"},
		{"a swap whose answer is lost has swapped", "before", func(*scene) []loss {
			return []loss{answerLost(nothing)}
		}, fault.Internal, "ours"},
		{"a swap that is lost itself is sent again", "before", func(*scene) []loss {
			return []loss{requestLost}
		}, fault.Internal, "ours"},
		{"a refused create is a conflict", "", func(s *scene) []loss {
			s.put("theirs")
			return nil
		}, fault.Conflict, "theirs"},
		{"a throttled create tells nothing of a lost answer", "", func(s *scene) []loss {
			return []loss{func(req *http.Request) (*http.Response, error) {
				s.put("theirs")
				return answer(req, http.StatusTooManyRequests, "TooManyRequests"), nil
			}}
		}, fault.Conflict, "theirs"},
		{"a create that another overwrote is unknown", "", func(s *scene) []loss {
			return []loss{answerLost(func() { s.delete(); s.put("theirs") })}
		}, fault.Unavailable, "theirs"},
		{"a swap that another overwrote is unknown", "before", func(s *scene) []loss {
			return []loss{answerLost(func() { s.delete(); s.put("theirs") })}
		}, fault.Unavailable, "theirs"},
		{"a swap that another deleted is unknown", "before", func(s *scene) []loss {
			return []loss{answerLost(s.delete)}
		}, fault.Unavailable, ""},
		{"a create lost on its way, another's meanwhile, is unknown", "", func(s *scene) []loss {
			return []loss{func(*http.Request) (*http.Response, error) { s.put("theirs"); return nil, errLost }}
		}, fault.Unavailable, "theirs"},
		{"no answer at all is unavailable", "", func(*scene) []loss {
			return []loss{answerLost(nothing), requestLost, requestLost, requestLost}
		}, fault.Unavailable, "ours"},
		{"no answer when asked how it ended is unavailable", "", func(*scene) []loss {
			return []loss{answerLost(nothing), http.DefaultClient.Do, requestLost, requestLost, requestLost, requestLost}
		}, fault.Unavailable, "ours"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, connection)
			etag := ""
			if test.start != "" {
				etag = s.put(test.start)
			}
			s.then(test.loses(s)...)
			newETag, err := s.store.Put(t.Context(), key, []byte("ours"), etag)
			if err == nil != (test.kind == fault.Internal) || err != nil && !fault.Is(err, test.kind) {
				t.Fatalf("Put: %v (%v), want kind %v", err, fault.KindOf(err), test.kind)
			}
			if err == nil == (newETag == "") {
				t.Fatalf("Put returned ETag %q with error %v", newETag, err)
			}
			s.wantRow(test.value, newETag)
		})
	}
}

func TestDeleteLosesAnswers(t *testing.T) {
	connection := azuritetest.Start(t)
	t.Run("an answer that is lost", func(t *testing.T) {
		s := newScene(t, connection)
		etag := s.put("before")
		s.then(answerLost(func() {}))
		if err := s.store.Delete(t.Context(), key, etag); err != nil {
			t.Errorf("Delete: %v", err)
		}
		s.wantRow("", "")
	})
	t.Run("a request that is lost", func(t *testing.T) {
		s := newScene(t, connection)
		etag := s.put("before")
		s.then(requestLost)
		if err := s.store.Delete(t.Context(), key, etag); err != nil {
			t.Errorf("Delete: %v", err)
		}
		s.wantRow("", "")
	})
	t.Run("an answer that is lost, and a new row", func(t *testing.T) {
		s := newScene(t, connection)
		etag := s.put("before")
		s.then(answerLost(func() { s.put("theirs") }))
		if err := s.store.Delete(t.Context(), key, etag); !fault.Is(err, fault.Conflict) {
			t.Errorf("Delete: %v, want a conflict", err)
		}
		s.wantRow("theirs", "")
	})
}

// TestLargeLost resends a large body: the retry must begin it anew.
func TestLargeLost(t *testing.T) {
	s := newScene(t, azuritetest.Start(t))
	value := bytes.Repeat([]byte("0123456789abcdef"), ledger.MaxValue/16)
	s.then(requestLost, answerLost(func() {}))
	etag, err := s.store.Put(t.Context(), key, value, "")
	if err != nil {
		t.Fatal(err)
	}
	s.wantRow(string(value), etag)
}
