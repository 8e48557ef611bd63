package ledgertest

import (
	"context"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

func contextEnded(t *testing.T, s ledger.Store) {
	etag := put(t, s, keyA, "1", "")
	absent := ledger.Key{Partition: keyA.Partition, Row: "absent"}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancelLate()
	for ctx, kind := range map[context.Context]fault.Kind{canceled: fault.Canceled, late: fault.Unavailable} {
		_, err := s.Get(ctx, keyA)
		wantKind(t, "Get", err, kind)
		_, err = s.Put(ctx, absent, []byte("2"), "")
		wantKind(t, "Put", err, kind)
		_, err = s.Put(ctx, keyA, []byte("2"), etag)
		wantKind(t, "Put", err, kind)
		wantKind(t, "Delete", s.Delete(ctx, keyA, etag), kind)
		wantListError(t, s.List(ctx, keyA.Partition, ""), kind)
	}
	wantRow(t, s, keyA, "1", etag)
	wantAbsent(t, s, absent)
}
