package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/inbox"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// office is everything around an inbox: what was looked at, and what became of
// hints.
type office struct {
	now   time.Time
	again time.Duration
	fail  error // of looks
	down  error // of the queue

	looked []string
	later  []string // hints sent for a later time
	dead   []string
}

func (o *office) look(what string) (tasksync.Settled, error) {
	o.looked = append(o.looked, what)
	return tasksync.Settled{Again: o.again}, o.fail
}

func (o *office) SettleTask(_ context.Context, store org.StoreNumber, key string) (tasksync.Settled, error) {
	return o.look("task " + string(store) + " " + key)
}

func (o *office) SettleStore(_ context.Context, store org.StoreNumber) (tasksync.Settled, error) {
	return o.look("store " + string(store))
}

func (o *office) Settle(context.Context) (tasksync.Settled, error) { return o.look("lists") }

func (o *office) Send(context.Context, []hint.Hint) error {
	return errors.New("nothing is sent at once")
}

func (o *office) SendAt(ctx context.Context, h hint.Hint, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.down == nil {
		o.later = append(o.later, fmt.Sprintf("%s %s %s attempt %d in %s", h.Kind, h.Store, h.Key, h.Attempt, at.Sub(o.now)))
	}
	return o.down
}

func (o *office) DeadLetter(_ context.Context, h hint.Hint, reason, _ string) error {
	if o.down == nil {
		o.dead = append(o.dead, reason+" "+string(h.Store))
	}
	return o.down
}

func (o *office) DeadLetterBody(_ context.Context, body []byte, reason, description string) error {
	if o.down == nil && description != "" {
		o.dead = append(o.dead, fmt.Sprintf("%s of %d bytes", reason, len(body)))
	}
	return o.down
}

func (o *office) receive(t *testing.T, body string) error {
	t.Helper()
	if o.now.IsZero() {
		o.now = time.Date(2027, 5, 3, 9, 0, 0, 0, time.UTC)
	}
	box := inbox.New(inbox.Parts{Stores: o, Lists: o, Queue: o, Grave: o, Now: func() time.Time { return o.now }})
	return box.Receive(t.Context(), []byte(body))
}

func (o *office) want(t *testing.T, looked, later, dead string) {
	t.Helper()
	one := func(all []string) string {
		if len(all) > 1 {
			t.Errorf("%q, want one at most", all)
		}
		if len(all) == 0 {
			return ""
		}
		return all[0]
	}
	if a, b, c := one(o.looked), one(o.later), one(o.dead); a != looked || b != later || c != dead {
		t.Errorf("looked %q, later %q, dead %q\nwant %q, %q, %q", a, b, c, looked, later, dead)
	}
}

const storeHint = `{"v":1,"kind":"store","store":"000135"}`

func TestLooksWhereTheHintSays(t *testing.T) {
	t.Parallel()
	for body, looked := range map[string]string{
		storeHint: "store 000135",
		`{"v":1,"kind":"task","store":"000135","key":"teams:abc","seen":"W/1"}`: "task 000135 teams:abc",
		`{"v":1,"kind":"list"}`: "lists",
	} {
		o := &office{}
		if err := o.receive(t, body); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		o.want(t, looked, "", "")
	}
}

func TestWhatIsNoHintIsGivenUpAtOnce(t *testing.T) {
	t.Parallel()
	large := make([]byte, 256<<10)
	for _, body := range []string{"", "null", "[]", "no JSON", `{"v":2,"kind":"store","store":"1"}`, `{"v":1,"kind":"store"}`, "\xff\xfe", string(large)} {
		o := &office{}
		if err := o.receive(t, body); err != nil {
			t.Errorf("%.20q: %v; the host would deliver it ten times more", body, err)
		}
		o.want(t, "", "", fmt.Sprintf("NoHint of %d bytes", len(body)))
	}
}

func TestWhatFailsWaits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		attempt int
		fail    error
		later   string
		dead    string
	}{
		"the first time":     {0, fault.Newf(fault.Unavailable, "x", "y"), "store 000135  attempt 1 in 30s", ""},
		"again":              {3, fault.Newf(fault.Throttled, "x", "y"), "store 000135  attempt 4 in 4m0s", ""},
		"a day later":        {8, fault.Newf(fault.Denied, "x", "y"), "store 000135  attempt 9 in 1h0m0s", ""},
		"too often":          {9, fault.Newf(fault.Conflict, "x", "y"), "", "TriedTooOften 000135"},
		"no such store":      {0, fmt.Errorf("z: %w", fault.New(fault.NotFound, "x", tasksync.ErrUnknownStore)), "", "UnknownStore 000135"},
		"no such collection": {0, fault.Newf(fault.NotFound, "x", "y"), "store 000135  attempt 1 in 30s", ""},
		"what cannot be":     {0, fault.Newf(fault.Invalid, "x", "y"), "", "Invalid 000135"},
		"nobody classified":  {0, errors.New("x"), "store 000135  attempt 1 in 30s", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &office{fail: tc.fail}
			h := hint.Hint{Kind: hint.Store, Store: "000135", Attempt: tc.attempt}
			if err := o.receive(t, string(h.Encode())); err != nil {
				t.Fatal(err)
			}
			o.want(t, "store 000135", tc.later, tc.dead)
		})
	}
}

// TestNothingIsLostWithTheQueue: what can be neither done, put off nor given up is
// delivered again.
func TestNothingIsLostWithTheQueue(t *testing.T) {
	t.Parallel()
	down := fault.Newf(fault.Unavailable, "bus", "no connection")
	for name, o := range map[string]*office{
		"to wait":   {fail: down, down: down},
		"unknown":   {fail: tasksync.ErrUnknownStore, down: down},
		"again":     {again: time.Minute, down: down},
		"cancelled": {fail: context.Canceled},
	} {
		if err := o.receive(t, storeHint); err == nil || len(o.later)+len(o.dead) > 0 {
			t.Errorf("%s: %v, later %q, dead %q", name, err, o.later, o.dead)
		}
	}
	if err := (&office{down: down}).receive(t, "no hint"); err == nil {
		t.Error("what is no hint is lost")
	}
}

// TestLooksThatNobodyHintsAtMeet: two looks that want another at about the same
// time share it, because the queue drops a message of an id it had.
func TestLooksThatNobodyHintsAtMeet(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, passed := range []time.Duration{0, 7 * time.Second, 20 * time.Second} {
		o := &office{again: 15 * time.Minute, now: time.Date(2027, 5, 3, 9, 0, 5, 0, time.UTC).Add(passed)}
		if err := o.receive(t, storeHint); err != nil {
			t.Fatal(err)
		}
		if len(o.later) != 1 {
			t.Fatalf("%q", o.later)
		}
		at, err := time.ParseDuration(o.later[0][len("store 000135  attempt 0 in "):])
		if err != nil || at < o.again {
			t.Errorf("%q, want no sooner than %s", o.later[0], o.again)
		}
		ids = append(ids, o.now.Add(at).String())
	}
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("looks at %q", ids)
	}
}

// TestALookThatTakesTooLongIsPutOff: its time is over, and the hint still waits.
func TestALookThatTakesTooLongIsPutOff(t *testing.T) {
	t.Parallel()
	o := &office{now: time.Date(2027, 5, 3, 9, 0, 0, 0, time.UTC), fail: context.DeadlineExceeded}
	ctx, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	<-ctx.Done()
	box := inbox.New(inbox.Parts{Stores: o, Lists: o, Queue: o, Grave: o, Now: func() time.Time { return o.now }})
	if err := box.Receive(ctx, []byte(storeHint)); err != nil {
		t.Fatal(err)
	}
	o.want(t, "store 000135", "store 000135  attempt 1 in 30s", "")
}
