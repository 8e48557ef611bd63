package ledger_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// Managed people behave like a map, whatever is done to them, and come back
// from a row as they were.
func TestManagedAreAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all ledger.Managed
		model := map[org.UserID]org.Managed{}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			id := user(rapid.IntRange(0, 20).Draw(t, "user"))
			if rapid.IntRange(0, 2).Draw(t, "kind") == 0 {
				all.Drop(id)
				delete(model, id)
				continue
			}
			e := org.Managed{
				User: id, Role: org.Role(rapid.IntRange(0, 1).Draw(t, "role")),
				Worker: org.PersonnelNumber(rapid.StringN(0, -1, 255).Draw(t, "worker")),
			}
			if since := rapid.Uint32().Draw(t, "since"); since > 0 {
				e.Since = time.Unix(int64(since), 0).UTC()
			}
			all.Set(e)
			model[id] = e
		}
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		back := ledger.Managed{{User: user(9)}} // overwritten, not added to
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		for _, some := range []ledger.Managed{all, back} {
			got := map[org.UserID]org.Managed{}
			for _, e := range some {
				got[e.User] = e
				if found, ok := some.Of(e.User); !ok || found != e {
					t.Fatalf("%s is not found", e.User)
				}
			}
			if _, stranger := some.Of(user(1000)); !maps.Equal(got, model) || len(some) != len(model) || stranger {
				t.Fatalf("they are %v, want %v", got, model)
			}
		}
	})
}

// A row takes as many as the type says.
func TestLargestManagedFits(t *testing.T) {
	book, _ := newBook()
	var all ledger.Managed
	for i := range 19_000 {
		all.Set(org.Managed{User: user(i), Role: org.Role(i % 2), Worker: org.PersonnelNumber(fmt.Sprintf("%06d", i)), Since: noon})
	}
	must(t, book.SaveLink(t.Context(), &ledger.Link{Team: shop("1"), Group: "g", KeepName: strings.Repeat("🏪", 128), Managed: all}))
	link, err := book.ReadLink(t.Context(), shop("1"))
	must(t, err)
	if !slices.Equal(link.Managed, all) {
		t.Error("they came back as others")
	}
}

func TestManagedThatCannotBeWritten(t *testing.T) {
	book, _ := newBook()
	for name, e := range map[string]org.Managed{
		"a long personnel number": {User: user(1), Worker: org.PersonnelNumber(strings.Repeat("7", 256))},
		"before 1970":             {User: user(1), Since: time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC)},
		"after 2105":              {User: user(1), Since: time.Date(2106, 12, 31, 0, 0, 0, 0, time.UTC)},
	} {
		err := book.SaveLink(t.Context(), &ledger.Link{Team: shop("1"), Managed: ledger.Managed{e}})
		wantFault(t, name, err, fault.Invalid)
	}
	if link, err := book.ReadLink(t.Context(), shop("1")); link != nil || err != nil {
		t.Errorf("the link is %v (%v)", link, err)
	}
}

func TestMalformedManaged(t *testing.T) {
	pack := func(n int, role byte, worker string) []byte {
		id := user(n)
		one := binary.BigEndian.AppendUint32(append(id[:], role), uint32(noon.Unix()))
		return append(append(one, byte(len(worker))), worker...)
	}
	a, b := pack(1, byte(org.StoreWorker), "000042"), pack(2, 0x80|byte(org.StoreManager), "")
	cases := map[string]string{
		"no base64":                "\"*\"",
		"a number":                 "7",
		"half a person":            packed(a[:9]),
		"without a length":         packed(a[:21]),
		"half a personnel number":  packed(a[:25]),
		"one byte too many":        packed(slices.Concat(a, b, []byte{1})),
		"out of order":             packed(slices.Concat(b, a)),
		"twice":                    packed(slices.Concat(a, a)),
		"unknown reason":           packed(pack(1, 0x7f, "")),
		"people, packed otherwise": packed(a[:17]),
	}
	for name, managed := range cases {
		t.Run(name, func(t *testing.T) {
			book, s := newBook()
			put(t, s, "team/"+marker, fmt.Sprintf(`{"team":"c","managed":%s}`, managed))
			_, err := book.Links(t.Context())
			wantFault(t, "read", err, fault.Internal)
			_, err = book.ReadLink(t.Context(), org.Communications)
			wantFault(t, "read alone", err, fault.Internal)
		})
	}
	book, s := newBook()
	put(t, s, "team/"+marker, fmt.Sprintf(`{"team":"c","managed":%s}`, packed(slices.Concat(a, b))))
	want := ledger.Managed{
		{User: user(1), Worker: "000042", Reason: org.StoreWorker, Since: noon},
		{User: user(2), Role: org.Owner, Reason: org.StoreManager, Since: noon},
	}
	if link, err := book.ReadLink(t.Context(), org.Communications); err != nil || !slices.Equal(link.Managed, want) {
		t.Errorf("well-formed people are %v (%v)", link, err)
	}
}
