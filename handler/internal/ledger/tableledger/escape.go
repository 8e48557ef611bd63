package tableledger

import "strings"

// A table's keys may not hold / \ # ? and control characters, are limited to
// 512 UTF-16 units, and are ordered by those units rather than by UTF-8 bytes.
// So keys are escaped to ASCII, byte by byte: letters, digits and "-" stand for
// themselves, every other byte becomes two characters, a lead and a trail. This
// keeps the order of the bytes, because
//
//   - the leads lie among the plain characters where their bytes do, and
//   - the trails are in the order of the bytes they stand for.
//
// It is injective, because no code is the beginning of another. A part of a
// text is escaped to a part of the escaped text, so prefixes stay prefixes. The
// longest key becomes 400 characters.

// trails are what may follow a lead, in ASCII order.
const trails = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

// ranges are the bytes that are escaped, each with its lead, in order. None has
// more bytes than there are trails.
var ranges = [...]struct{ first, last, lead byte }{
	{0x00, ',', '!'},
	{'.', '/', '.'},
	{':', '@', ':'},
	{'[', '`', '_'},
	{'{', 0x7f, '{'},
	{0x80, 0xbf, '|'},
	{0xc0, 0xff, '~'},
}

// escape returns the table's key for part of a ledger.Key, or for a beginning
// of one.
func escape(part string) string {
	var b strings.Builder
	for i := range len(part) {
		b.WriteString(code(part[i]))
	}
	return b.String()
}

// code returns one byte's escaped form.
func code(c byte) string {
	for _, r := range ranges {
		if r.first <= c && c <= r.last {
			return string([]byte{r.lead, trails[c-r.first]})
		}
	}
	return string(rune(c)) // plain, so ASCII
}

// unescape is the inverse of escape; it reports false for what escape cannot
// have returned.
func unescape(key string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(key); i++ {
		lead := key[i]
		if isPlain(lead) {
			b.WriteByte(lead)
			continue
		}
		i++
		c, ok := byteOf(lead, key[min(i, len(key)-1)])
		if i == len(key) || !ok {
			return "", false
		}
		b.WriteByte(c)
	}
	return b.String(), true
}

func isPlain(c byte) bool { return len(code(c)) == 1 }

// byteOf returns the byte that a lead and a trail stand for.
func byteOf(lead, trail byte) (byte, bool) {
	offset := strings.IndexByte(trails, trail)
	for _, r := range ranges {
		if r.lead == lead && 0 <= offset && offset <= int(r.last-r.first) {
			return r.first + byte(offset), true
		}
	}
	return 0, false
}
