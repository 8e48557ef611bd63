package org_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestTeamNames: the template with the unit's name and the store's number,
// trimmed, at most 256 UTF-16 units, cut between what a reader sees as
// characters; the number stays.
func TestTeamNames(t *testing.T) {
	const (
		standard = "{name} ({number})"
		family   = "👩‍👩‍👧‍👦"      // 4 emoji and 3 joiners: 11 units
		flag     = "🇳🇴"           // 2 regional indicators: 4 units
		eAcute   = "e\u0301"      // a letter and a combining mark: 2 units
		wave     = "👋🏽"           // an emoji and a skin tone: 4 units
		hangul   = "\u1112\u1161" // two letters of one syllable: 2 units
	)
	times := strings.Repeat
	cases := []struct {
		name           string
		template, unit string
		want           string
	}{
		{"standard", standard, "Lakeside", "Lakeside (000135)"},
		{"blanks around", standard, " \t Lakeside \u00a0", "Lakeside (000135)"},
		{"blanks inside", standard, "Lake \n  side", "Lake side (000135)"},
		{"no name", standard, "", "000135 (000135)"},
		{"blank name", standard, " \u2003 ", "000135 (000135)"},
		{"name only", "{name}", "Lakeside", "Lakeside"},
		{"number only", "{number}", "Lakeside", "000135"},
		{"number first", "{number} {name}", "Lakeside", "000135 Lakeside"},
		{"both twice", "{name}{name} {number}{number}", "A", "AA 000135000135"},
		{"blanks around the template", "  {name} ", "Lakeside", "Lakeside"},
		{"a name like a template", standard, "{number} {name}", "{number} {name} (000135)"},
		{"another script", standard, "東京駅前", "東京駅前 (000135)"},

		{"just fits", standard, times("x", 247), times("x", 247) + " (000135)"},
		{"one too many", standard, times("x", 248), times("x", 247) + " (000135)"},
		{"300 characters", standard, times("x", 300), times("x", 247) + " (000135)"},
		{"300 characters, no number", "{name}", times("x", 300), times("x", 256)},
		{"300 characters twice", "{name}/{name} {number}", times("x", 300), times("x", 124) + "/" + times("x", 124) + " 000135"},
		{"cut at a blank", standard, times("x", 246) + " yyy", times("x", 246) + " (000135)"},
		{"long template", times("t", 300), "Lakeside", times("t", 256)},
		{"long template with a number", times("t", 250) + "{name}{number}", "Lakeside", times("t", 250) + "000135"},
		{"long template, name too long for what is left", times("t", 255) + "{name}{number}", "Lakeside", times("t", 255) + "0"},

		{"surrogate pairs count two", "{name}", times("𝒳", 128), times("𝒳", 128)},
		{"surrogate pairs are not split", "{name}", "x" + times("𝒳", 128), "x" + times("𝒳", 127)},
		{"letters of three bytes count one", "{name}", times("東", 257), times("東", 256)},
		{"joined emoji are not split", "{name}", times("x", 246) + family, times("x", 246)},
		{"joined emoji that just fit", "{name}", times("x", 245) + family + "x", times("x", 245) + family},
		{"flags are not split", "{name}", times(flag, 65), times(flag, 64)},
		{"flags are not paired anew", "{name}", "xx" + times(flag, 64), "xx" + times(flag, 63)},
		{"marks stay with their letter", "{name}", "x" + times(eAcute, 128), "x" + times(eAcute, 127)},
		{"skin tones stay with their emoji", "{name}", "xx" + times(wave, 64), "xx" + times(wave, 63)},
		{"syllables are not split", "{name}", "x" + times(hangul, 128), "x" + times(hangul, 127)},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain()
			c.Stores = []org.Store{{Number: "000135", Unit: "u"}}
			c.Units = []org.Unit{{Number: "u", Name: tt.unit}}
			c.rules.TeamName = tt.template
			if got := team(t, c.roster(), "000135").Name; got != tt.want {
				t.Errorf("got  %q (%d units)\nwant %q", got, units(got), tt.want)
			}
		})
	}
}

// units counts UTF-16 code units.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// TestNameless: a store that goes by its number because its unit has no name, or
// there is no unit, is marked so: an outage of names must rename nothing.
func TestNameless(t *testing.T) {
	c := newChain().stores("3", "4")
	c.Units[1].Name, c.Units[2].Name = "", " \u00a0\t"
	c.Units = c.Units[:3]
	r := c.roster()
	for store, want := range map[string]bool{"": false, "1": false, "2": true, "3": true, "4": true} {
		if got := team(t, r, store); got.Nameless != want {
			t.Errorf("store %q, called %q, is nameless: %v", store, got.Name, got.Nameless)
		}
	}
}

// TestLongNames: whatever a store is called, its team's name has the number and
// as much of the name as fits, in whole characters.
func TestLongNames(t *testing.T) {
	piece := rapid.SampledFrom([]string{"x", " ", "東", "𝒳", "e\u0301", "👩‍👩‍👧‍👦", "🇳🇴", "👋🏽", "\u1112\u1161\u11ab", "ก\u0e33", "{name}"})
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(piece, 1, 150).Draw(t, "name"), "")
		c := newChain()
		c.Units[0].Name = name
		got := c.roster().Teams[1].Name
		if units(got) > 256 || !utf8.ValidString(got) || got != strings.TrimSpace(got) {
			t.Fatalf("%q has %d units", got, units(got))
		}
		kept, hasNumber := strings.CutSuffix(got, "(1)")
		if kept = strings.TrimSuffix(kept, " "); !hasNumber {
			t.Fatalf("%q lacks the number", got)
		}
		want := strings.Join(strings.Fields(name), " ")
		if want == "" {
			want = "1"
		}
		characters := uniseg.NewGraphemes(want)
		fitting := ""
		for characters.Next() && units(fitting+characters.Str()+" (1)") <= 256 {
			fitting += characters.Str()
		}
		if kept != strings.TrimRight(fitting, " ") {
			t.Fatalf("kept %q of %q", kept, want)
		}
	})
}

// TestNamesApart: teams whose names would be equal get their store's number.
func TestNamesApart(t *testing.T) {
	cases := []struct {
		name     string
		template string
		units    []string // names of the units of stores 1, 2, …
		want     []string
		found    string
	}{
		{"all differ", "{name}", []string{"A", "B"}, []string{"A", "B"}, ""},
		{"equal", "{name}", []string{"A", "B", "A"}, []string{"A (1)", "B", "A (3)"}, "duplicate name: store 1, duplicate name: store 3"},
		{"equal but for case and blanks", "{name}", []string{"Lake side", " lake  SIDE"}, []string{"Lake side (1)", "lake SIDE (2)"},
			"duplicate name: store 1, duplicate name: store 2"},
		{"equal, but the template has the number", "{name} ({number})", []string{"A", "A"}, []string{"A (1)", "A (2)"}, ""},
		{"equal once cut", "{name}", []string{strings.Repeat("x", 300), strings.Repeat("x", 256)},
			[]string{strings.Repeat("x", 252) + " (1)", strings.Repeat("x", 252) + " (2)"}, "duplicate name: store 1, duplicate name: store 2"},
		{"the communications team's", "{name}", []string{"communications", "B"}, []string{"communications (1)", "B"}, "duplicate name: store 1"},
		{"two pairs", "{name}", []string{"B", "A", "B", "A"}, []string{"B (1)", "A (2)", "B (3)", "A (4)"},
			"duplicate name: store 1, duplicate name: store 2, duplicate name: store 3, duplicate name: store 4"},
		{"equal to what another is given", "{name}", []string{"A", "A", "A (1)"}, []string{"A (1)", "A (2)", "A (1) (3)"},
			"duplicate name: store 1, duplicate name: store 2, duplicate name: store 3"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().stores("3", "4")
			c.Stores, c.rules.TeamName = c.Stores[:len(tt.units)], tt.template
			for i, name := range tt.units {
				c.Units[i].Name = name
			}
			r := c.roster()
			var got []string
			for _, team := range r.Teams[1:] {
				got = append(got, team.Name)
			}
			checkLines(t, got, tt.want)
			if got := findings(r); got != tt.found {
				t.Errorf("findings: %s\nwant:     %s", got, tt.found)
			}
			if r.Teams[0].Name != "Communications" {
				t.Errorf("the communications team is called %q", r.Teams[0].Name)
			}
		})
	}
}

// TestMarkers: these are in tenants; another spelling would orphan every team.
func TestMarkers(t *testing.T) {
	long := strings.Repeat("1234567890", 4)
	cases := []struct{ instance, store, want string }{
		{"prod", "", "storeteams-prod-c"},
		{"prod", "000135", "storeteams-prod-s-000135"},
		{"prod", "c", "storeteams-prod-s-c"},
		{"prod", "HOUSTON", "storeteams-prod-s-HOUSTON"},
		{"prod", "A_1", "storeteams-prod-s-A_5f1"},
		{"prod", "A-1", "storeteams-prod-s-A_2d1"},
		{"prod", "A 1", "storeteams-prod-s-A_201"},
		{"prod", "Å", "storeteams-prod-s-_c3_85"},
		{"prod", "_h", "storeteams-prod-s-_5fh"},
		{"prod", "\t1", "storeteams-prod-s-_091"},
		{"abcdefghijkl", long[:38], "storeteams-abcdefghijkl-s-" + long[:38]},
		{"abcdefghijkl", long[:39], "storeteams-abcdefghijkl-s-_hfa5bd20d7fb763bafcf8e9958d507b2b"},
	}
	for _, tt := range cases {
		if got := org.Marker(tt.instance, org.TeamKey{Store: org.StoreNumber(tt.store)}); got != tt.want {
			t.Errorf("Marker(%q, %q) = %q, want %q", tt.instance, tt.store, got, tt.want)
		}
	}
}

// TestMarkersDiffer: a mailNickname is at most 64 characters of a certain kind
// and ignores case. Different teams, of one instance or of two, have different
// ones; store numbers that differ only in case are one store.
func TestMarkersDiffer(t *testing.T) {
	legal := regexp.MustCompile(`^storeteams-[a-z0-9]{1,12}-(c|s-[A-Za-z0-9_]+)$`)
	instance := rapid.OneOf(rapid.SampledFrom([]string{"a", "prod", "abcdefghijkl"}), rapid.StringMatching(`[a-z0-9]{1,12}`))
	number := rapid.OneOf(
		rapid.Just(""), // the communications team
		rapid.SampledFrom([]string{"c", "s", "_", "-", "_5f", "5f", "_h", "-c", "s-c", "é", "e\u0301", "É"}),
		rapid.StringMatching(`[0-9]{6}`),
		rapid.StringMatching(`[aA_-]{1,40}`),
		rapid.StringMatching(`[0-9a-zA-Z_ -]{30,60}`),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		instances := [2]string{instance.Draw(t, "instance"), instance.Draw(t, "instance")}
		numbers := [2]string{number.Draw(t, "number"), number.Draw(t, "number")}
		var markers [2]string
		for i := range markers {
			markers[i] = org.Marker(instances[i], org.TeamKey{Store: org.StoreNumber(numbers[i])})
			if len(markers[i]) > 64 || !legal.MatchString(markers[i]) {
				t.Fatalf("%q has the marker %q of %d bytes", numbers[i], markers[i], len(markers[i]))
			}
		}
		same := instances[0] == instances[1] && strings.EqualFold(numbers[0], numbers[1])
		if strings.EqualFold(markers[0], markers[1]) && !same {
			t.Fatalf("%q and %q have the markers %q and %q", numbers[0], numbers[1], markers[0], markers[1])
		}
	})
}

// TestNeighboursDiffer looks where escaping and hashing could meet.
func TestNeighboursDiffer(t *testing.T) {
	piece := rapid.SampledFrom([]string{"_", "__", "_5f", "5f", "_h", "h", "2d", "-", "0", "ÿ", "\xff"})
	number := rapid.Map(rapid.SliceOfN(piece, 1, 24), func(pieces []string) string { return strings.Join(pieces, "") })
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		if rapid.Bool().Draw(t, "marker's tail") {
			_, b, _ = strings.Cut(org.Marker("abcdefghijkl", org.TeamKey{Store: org.StoreNumber(a)}), "-s-")
		}
		markerA := org.Marker("abcdefghijkl", org.TeamKey{Store: org.StoreNumber(a)})
		markerB := org.Marker("abcdefghijkl", org.TeamKey{Store: org.StoreNumber(b)})
		if (a == b) != (markerA == markerB) {
			t.Fatalf("%q and %q have the markers %q and %q", a, b, markerA, markerB)
		}
	})
}
