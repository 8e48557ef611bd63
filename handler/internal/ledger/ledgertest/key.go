package ledgertest

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// awkwardKeys are key parts that a backend may mistake, each for a reason.
func awkwardKeys() []string {
	long := func(s string) string { return strings.Repeat(s, ledger.MaxKeyPart/len(s)) }
	keys := []string{
		"a", "A", "ab", "aB", "Ab", "AB", // case
		"/", "\\", "#", "?", "a/b", "a\\b", "a#b", "a?b", "../a", "a/../b", "./a", "//", // forbidden in Azure, or paths
		"%", "%2F", "%2f", "%252F", "a%20b", "%00", "+", "a+b", "a b", "a  b", // URL escapes and what they stand for
		" ", "  ", " a", "a ", "\t", "\n", "\r\n", "\x00", "a\x00", "a\x00b", "\x01", "\x1f", "\x7f", // blanks and controls
		"'", "''", "a'b", "' or 1 eq 1 or '", "\"", "`", "(", ")", ",", ";", "&", "=", "$filter", "@", ":", "~", "|", "{}", "[]", "^", "<>", "!", "*", "_", "-", ".", "..", // syntax
		"!-", "!--", "-!", "!00", "!A", "~~", "_-", "|z", "{0", "\\u0041", "\\x41", "&#65;", "=41", "x41", // look like escapes
		"ä", "Ä", "a\u0308", "ß", "ss", "é", "e\u0301", "\u00a0", "\u0080", "\u009f", "\u200b", "\ufeff", "\ufffd", "\uffff", // unicode that folds or hides
		"店", "店舗", "\ue000", "\uff5e", "🙂", "👩‍👩‍👧", "\U00010000", "\U0010ffff", "İ", "ı", "i", "I", // order differs in UTF-16
		"0", "00", "000135", "0x10", "1e3", "null", "true", "undefined", "PartitionKey", "RowKey", // words
	}
	for _, part := range []string{"k", "/", "%", "'", "~", "!", "\x00", "ä", "店", "🙂"} {
		keys = append(keys, long(part))
	}
	return keys
}

// keysDiffer writes every awkward key as a row and as a partition, with a value
// of its own, before it reads any back: two keys taken for one would show.
func keysDiffer(t *testing.T, s ledger.Store) {
	keys := awkwardKeys()
	fill(t, s, "rows", keys)
	partition := func(i int) ledger.Key { return ledger.Key{Partition: keys[i], Row: keys[len(keys)-1-i]} }
	inParallel(t, len(keys), 16, func(ctx context.Context, i int) error {
		_, err := s.Put(ctx, partition(i), []byte(strconv.Itoa(i)), "")
		return err
	})
	for i, key := range keys {
		for _, key := range []ledger.Key{{Partition: "rows", Row: key}, partition(i)} {
			row, err := s.Get(t.Context(), key)
			if err != nil {
				t.Fatalf("Get %q: %v", key, err)
			}
			if row.Key != key || string(row.Value) != strconv.Itoa(i) {
				t.Fatalf("Get %q returned %q with value %s, want %d", key, row.Key, row.Value, i)
			}
		}
		wantNames(t, "partition "+strconv.Quote(key), list(t, s, key, ""), []string{partition(i).Row})
	}
	for i := range keys {
		key := partition(i)
		row, err := s.Get(t.Context(), key)
		if err != nil {
			t.Fatalf("Get %q: %v", key, err)
		}
		etag := put(t, s, key, "swapped", row.ETag)
		if err := s.Delete(t.Context(), key, etag); err != nil {
			t.Fatalf("Delete %q: %v", key, err)
		}
		wantAbsent(t, s, key)
	}
}

func keysInvalid(t *testing.T, s ledger.Store) {
	for name, part := range map[string]string{
		"empty":         "",
		"too long":      strings.Repeat("k", ledger.MaxKeyPart+1),
		"far too long":  strings.Repeat("k", 70_000),
		"half a rune":   "\xc3",
		"no UTF-8":      "a\xff",
		"surrogate":     "\xed\xa0\x80",
		"too many runs": strings.Repeat("店", ledger.MaxKeyPart/3+1),
	} {
		for _, key := range []ledger.Key{{Partition: part, Row: "a"}, {Partition: "a", Row: part}} {
			_, err := s.Get(t.Context(), key)
			wantKind(t, "Get with a key "+name, err, fault.Invalid)
			_, err = s.Put(t.Context(), key, nil, "")
			wantKind(t, "Put with a key "+name, err, fault.Invalid)
			wantKind(t, "Delete with a key "+name, s.Delete(t.Context(), key, "x"), fault.Invalid)
		}
		wantListError(t, s.List(t.Context(), part, ""), fault.Invalid)
	}
}
