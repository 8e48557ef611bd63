package simhost

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// schedule says when a timer is due next.
type schedule interface {
	// Next returns the first time after t. It may be the zero time when there
	// is none (30 February).
	Next(t time.Time) time.Time
}

// every is the schedule of a constant interval.
type every time.Duration

// Next implements schedule.
func (e every) Next(t time.Time) time.Time { return t.Add(time.Duration(e)) }

// parseSchedule reads a cron expression of six fields (five when the seconds
// are left out) or an interval as hh:mm:ss.
func parseSchedule(text string) (schedule, error) {
	// A time zone in front (TZ=UTC ...) is the parser's own invention; the host
	// does not know it, and the parser panics when nothing follows it.
	if !strings.Contains(text, "=") {
		parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
		if s, err := parser.Parse(text); err == nil {
			return s, nil
		}
	}
	if d, err := parseSpan(text); err == nil && d > 0 {
		return every(d), nil
	}
	return nil, fmt.Errorf("schedule %q is neither a cron expression of five or six fields nor an interval as hh:mm:ss", text)
}

// parseSpan reads a .NET time span, [d.]hh:mm[:ss].
func parseSpan(text string) (time.Duration, error) {
	parts := regexp.MustCompile(`^(?:(\d{1,7})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$`).FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%q is no time span as hh:mm:ss", text)
	}
	limits := []int{1e7, 23, 59, 59}
	units := []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second}
	var total time.Duration
	for i, part := range parts[1:] {
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n > limits[i] {
			return 0, fmt.Errorf("%q is no time span as hh:mm:ss", text)
		}
		total += time.Duration(n) * units[i]
	}
	return total, nil
}

// firesWithinAMinute reports whether s can be due twice within a minute. The
// host keeps no status for such a timer.
func firesWithinAMinute(s schedule, now time.Time) bool {
	const look = 5 // as many occurrences as the host looks at
	last := s.Next(now)
	for range look - 1 {
		next := s.Next(last)
		if next.IsZero() {
			return false
		}
		if next.Sub(last) < time.Minute {
			return true
		}
		last = next
	}
	return false
}
