package naive

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Graph's limits: displayName in UTF-16 code units, mailNickname in bytes.
const (
	maxName   = 256
	maxMarker = 64
)

// fill fills the template. If the whole is too long, characters as a reader
// sees them are taken off the end of the name until the rest fits, and then
// trailing blanks.
func fill(template, name, number string) string {
	whole := func(name string) string {
		return strings.TrimSpace(strings.NewReplacer("{name}", name, "{number}", number).Replace(template))
	}
	characters := graphemes(name)
	for units(whole(name)) > maxName && len(characters) > 0 {
		characters = characters[:len(characters)-1]
		name = strings.TrimRight(strings.Join(characters, ""), " ")
	}
	return whole(name)
}

// units counts UTF-16 code units.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// graphemes splits text into what a reader sees as one character each.
func graphemes(s string) []string {
	var all []string
	flags := 0 // regional indicators at the end so far
	before := rune(0)
	for _, r := range s {
		joins := len(all) > 0 && (extends(r) ||
			before == '\u200d' && pictograph(r) ||
			regional(before) && regional(r) && flags%2 == 1 ||
			hangulJoins(before, r))
		if joins {
			all[len(all)-1] += string(r)
		} else {
			all = append(all, string(r))
		}
		if regional(r) {
			flags++
		} else {
			flags = 0
		}
		before = r
	}
	return all
}

// extends reports whether r belongs to the character before it: combining
// marks and variation selectors, zero width joiners, emoji skin tones.
func extends(r rune) bool {
	return unicode.Is(unicode.M, r) || r == '\u200c' || r == '\u200d' || r >= 0x1F3FB && r <= 0x1F3FF
}

func pictograph(r rune) bool { return unicode.Is(unicode.So, r) && !regional(r) }

func regional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// hangulJoins reports whether two Hangul letters are of one syllable: leading
// consonants, vowels and trailing consonants in that order.
func hangulJoins(a, b rune) bool {
	leading := func(r rune) bool { return r >= 0x1100 && r <= 0x115F }
	vowel := func(r rune) bool { return r >= 0x1160 && r <= 0x11A7 }
	trailing := func(r rune) bool { return r >= 0x11A8 && r <= 0x11FF }
	syllable := func(r rune) bool { return r >= 0xAC00 && r <= 0xD7A3 }
	open := func(r rune) bool { return syllable(r) && (r-0xAC00)%28 == 0 } // without a trailing consonant
	switch {
	case leading(b) || syllable(b):
		return leading(a)
	case vowel(b):
		return leading(a) || vowel(a) || open(a)
	case trailing(b):
		return vowel(a) || trailing(a) || syllable(a)
	}
	return false
}

// StoreMarker is the unique name of a store's group. Letters and digits of
// ASCII stay, every other byte is an underscore and two hex digits, so no two
// numbers share a marker; a hash stands for what would be too long.
func StoreMarker(instance, number string) string {
	prefix := "storeteams-" + instance + "-s-"
	marker := prefix
	for _, b := range []byte(number) {
		switch {
		case b >= '0' && b <= '9', b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z':
			marker += string(rune(b))
		default:
			marker += fmt.Sprintf("_%02x", b)
		}
	}
	if len(marker) > maxMarker {
		sum := sha256.Sum256([]byte(number))
		return prefix + "_h" + hex.EncodeToString(sum[:])[:32]
	}
	return marker
}

// CommunicationsMarker is the unique name of the communications team's group.
func CommunicationsMarker(instance string) string { return "storeteams-" + instance + "-c" }
