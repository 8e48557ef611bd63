package task

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// CanonText returns a text of several lines as all sides show it: lines end with
// LF, have no blanks at their ends, and neither the first nor the last is blank.
// Control characters go, and what is not UTF-8 becomes U+FFFD.
func CanonText(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	text = strings.Map(func(r rune) rune { // which makes U+FFFD of what is no rune
		switch {
		case r == '\n' || r == '\t' || !unicode.IsControl(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		default:
			return -1
		}
	}, text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRightFunc(line, unicode.IsSpace)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// CanonLine returns a text of one line as all sides show it: words with one blank
// between them.
func CanonLine(text string) string {
	return strings.Join(strings.Fields(CanonText(text)), " ")
}

// CanonTitle returns a title as all sides show it: one line, cut to the 255
// characters that Planner takes (read as UTF-16 code units, the shortest of the
// possible readings), between what a reader sees as characters.
func CanonTitle(title string) string {
	return cutTo(CanonLine(title), maxTitle)
}

// cutTo cuts s to at most limit UTF-16 code units: on a grapheme border, or inside
// a first grapheme that is too long by itself.
func cutTo(s string, limit int) string {
	units, end, whole := 0, 0, 0 // whole: where the last whole grapheme ends
	borders := uniseg.NewGraphemes(s)
	for i, r := range s {
		if _, to := borders.Positions(); i == to {
			whole = i
			borders.Next()
		}
		if units += max(1, utf16.RuneLen(r)); units > limit {
			if whole > 0 {
				end = whole
			}
			return strings.TrimRightFunc(s[:end], unicode.IsSpace)
		}
		end = i + utf8.RuneLen(r)
	}
	return s
}

// CanonAssignees returns object ids as the value of the field Assignees. Their
// order says nothing, and neither do case and repetition.
func CanonAssignees(ids []string) string {
	canon := make([]string, 0, len(ids))
	for _, id := range ids {
		if id = strings.ToLower(strings.TrimSpace(id)); id != "" {
			canon = append(canon, id)
		}
	}
	slices.Sort(canon)
	return strings.Join(slices.Compact(canon), ",")
}

// CanonDue returns a moment as the value of the field Due: its date in the store's
// time zone. Midnight and noon in UTC stand for a date without a time, in every
// zone: Commerce writes the one and we the other. 1900-01-01 is Finance &
// Operations' "no date"; it and what is earlier is none, and so is a year that
// does not fit a date.
func CanonDue(t time.Time, zone *time.Location) string {
	utc := t.UTC()
	if zone == nil || utc.Equal(utc.Truncate(12*time.Hour)) {
		zone = time.UTC
	}
	local := t.In(zone)
	for _, day := range []time.Time{utc, local} {
		if day.Year() > 9999 || day.Format(time.DateOnly) <= noDate {
			return ""
		}
	}
	return local.Format(time.DateOnly)
}

// noDate is how Finance & Operations writes that there is no date.
const noDate = "1900-01-01"
