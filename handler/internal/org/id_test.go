package org_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
)

func TestParseUserID(t *testing.T) {
	const want = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	cases := []struct {
		name, text string
		ok         bool
	}{
		{"lower case", want, true},
		{"upper case", strings.ToUpper(want), true},
		{"mixed case", "0A1b2C3d-4e5F-6071-8293-a4B5c6D7e8f9", true},
		{"in braces", "{" + want + "}", true},
		{"in braces, upper case", "{" + strings.ToUpper(want) + "}", true},
		{"with blanks around", " \t" + want + "\r\n", true},
		{"in braces with blanks around", " {" + want + "} ", true},
		{"empty", "", false},
		{"blank", "  ", false},
		{"without dashes", strings.ReplaceAll(want, "-", ""), false},
		{"in parentheses", "(" + want + ")", false},
		{"opening brace only", "{" + want, false},
		{"closing brace only", want + "}", false},
		{"text after the closing brace", "{" + want + "}}", false},
		{"something else for the opening brace", "(" + want + "}", false},
		{"something else for the closing brace", "{" + want + ")", false},
		{"a digit for the first dash", want[:8] + "0" + want[9:], false},
		{"a digit for the second dash", want[:13] + "0" + want[14:], false},
		{"a digit for the third dash", want[:18] + "0" + want[19:], false},
		{"a digit for the fourth dash", want[:23] + "0" + want[24:], false},
		{"blanks inside the braces", "{ " + want[1:] + "}", false},
		{"a digit short", want[:35], false},
		{"a digit more", want + "0", false},
		{"a digit that is none", "g" + want[1:], false},
		{"a dash out of place", "0a1b2c3-d4e5f-6071-8293-a4b5c6d7e8f9", false},
		{"a dash for a digit", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f-", false},
		{"a dash more at the right length", "0a1b2c3d-4e5f-6071-8293--4b5c6d7e8f9", false},
		{"digits of another script", "٠a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f", false},
		{"a UPN", "ada@example.com", false},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			got, err := org.ParseUserID(tt.text)
			switch {
			case tt.ok && (err != nil || got.String() != want):
				t.Errorf("ParseUserID(%q) = %s, %v", tt.text, got, err)
			case !tt.ok && (err == nil || !got.IsZero()):
				t.Errorf("ParseUserID(%q) = %s, %v; want an error and no id", tt.text, got, err)
			}
		})
	}
}

// TestUserIDTexts: text and binary are one to one.
func TestUserIDTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := org.UserID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		text, err := json.Marshal(want)
		if err != nil || string(text) != `"`+want.String()+`"` || want.String() != strings.ToLower(want.String()) {
			t.Fatalf("%s is written as %s, %v", want, text, err)
		}
		var got org.UserID
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%s is read as %s, %v", text, got, err)
		}
		if got.IsZero() != (got == org.UserID{}) {
			t.Fatalf("IsZero of %s is %v", got, got.IsZero())
		}
	})
}

func TestUserIDRefusesOtherText(t *testing.T) {
	got := org.UserID{1}
	if err := got.UnmarshalText([]byte("ada")); err == nil || !got.IsZero() {
		t.Errorf("read as %s, %v; want an error and no id", got, err)
	}
}

func TestNormalTeamID(t *testing.T) {
	for _, text := range []string{"0a1b2c3d-4e5f", "0A1B2C3D-4E5F", " {0a1b2c3d-4e5f}\n", "{0A1b2c3d-4e5f}"} {
		if got := org.NormalTeamID(text); got != "0a1b2c3d-4e5f" {
			t.Errorf("NormalTeamID(%q) = %q", text, got)
		}
	}
}

func TestTeamKeyTexts(t *testing.T) {
	cases := []struct {
		key            org.TeamKey
		text, forHuman string
		isStore        bool
	}{
		{org.Communications, "c", "communications", false},
		{org.TeamKey{Store: "000135"}, "s/000135", "store 000135", true},
		{org.TeamKey{Store: "c"}, "s/c", "store c", true},
		{org.TeamKey{Store: "s/1"}, "s/s/1", "store s/1", true},
	}
	for _, tt := range cases {
		t.Run(tt.forHuman, func(t *testing.T) {
			text, err := tt.key.MarshalText()
			if err != nil || string(text) != tt.text {
				t.Errorf("written as %q, %v; want %q", text, err, tt.text)
			}
			read := org.TeamKey{Store: "something else"}
			if err := read.UnmarshalText(text); err != nil || read != tt.key {
				t.Errorf("%q is read as %v, %v", text, read, err)
			}
			if tt.key.String() != tt.forHuman || tt.key.IsStore() != tt.isStore {
				t.Errorf("shown as %q, a store's: %v", tt.key, tt.key.IsStore())
			}
		})
	}
	for _, text := range []string{"", "s", "s/", "c/", "C", "x", "000135"} {
		if err := new(org.TeamKey).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as a team", text)
		}
	}
}

func TestTeamKeyOrder(t *testing.T) {
	want := []org.TeamKey{org.Communications, {Store: "000135"}, {Store: "10"}, {Store: "9"}, {Store: "A"}, {Store: "a"}}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b org.TeamKey) int {
		if a.Less(b) {
			return -1
		}
		return 1
	})
	if !slices.Equal(got, want) {
		t.Errorf("in order: %v, want %v", got, want)
	}
	if want[1].Less(want[1]) {
		t.Error("a key is less than itself")
	}
}

func TestWords(t *testing.T) {
	if org.Owner.String() != "owner" || org.Member.String() != "member" {
		t.Errorf("roles are %q and %q", org.Owner, org.Member)
	}
	seen := map[string]bool{}
	for r := org.UnitManager; r <= org.StoreWorker; r++ {
		if text := r.String(); text == "" || text == "unknown reason" || seen[text] {
			t.Errorf("reason %d is %q", r, text)
		}
		seen[r.String()] = true
	}
	if text := (org.StoreWorker + 1).String(); text != "unknown reason" {
		t.Errorf("a reason that does not exist is %q", text)
	}
}
