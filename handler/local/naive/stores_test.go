package naive

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

// Rule 8: which rows are stores.
func TestStores(t *testing.T) {
	for _, tt := range []struct {
		name string
		rows []string
		want string // "number owners / members" of each, by number
	}{
		{"blanks", list(" 1 |c1|u1|p1"), "1: 1 / 2"},
		{"no number", list("null|c1|u1|p1", "  |c1|u1|p1"), ""},
		{"capitals come first", list("s|c1|u1|p1", "S|c2|u2|p2"), "S: 9 / 3"},
		{"then the smallest channel", list("S|c2|u2|p2", "S|c1|u1|p1"), "S: 1 / 2"},
		{"other numbers stay", list("s|c1|u1|p1", "S1|c2|u2|p2"), "S1: 9 / 3, s: 1 / 2"},
		{"two stores on one channel", list("1|c1|u1|p1", "2|c1|u2|p2"), "1: 1 / 2, 2: 9 / 2"},
		{"no channel", list("1|null|u1|p1"), "1: 1 / "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := shop()
			w.set("RetailStores", storeColumns, tt.rows...)
			w.set("RetailChannelWorkers", activeColumns, "c1|a|Yes", "c2|b|Yes")
			var got []string
			teams := Expect(w, s, now).Stores
			for _, number := range slices.Sorted(maps.Keys(teams)) {
				got = append(got, number+": "+show(teams[number]))
			}
			if got := strings.Join(got, ", "); got != tt.want {
				t.Errorf("stores are %q, want %q", got, tt.want)
			}
		})
	}
}

// Rule 8: the team's name.
func TestTeamName(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, tt := range []struct{ name, template, unit, want string }{
		{"default", "{name} ({number})", "u1|p1|Shop|m", "Shop (1)"},
		{"white space", "{name} ({number})", "u1|p1|\t Shop \u00a0  of\nOslo |m", "Shop of Oslo (1)"},
		{"no name", "{name} ({number})", "u1|p1|null|m", "1 (1)"},
		{"blank name", "{name} ({number})", "u1|p1|  |m", "1 (1)"},
		{"no unit", "{name} ({number})", "u2|p2|Shop|m", "1 (1)"},
		{"found through the party", "{name}/{number}", "u2|p1|Shop|m", "Shop/1"},
		{"placeholders in a name stay", "{name} ({number})", "u1|p1|{number}|m", "{number} (1)"},
		{"too long", "{name} ({number})", "u1|p1|" + long + "|m", long[:252] + " (1)"},
		{"just fits", "{name} ({number})", "u1|p1|" + long[:252] + "|m", long[:252] + " (1)"},
		{"twice", "{name}{name}{number}", "u1|p1|" + long + "|m", long[:254] + "1"},
		{"blanks at the cut", "{name} ({number})", "u1|p1|" + long[:250] + " yy yy|m", long[:250] + " y (1)"},
		{"a blank at the cut", "{name} ({number})", "u1|p1|" + long[:251] + " yyyy|m", long[:251] + " (1)"},
		{"two units a character", "{name}{number}", "u1|p1|" + strings.Repeat("🛒", 200) + "|m", strings.Repeat("🛒", 127) + "1"},
		{"letters with accents stay whole", "{name}{number}", "u1|p1|" + long[:254] + "e\u0301e|m", long[:254] + "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := shop()
			w.set("OperatingUnits", unitColumns, tt.unit)
			s.TeamName = tt.template
			if got := Expect(w, s, now).Stores["1"].Name; got != tt.want {
				t.Errorf("name is %q, want %q", got, tt.want)
			}
		})
	}
}

// Characters are told apart as the library does it for the text shops have.
func TestGraphemes(t *testing.T) {
	for _, s := range []string{
		"", "Oslo", "e\u0301t\u0323\u0302", "👩\u200d👩\u200d👧shop", "👍🏽👍", "🇳🇴🇩🇪🇸🇪x", "❤\ufe0f\u200d🔥",
		"\u1112\u1161\u11ab\u1100\u1161", "한국어", "\uac00\u11a8", "\uac01\u11a8", "a\u200db", "क\u093f",
	} {
		var want []string
		rest, state := s, -1
		for rest != "" {
			var character string
			character, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
			want = append(want, character)
		}
		if got := graphemes(s); !slices.Equal(got, want) {
			t.Errorf("graphemes(%q) = %q, want %q", s, got, want)
		}
	}
}

// Rule 8: the marker.
func TestMarker(t *testing.T) {
	digits := strings.Repeat("1", 46)
	for _, tt := range []struct{ number, want string }{
		{"000135", "storeteams-prod-s-000135"},
		{"aZ9", "storeteams-prod-s-aZ9"},
		{"a_b", "storeteams-prod-s-a_5fb"},
		{"a 1-b", "storeteams-prod-s-a_201_2db"},
		{"é", "storeteams-prod-s-_c3_a9"},
		{digits, "storeteams-prod-s-" + digits},
		// sha256 of 47 ones, first 32 digits, worked out with sha256sum.
		{digits + "1", "storeteams-prod-s-_hcf5479b4bc4e4c1ec7cd6ef12b9144d1"},
	} {
		if got := StoreMarker("prod", tt.number); got != tt.want {
			t.Errorf("marker of %q is %q, want %q", tt.number, got, tt.want)
		}
	}
	if got := CommunicationsMarker("prod"); got != "storeteams-prod-c" {
		t.Errorf("marker of the communications team is %q", got)
	}
}
