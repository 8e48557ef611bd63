package orgchange_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/orgchange"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// office is what an inbox works with.
type office struct {
	now     time.Time
	book    *ledger.Book
	fails   error // of looks
	looks   int
	sent    []hint.Hint
	times   []time.Time
	letters []string // reasons
	events  []string // of subscriptions
}

func newOffice() *office {
	return &office{now: time.Date(2026, 11, 24, 8, 0, 3, 0, time.UTC), book: ledger.NewBook(new(memledger.Store), "test")}
}

func (o *office) RunHinted(context.Context, string, orgsync.Hints) (orgsync.Seen, error) {
	o.looks++
	return orgsync.Seen{}, o.fails
}

func (o *office) React(_ context.Context, event, id string) error {
	o.events = append(o.events, event+" "+id)
	return o.fails
}

func (o *office) Send(ctx context.Context, hints []hint.Hint) error {
	for _, h := range hints {
		if err := o.SendAt(ctx, h, o.now); err != nil {
			return err
		}
	}
	return nil
}

func (o *office) SendAt(_ context.Context, h hint.Hint, at time.Time) error {
	o.sent, o.times = append(o.sent, h), append(o.times, at)
	return nil
}

func (o *office) DeadLetter(_ context.Context, _ hint.Hint, reason, _ string) error {
	o.letters = append(o.letters, reason)
	return nil
}

func (o *office) DeadLetterBody(_ context.Context, _ []byte, reason, _ string) error {
	o.letters = append(o.letters, reason)
	return nil
}

func (o *office) receive(t *testing.T, body string) {
	t.Helper()
	inbox := orgchange.New(orgchange.Parts{
		Looker: o, Subscriptions: o, Book: o.book, Queue: o, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return o.now },
	})
	if err := inbox.Receive(t.Context(), []byte(body)); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
}

func TestWhatIsNoHintIsGivenUpWithAReason(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "no hint", "{}", `{"v":1,"kind":"task","store":"1","key":"teams:x"}`, `{"v":1,"kind":"list"}`, `{"v":1,"kind":"group"}`,
		`{"v":9,"kind":"org"}`, strings.Repeat("x", 200<<10),
	} {
		o := newOffice()
		o.receive(t, body)
		if len(o.letters) != 1 || o.letters[0] != "NoHint" || len(o.sent)+o.looks > 0 {
			t.Errorf("%.40s: letters %v, sent %v", body, o.letters, o.sent)
		}
	}
}

// A hint becomes a row and one word; whoever comes meanwhile adds nothing; the
// word is delivered on a full ten seconds, ten to twenty from now.
func TestHintsGather(t *testing.T) {
	t.Parallel()
	o := newOffice()
	for range 3 {
		o.receive(t, `{"v":1,"kind":"store","store":"000135"}`)
		o.now = o.now.Add(time.Second)
	}
	if len(o.sent) != 1 || o.sent[0].Kind != hint.Due || !o.times[0].Equal(time.Date(2026, 11, 24, 8, 0, 20, 0, time.UTC)) {
		t.Fatalf("sent %v at %v", o.sent, o.times)
	}
	o.now = o.times[0]
	o.receive(t, string(o.sent[0].Encode()))
	o.receive(t, string(o.sent[0].Encode())) // delivered twice
	if o.looks != 1 {
		t.Errorf("%d looks", o.looks)
	}
	o.receive(t, `{"v":1,"kind":"store","store":"000135"}`)
	if len(o.sent) != 2 {
		t.Error("a hint after the look was taken for one before")
	}
}

// A word that was lost is not waited for for ever.
func TestLostWord(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.receive(t, `{"v":1,"kind":"worker","key":"7"}`)
	o.now = o.now.Add(3 * time.Minute)
	o.receive(t, `{"v":1,"kind":"worker","key":"7"}`)
	if len(o.sent) != 2 {
		t.Errorf("sent %v", o.sent)
	}
}

func TestLooksThatFail(t *testing.T) {
	t.Parallel()
	hinted := func() *office {
		o := newOffice()
		o.receive(t, `{"v":1,"kind":"tenant"}`)
		o.now = o.times[0]
		return o
	}
	due := `{"v":1,"kind":"due","seen":"1"}`

	busy := hinted()
	busy.fails = orgsync.ErrBusy
	busy.receive(t, due)
	if len(busy.sent) != 2 || busy.sent[1].Kind != hint.Due || busy.sent[1].Attempt != 0 {
		t.Errorf("busy: sent %v", busy.sent)
	}

	failing := hinted()
	failing.fails = fault.Newf(fault.Unavailable, "x", "no")
	failing.receive(t, due)
	for n := 1; len(failing.letters) == 0; n++ {
		last := len(failing.sent) - 1
		if failing.sent[last].Attempt != n || n > 10 {
			t.Fatalf("attempt %d: %v", n, failing.sent[last])
		}
		failing.now = failing.times[last]
		failing.receive(t, string(failing.sent[last].Encode()))
	}
	if waits, err := failing.book.Pending(t.Context()); err != nil || len(waits) != 1 {
		t.Errorf("what was not looked at is forgotten: %v, %v", waits, err)
	}

	unread := hinted()
	unread.fails = fault.Newf(fault.NotFound, "x", "no run has read Commerce yet")
	unread.receive(t, due)
	if waits, err := unread.book.Pending(t.Context()); err != nil || len(waits) != 0 || len(unread.sent) != 1 {
		t.Errorf("before the first run: %v, %v, %v", waits, unread.sent, err)
	}
}

func TestLifecycleHintsReachTheSubscriptions(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.receive(t, `{"v":1,"kind":"subscription","key":"missed:aaaa"}`)
	if len(o.events) != 1 || o.events[0] != "missed aaaa" {
		t.Errorf("events %v", o.events)
	}
}

// Groups that are none of ours cost a look at a row, and say that notifications
// arrive.
func TestOthersGroups(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.receive(t, `{"v":1,"kind":"group","key":"bbbbbbbb-0000-4000-8000-000000000001"}`)
	arrival, err := o.book.Arrival(t.Context())
	if err != nil || !arrival.Seen.Equal(o.now) || len(o.sent) > 0 {
		t.Errorf("seen %v, sent %v, %v", arrival.Seen, o.sent, err)
	}
}
