package tableledger

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// The tests take any bytes, not only UTF-8: a List's prefix may end within a rune.
func parts() *rapid.Generator[string] {
	few := rapid.SliceOfN(rapid.SampledFrom([]byte("aZ09-_!.:{|~/\\#? '%\x00\x7f\x80\xbf\xc0\xff")), 0, 5)
	any := rapid.SliceOfN(rapid.Byte(), 0, 40)
	return rapid.Map(rapid.OneOf(few, any), func(b []byte) string { return string(b) })
}

func TestEscapeReturns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := parts().Draw(t, "part")
		if back, ok := unescape(escape(part)); !ok || back != part {
			t.Fatalf("%q became %q and came back as %q, %v", part, escape(part), back, ok)
		}
	})
}

// TestEscapeKeepsOrder compares as the service does, by UTF-16 units.
func TestEscapeKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		common := parts().Draw(t, "common")
		a, b := common+parts().Draw(t, "a"), common+parts().Draw(t, "b")
		got := slices.Compare(utf16.Encode([]rune(escape(a))), utf16.Encode([]rune(escape(b))))
		if want := cmp.Compare(a, b); got != want {
			t.Fatalf("%q and %q compare as %d, escaped %q and %q as %d", a, b, want, escape(a), escape(b), got)
		}
	})
}

func TestEscapeKeepsPrefixes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := parts().Draw(t, "a"), parts().Draw(t, "b")
		if rapid.Bool().Draw(t, "joined") {
			b = a + b
		}
		if got, want := strings.HasPrefix(escape(b), escape(a)), strings.HasPrefix(b, a); got != want {
			t.Fatalf("%q begins with %q: %v, escaped %q and %q: %v", b, a, want, escape(b), escape(a), got)
		}
	})
}

// TestUnescapeRefuses holds that only what escape returns is taken: two keys in
// the table never stand for one row.
func TestUnescapeRefuses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringOfN(rapid.SampledFrom([]rune(trails+"!.:_{|~ ä%/")), 0, 6, -1).Draw(t, "key")
		if part, ok := unescape(key); ok && escape(part) != key {
			t.Fatalf("%q was taken for %q, which is escaped %q", key, part, escape(part))
		}
	})
	for _, key := range []string{"!", "a!", "!m", ".z", "{z", "~", "~ ", "a b", "ä", "%", "/", "!\x00"} {
		if part, ok := unescape(key); ok {
			t.Errorf("%q was taken for %q", key, part)
		}
	}
}

// TestEscapeIsAllowed checks each byte's code: what may be in a key of a table,
// and how long the longest becomes.
func TestEscapeIsAllowed(t *testing.T) {
	const maxUnits = 512 // 1 KiB of UTF-16
	codes := map[string]int{}
	for c := range 256 {
		escaped := escape(string([]byte{byte(c)}))
		if before, again := codes[escaped]; again {
			t.Errorf("bytes %#x and %#x share code %q", before, c, escaped)
		}
		codes[escaped] = c
		for _, r := range escaped {
			if r <= ' ' || r >= 0x7f || strings.ContainsRune(`/\#?'%+"`, r) {
				t.Errorf("byte %#x has code %q", c, escaped)
			}
		}
		if longest := len(escaped) * ledger.MaxKeyPart; longest > maxUnits {
			t.Errorf("byte %#x makes keys of %d units, at most %d are allowed", c, longest, maxUnits)
		}
	}
}

// TestEscapeIsKept guards tables that exist: their keys cannot change.
func TestEscapeIsKept(t *testing.T) {
	for part, want := range map[string]string{
		"":                             "",
		"000135":                       "000135",
		"storeteams-prod-s-000135":     "storeteams-prod-s-000135",
		"blob/users/3f":                "blob.0users.03f",
		"a b_c.d:e~f|g":                "a!Vb_3c.-d:-e{2f{0g",
		"\x00,./:@[`{\x7f\x80\xbf\xc0": "!-!g.-.0:-:5_-_4{-{3|-|z~-",
		"é🙂":                           "~2|d~k|U|O|1",
	} {
		if got := escape(part); got != want {
			t.Errorf("escape(%q) = %q, want %q", part, got, want)
		}
	}
}
