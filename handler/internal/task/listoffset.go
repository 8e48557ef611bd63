package task

import (
	"regexp"
	"strconv"
	"strings"
)

// offsetLine is a line of a task's notes that says when it is due, counted from
// the target date: "due -2d", "due +1w", "due 0d".
var offsetLine = regexp.MustCompile(`(?i)^due\s*([+\-−–]?)\s*(\d{1,3})\s*(d|days?|w|weeks?)\s*\.?$`)

// offsetTry is a line that was meant as one.
var offsetTry = regexp.MustCompile(`(?i)^due\s*([+\-−–]|[:=]?\s*\d)`)

// cutOffset takes the offset's line out of a task's notes and returns how many
// days it says, or what is wrong with it: a sentence without its beginning, the
// task's title.
func cutOffset(notes string) (rest string, days int, mistake string) {
	lines := strings.Split(notes, "\n")
	kept := lines[:0:0]
	found := false
	for _, line := range lines {
		trimmed := strings.TrimSpace(line)
		if !offsetTry.MatchString(trimmed) {
			kept = append(kept, line)
			continue
		}
		if found {
			return notes, 0, "has more than one line that says when it is due: keep one."
		}
		found = true
		var ok bool
		if days, ok = parseOffset(trimmed); !ok {
			return notes, 0, "says when it is due in a way that cannot be read: " + quoted(trimmed) +
				". Write due -2d or due +1w, or set its due date."
		}
	}
	if !found {
		return notes, 0, ""
	}
	return strings.Trim(strings.Join(kept, "\n"), "\n"), days, ""
}

// parseOffset reads one line.
func parseOffset(line string) (days int, ok bool) {
	parts := offsetLine.FindStringSubmatch(line)
	if parts == nil {
		return 0, false
	}
	days, err := strconv.Atoi(parts[2])
	if strings.EqualFold(parts[3][:1], "w") {
		days *= 7
	}
	if parts[1] != "" && parts[1] != "+" {
		days = -days
	}
	return days, err == nil
}
