package simplanner

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// tagDigits stand for 0 to 9 in a version. The service fills up with '@' in
// the same way. Most other letters would break the order: clients compare
// ETags as strings, and base64 puts digits before letters and capitals before
// small ones. With these ten, a greater version is a greater string.
const tagDigits = "@ABDEFHIJL"

// tagWidth is how many of them a version has.
const tagWidth = 16

// mint makes the ETag of a version in the service's shape: the base64 of
// '1-Task  @@@@@@@@@@@@@@@H'. The name is padded with spaces so that the
// version begins on a whole group of base64.
func mint(kind string, version uint64) string {
	number := []byte(strconv.FormatUint(version, 10))
	for i, digit := range number {
		number[i] = tagDigits[digit-'0']
	}
	fill := strings.Repeat("@", max(tagWidth-len(number), 0))
	return `W/"` + base64.StdEncoding.EncodeToString([]byte(tagPrefix(kind)+fill+string(number)+"'")) + `"`
}

func tagPrefix(kind string) string {
	name := "'1-" + kind
	return name + strings.Repeat(" ", (3-len(name)%3)%3)
}

// parseTag reads the version out of an ETag of this kind of resource.
func parseTag(kind, tag string) (version uint64, ok bool) {
	inner, weak := strings.CutPrefix(tag, `W/"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	raw, err := base64.StdEncoding.Strict().DecodeString(inner)
	if !weak || !closed || err != nil {
		return 0, false
	}
	letters, ours := strings.CutPrefix(string(raw), tagPrefix(kind))
	letters, ended := strings.CutSuffix(letters, "'")
	if !ours || !ended || len(letters) != tagWidth {
		return 0, false
	}
	for _, letter := range []byte(letters) {
		digit := strings.IndexByte(tagDigits, letter)
		if digit < 0 {
			return 0, false
		}
		version = version*10 + uint64(digit)
	}
	return version, true
}

// newID makes an id of 28 characters.
func (s *Service) newID() string {
	raw := make([]byte, 21)
	for i := range raw {
		raw[i] = byte(s.rng.Uint32())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// checkID refuses what has not the form of an id.
func checkID(id string) error {
	if raw, err := base64.RawURLEncoding.DecodeString(id); err != nil || len(raw) != 21 {
		return invalid("'%s' is not a valid identifier.", id)
	}
	return nil
}
