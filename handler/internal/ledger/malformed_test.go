package ledger_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// A row that nobody of ours wrote is an error that names it.
func TestMalformedRows(t *testing.T) {
	readers := map[string]func(context.Context, *ledger.Book) error{
		"binding": func(ctx context.Context, b *ledger.Book) error { return b.Bind(ctx, ledger.Binding{}) },
		"cursor":  func(ctx context.Context, b *ledger.Book) error { _, err := b.Cursor(ctx, ledger.GroupFeed); return err },
		"team":    func(ctx context.Context, b *ledger.Book) error { _, err := b.Links(ctx); return err },
		"claim":   func(ctx context.Context, b *ledger.Book) error { _, err := b.Claims(ctx); return err },
		"mirror":  func(ctx context.Context, b *ledger.Book) error { _, err := b.Groups(ctx); return err },
		"run":     func(ctx context.Context, b *ledger.Book) error { _, err := b.LastRun(ctx); return err },
	}
	rows := map[string]string{"binding": "ledger", "cursor": "groups", "team": "x", "claim": "x", "mirror": "x", "run": "x"}
	for partition, read := range readers {
		for _, text := range []string{"", "{", "[]", `"text"`, "7", "{}{}", "\xff", `{"team":7,"link":7,"instance":7,"id":7}`} {
			t.Run(fmt.Sprintf("%s %q", partition, text), func(t *testing.T) {
				book, s := newBook()
				_, err := s.Put(t.Context(), ledger.Key{Partition: partition, Row: rows[partition]}, []byte(text), "")
				must(t, err)
				wantFault(t, "read", read(t.Context(), book), fault.Internal)
			})
		}
	}
}

func TestMalformedPeople(t *testing.T) {
	packed := func(people ...org.Person) []byte {
		var all []byte
		for _, p := range people {
			all = append(append(all, p.User[:]...), byte(p.Role))
		}
		return all
	}
	a, b := org.Person{User: user(1)}, org.Person{User: user(2), Role: org.Owner}
	text := func(bytes []byte) string { return `"` + base64.StdEncoding.EncodeToString(bytes) + `"` }
	cases := map[string]string{
		"no base64":     `"*"`,
		"a number":      "7",
		"half a person": text(packed(a)[:9]),
		"one too many":  text(append(packed(a, b), 1)),
		"out of order":  text(packed(b, a)),
		"twice":         text(packed(a, a)),
		"unknown role":  text(packed(org.Person{User: user(1), Role: 7})),
	}
	for name, people := range cases {
		for partition, field := range map[string]string{"mirror": "people", "team": "managed"} {
			t.Run(name+" in "+field, func(t *testing.T) {
				book, s := newBook()
				row := fmt.Sprintf(`{"id":"g","team":"s/1","%s":%s}`, field, people)
				_, err := s.Put(t.Context(), ledger.Key{Partition: partition, Row: "x"}, []byte(row), "")
				must(t, err)
				if partition == "mirror" {
					_, err = book.Groups(t.Context())
				} else {
					_, err = book.Links(t.Context())
				}
				wantFault(t, "read", err, fault.Internal)
			})
		}
	}
	book, s := newBook()
	row := fmt.Sprintf(`{"id":"g","people":%s}`, text(packed(a, b)))
	_, err := s.Put(t.Context(), ledger.Key{Partition: "mirror", Row: "g"}, []byte(row), "")
	must(t, err)
	if groups, err := book.Groups(t.Context()); err != nil || !slices.Equal(groups["g"].People, ledger.People{a, b}) {
		t.Errorf("well-formed people are %v (%v)", groups["g"], err)
	}
}

func TestMalformedBlobs(t *testing.T) {
	readers := map[string]func(context.Context, *ledger.Book) error{
		"snapshot": func(ctx context.Context, b *ledger.Book) error { _, _, err := b.Snapshot(ctx); return err },
		"users/01": func(ctx context.Context, b *ledger.Book) error { _, err := b.Users(ctx); return err },
	}
	for name, read := range readers {
		for _, content := range []string{"", "no gob", "\x07\xff\x82\x00"} {
			t.Run(fmt.Sprintf("%s %q", name, content), func(t *testing.T) {
				book, s := newBook()
				_, err := ledger.WriteBlob(t.Context(), s, name, "", func(w io.Writer) error {
					_, err := io.WriteString(w, content)
					return err
				})
				must(t, err)
				if err := read(t.Context(), book); err == nil {
					t.Error("it was read without an error")
				}
			})
		}
	}
}
