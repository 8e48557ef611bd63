package ledger_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// readers read the rows of each partition, and rows names one of them.
func readers() map[string]func(context.Context, *ledger.Book) error {
	return map[string]func(context.Context, *ledger.Book) error{
		"binding/ledger":  func(ctx context.Context, b *ledger.Book) error { return b.Bind(ctx, ledger.Binding{TenantID: "t"}) },
		"cursor/groups":   func(ctx context.Context, b *ledger.Book) error { _, err := b.Cursor(ctx, ledger.GroupFeed); return err },
		"team/" + marker:  func(ctx context.Context, b *ledger.Book) error { _, err := b.Links(ctx); return err },
		"claim/" + marker: func(ctx context.Context, b *ledger.Book) error { _, err := b.Claims(ctx); return err },
		"lease/" + marker: func(ctx context.Context, b *ledger.Book) error {
			_, err := b.TakeLease(ctx, org.Communications, "a", noon)
			return err
		},
		"mirror/g":         func(ctx context.Context, b *ledger.Book) error { _, err := b.Groups(ctx); return err },
		"hold/h":           func(ctx context.Context, b *ledger.Book) error { _, err := b.Holds(ctx); return err },
		"block/" + nobody:  func(ctx context.Context, b *ledger.Book) error { _, err := b.Blocks(ctx); return err },
		"rails/baseline":   func(ctx context.Context, b *ledger.Book) error { _, err := b.Baseline(ctx); return err },
		"rails/quarantine": func(ctx context.Context, b *ledger.Book) error { _, err := b.Quarantine(ctx); return err },
		"run/r":            func(ctx context.Context, b *ledger.Book) error { _, err := b.LastRun(ctx); return err },
	}
}

const (
	// marker is the communications team's, whose key is the zero one: the easiest
	// to read out of nothing.
	marker = "storeteams-test-c"

	nobody = "00000000-0000-0000-0000-000000000000/" // the zero block's row
)

func put(t *testing.T, s ledger.Store, key, text string) {
	t.Helper()
	partition, row, _ := strings.Cut(key, "/")
	_, err := s.Put(t.Context(), ledger.Key{Partition: partition, Row: row}, []byte(text), "")
	must(t, err)
}

// A row that nobody of ours wrote is an error that names it.
func TestMalformedRows(t *testing.T) {
	texts := []string{"", "{", "[]", `"text"`, "7", "{}{}", "\xff", `{"team":7,"link":7,"instance":7,"id":7,"user":7,"readAt":7,"since":7}`}
	for key, read := range readers() {
		for _, text := range texts {
			t.Run(fmt.Sprintf("%s %q", key, text), func(t *testing.T) {
				book, s := newBook()
				put(t, s, key, text)
				wantFault(t, "read", read(t.Context(), book), fault.Internal)
			})
		}
	}
}

// A row that does not hold its own key is not taken for a value with empty
// fields, nor one row for another.
func TestRowsWithoutTheirKey(t *testing.T) {
	const someoneElse = `{"team":"s/1","id":"x","hash":"x","user":"aaaaaaaa-0000-0000-0000-000000000000"}`
	for key, read := range readers() {
		for _, text := range []string{"{}", "null", `{"hash":"h","other":1}`, someoneElse} {
			if strings.HasPrefix(key, "binding/") || strings.HasPrefix(key, "cursor/") {
				continue // values without a key: the one is compared with what it has to be, the other has no row to mistake
			}
			t.Run(fmt.Sprintf("%s %s", key, text), func(t *testing.T) {
				book, s := newBook()
				put(t, s, key, text)
				wantFault(t, "read", read(t.Context(), book), fault.Internal)
			})
		}
	}
}

func TestMalformedPeople(t *testing.T) {
	pack := func(people ...org.Person) []byte {
		var all []byte
		for _, p := range people {
			all = append(append(all, p.User[:]...), byte(p.Role))
		}
		return all
	}
	a, b := org.Person{User: user(1)}, org.Person{User: user(2), Role: org.Owner}
	cases := map[string]string{
		"no base64":     `"*"`,
		"a number":      "7",
		"half a person": packed(pack(a)[:9]),
		"one too many":  packed(append(pack(a, b), 1)),
		"out of order":  packed(pack(b, a)),
		"twice":         packed(pack(a, a)),
		"unknown role":  packed(pack(org.Person{User: user(1), Role: 7})),
	}
	for name, people := range cases {
		t.Run(name, func(t *testing.T) {
			book, s := newBook()
			put(t, s, "mirror/g", fmt.Sprintf(`{"id":"g","people":%s}`, people))
			_, err := book.Groups(t.Context())
			wantFault(t, "read", err, fault.Internal)
		})
	}
	book, s := newBook()
	put(t, s, "mirror/g", fmt.Sprintf(`{"id":"g","people":%s}`, packed(pack(a, b))))
	if groups, err := book.Groups(t.Context()); err != nil || !slices.Equal(groups["g"].People, ledger.People{a, b}) {
		t.Errorf("well-formed people are %v (%v)", groups["g"], err)
	}
}

// packed is bytes as JSON has them.
func packed(bytes []byte) string { return `"` + base64.StdEncoding.EncodeToString(bytes) + `"` }

func TestMalformedBlobs(t *testing.T) {
	readers := map[string]func(context.Context, *ledger.Book) error{
		"snapshot": func(ctx context.Context, b *ledger.Book) error { _, _, err := b.Snapshot(ctx); return err },
		"takings":  func(ctx context.Context, b *ledger.Book) error { _, err := b.Takings(ctx); return err },
		"users/01": func(ctx context.Context, b *ledger.Book) error { _, err := b.Users(ctx); return err },
	}
	for name, read := range readers {
		for _, content := range []string{"", "no gob", "\x07\xff\x82\x00"} {
			if name == "takings" && content == "" {
				continue // none are well-formed
			}
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
