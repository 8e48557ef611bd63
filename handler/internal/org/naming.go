package org

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/rivo/uniseg"
)

const (
	// maxName is Graph's limit for a group's displayName (group-upsert page),
	// read as UTF-16 code units, the shortest of the possible readings.
	maxName = 256

	// maxMarker is Graph's limit for mailNickname.
	maxMarker = 64
)

// MarkerPrefix begins the marker of every team of every instance.
const MarkerPrefix = "storeteams-"

// Marker is a team's uniqueName and mailNickname, by which it is found again
// without a ledger. Different keys have different markers, and no marker of
// one instance is one of another's: an instance has no "-" in it.
//
// ASCII letters and digits of a store number stand for themselves, any other
// byte is "_" and two hex digits. A number too long for a mailNickname gives
// way to "_h" (no hex digit) and half of its SHA-256.
func Marker(instance string, key TeamKey) string {
	if !key.IsStore() {
		return MarkerPrefix + instance + "-c"
	}
	prefix := MarkerPrefix + instance + "-s-"
	var b strings.Builder
	for _, c := range []byte(key.Store) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	if len(prefix)+b.Len() <= maxMarker {
		return prefix + b.String()
	}
	sum := sha256.Sum256([]byte(key.Store))
	return prefix + "_h" + hex.EncodeToString(sum[:16])
}

// storeName is the name people call a store: the unit's, on one line, or else
// its number.
func storeName(unitName string, number StoreNumber) string {
	if name := strings.Join(strings.Fields(unitName), " "); name != "" {
		return name
	}
	return string(number)
}

// teamName fills the template. When the whole is too long the store's name is
// cut, between what a reader sees as characters; the number stays.
func teamName(template, name string, number StoreNumber) string {
	fill := func(name string) string {
		return strings.NewReplacer("{name}", name, "{number}", string(number)).Replace(template)
	}
	if whole := strings.TrimSpace(fill(name)); codeUnits(whole) <= maxName {
		return whole
	}
	if places := strings.Count(template, "{name}"); places > 0 {
		name = cut(name, (maxName-codeUnits(fill("")))/places)
	}
	return cut(strings.TrimSpace(fill(name)), maxName)
}

// namesApart gives teams whose names would be equal their store's number, and
// says which. It looks again until nothing changes: a name with a number may be
// what another store is called, which then gets its own.
func namesApart(teams []Team) (numbered []bool) {
	numbered = make([]bool, len(teams))
	for again := true; again; {
		again = false
		named := make(map[string][]int, len(teams))
		for i, team := range teams {
			named[fold(team.Name)] = append(named[fold(team.Name)], i)
		}
		for _, same := range named {
			for _, i := range same {
				if team := &teams[i]; len(same) > 1 && team.Key.IsStore() && !numbered[i] {
					team.Name = teamName("{name} ({number})", team.Name, team.Key.Store)
					numbered[i], again = true, true
				}
			}
		}
	}
	return numbered
}

// cut shortens s to at most limit UTF-16 code units, on a grapheme border.
func cut(s string, limit int) string {
	units, end := 0, 0
	graphemes := uniseg.NewGraphemes(s)
	for graphemes.Next() {
		units += codeUnits(graphemes.Str())
		if units > limit {
			break
		}
		_, end = graphemes.Positions()
	}
	return strings.TrimRight(s[:end], " ")
}

func codeUnits(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// CanaryMarker is the uniqueName of the group that nobody is in, by whose changes
// an instance sees whether it is told of changes. No team's marker is equal.
func CanaryMarker(instance string) string { return MarkerPrefix + instance + "-k" }
