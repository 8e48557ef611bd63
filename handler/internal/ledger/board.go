package ledger

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// packAbove is the size of a board's JSON, in bytes, from which it is kept
// compressed: two thousand tasks then fit a row.
const packAbove = 32 << 10

// maxBoard bounds what a packed board unpacks to.
const maxBoard = 64 << 20

// Board is what is remembered of one store's board and its tasks.
type Board struct {
	task.Board
	ETag string `json:"-"` // the version that was read; empty: it is not in the ledger yet
}

// boardRow names a board's row. The communications team's board is that of no
// store.
func boardRow(store org.StoreNumber) string {
	if store == "" {
		return "c"
	}
	return "s/" + string(store)
}

func (b *Board) key(string) Key   { return Key{partBoard, boardRow(b.Store)} }
func (b *Board) version() *string { return &b.ETag }

// packed is a board's row: its store in plain, and the board as it is or packed.
type packed struct {
	Store  *org.StoreNumber `json:"store"`
	Board  *task.Board      `json:"board,omitempty"`
	Packed []byte           `json:"packed,omitempty"` // gzip of the board's JSON
}

// MarshalJSON packs a large board.
func (b *Board) MarshalJSON() ([]byte, error) {
	plain, err := json.Marshal(b.Board)
	if err != nil {
		return nil, err
	}
	if len(plain) < packAbove {
		return json.Marshal(packed{Store: &b.Store, Board: &b.Board})
	}
	var buffer bytes.Buffer
	w := gzip.NewWriter(&buffer)
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return json.Marshal(packed{Store: &b.Store, Packed: buffer.Bytes()})
}

// UnmarshalJSON is the reverse of MarshalJSON.
func (b *Board) UnmarshalJSON(text []byte) error {
	var row packed
	if err := json.Unmarshal(text, &row); err != nil {
		return err
	}
	switch {
	case row.Store == nil:
		return fmt.Errorf("the row names no store")
	case row.Board != nil:
		b.Board = *row.Board
	default:
		r, err := gzip.NewReader(bytes.NewReader(row.Packed))
		if err != nil {
			return err
		}
		b.Board = task.Board{}
		if err := json.NewDecoder(io.LimitReader(r, maxBoard)).Decode(&b.Board); err != nil {
			return err
		}
	}
	if b.Store != *row.Store {
		return fmt.Errorf("the row of store %s holds the board of another", *row.Store)
	}
	return nil
}

// Board returns what is remembered of a store's board, or of the communications
// team's for the store "". It is an empty board if there is nothing.
func (b *Book) Board(ctx context.Context, store org.StoreNumber) (*Board, error) {
	board, err := readRow(ctx, b, Key{partBoard, boardRow(store)}, new(Board))
	if err != nil {
		return nil, err
	}
	if board == nil {
		board = &Board{Board: task.Board{Store: store}}
	}
	return board, nil
}

// Boards yields all boards there is something of. An error ends the sequence.
func (b *Book) Boards(ctx context.Context) iter.Seq2[*Board, error] {
	return func(yield func(*Board, error) bool) {
		for row, err := range b.store.List(ctx, partBoard, "") {
			var board *Board
			if err == nil {
				board, err = decodeRow(b, row, new(Board))
			}
			if !yield(board, err) || err != nil {
				return
			}
		}
	}
}

// SaveBoard writes a board.
func (b *Book) SaveBoard(ctx context.Context, board *Board) error { return saveRow(ctx, b, board) }
