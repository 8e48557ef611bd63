package ledger

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// block is the row of one block.
type block struct {
	User  org.UserID      `json:"user"`
	Store org.StoreNumber `json:"store,omitempty"` // empty: out of every team

	etag string
}

func (b *block) key(string) Key {
	if b.User.IsZero() {
		return Key{partBlock, ""}
	}
	return Key{partBlock, b.User.String() + "/" + string(b.Store)}
}

func (b *block) version() *string { return &b.etag }

// Blocks returns whom operators keep out, by user and store.
func (b *Book) Blocks(ctx context.Context) ([]org.Block, error) {
	rows, err := readAll(ctx, b, new(block), func(r *block) org.Block { return org.Block{User: r.User, Store: r.Store} })
	if err != nil {
		return nil, err
	}
	blocks := make([]org.Block, 0, len(rows))
	for blocked := range rows {
		blocks = append(blocks, blocked)
	}
	slices.SortFunc(blocks, func(a, b org.Block) int {
		return cmp.Or(bytes.Compare(a.User[:], b.User[:]), cmp.Compare(a.Store, b.Store))
	})
	return blocks, nil
}

// Block keeps a user out. Again is fine.
func (b *Book) Block(ctx context.Context, blocked org.Block) error {
	const op = "ledger: block a user"
	if blocked.User.IsZero() {
		return fault.Newf(fault.Invalid, op, "no user is named")
	}
	r := &block{User: blocked.User, Store: blocked.Store}
	err := saveRow(ctx, b, r)
	if fault.Is(err, fault.Conflict) {
		there, readErr := readRow(ctx, b, r.key(b.instance), new(block))
		if readErr != nil {
			err = readErr
		} else if there != nil {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// Unblock ends a block, or is a fault.NotFound. A block for one store and one
// for all are two.
func (b *Book) Unblock(ctx context.Context, blocked org.Block) error {
	const op = "ledger: unblock a user"
	if blocked.User.IsZero() {
		return fault.Newf(fault.Invalid, op, "no user is named")
	}
	key := (&block{User: blocked.User, Store: blocked.Store}).key(b.instance)
	r, err := readRow(ctx, b, key, new(block))
	if err == nil && r == nil {
		return fault.Newf(fault.NotFound, op, "user %s is not blocked so", blocked.User)
	}
	if err == nil {
		err = dropRow(ctx, b, r)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}
