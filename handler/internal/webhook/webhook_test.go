package webhook_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/notify"
	"github.com/storeteams/storeteams/handler/internal/webhook"
)

// queue keeps hints, or refuses them.
type queue struct {
	hints []hint.Hint
	fails error
}

func (q *queue) Send(_ context.Context, hints []hint.Hint) error {
	if q.fails == nil {
		q.hints = append(q.hints, hints...)
	}
	return q.fails
}

const tenant = "11111111-2222-3333-4444-555555555555"

func body(t *testing.T, keys *notify.Keys) []byte {
	t.Helper()
	state, err := keys.Sign(notify.Groups, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const subscription, group = "aaaaaaaa-0000-0000-0000-000000000001", "BBBBBBBB-0000-0000-0000-000000000001"
	return fmt.Appendf(nil, `{"value":[{"subscriptionId":%q,"clientState":%q,"resource":"Groups/%s"},`+
		`{"subscriptionId":%[1]q,"clientState":"forged","resource":"Groups/%[3]s"},`+
		`{"subscriptionId":%[1]q,"clientState":%[2]q,"lifecycleEvent":"missed"}]}`, subscription, state, group)
}

func TestAccept(t *testing.T) {
	t.Parallel()
	keys, err := notify.NewKeys("prod", tenant, []notify.Key{{ID: "k", Secret: bytes.Repeat([]byte("k"), 32)}})
	if err != nil {
		t.Fatal(err)
	}
	q := &queue{}
	hook := &webhook.Hook{Keys: keys, TenantID: tenant, Queue: q, Log: slog.New(slog.DiscardHandler)}
	if err := hook.Accept(t.Context(), body(t, keys)); err != nil {
		t.Fatal(err)
	}
	want := []hint.Hint{
		{Kind: hint.Subscription, Key: "missed:aaaaaaaa-0000-0000-0000-000000000001"},
		{Kind: hint.Group, Key: "bbbbbbbb-0000-0000-0000-000000000001"},
	}
	if fmt.Sprint(q.hints) != fmt.Sprint(want) {
		t.Errorf("hints %v, want %v", q.hints, want)
	}
	q.fails = fault.Newf(fault.Unavailable, "send", "the queue is away")
	if err := hook.Accept(t.Context(), body(t, keys)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("not kept, and told as %v", err)
	}
	if err := hook.Accept(t.Context(), []byte(`[]`)); !fault.Is(err, fault.Invalid) {
		t.Errorf("none of Graph's, and told as %v", err)
	}
	if err := (&webhook.Hook{}).Accept(t.Context(), body(t, keys)); !fault.Is(err, fault.Invalid) {
		t.Errorf("not expected, and told as %v", err)
	}
}
