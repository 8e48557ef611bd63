package doctor

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// usualGap is how often OrgSync runs by the schedule that everybody is given.
const usualGap = 15 * time.Minute

// bothDays makes the parser's schedule fire where day of month and day of week
// both fit, as the host's does; without it either is enough once both are given.
const bothDays = 1 << 63

// longestGap is the longest time between two ticks of ORG_SYNC_SCHEDULE, to the
// minute and in UTC. What is no cron expression, such as a %setting% or a time
// span, counts as the usual schedule: only the host knows what it stands for.
func longestGap(schedule string) time.Duration {
	ticks := parseSchedule(schedule)
	if ticks == nil {
		return usualGap
	}
	// A leap year has every tick there is but for the days of the week.
	begin := time.Date(2028, time.January, 1, 0, 0, 0, 0, time.UTC)
	longest := time.Duration(0)
	tick := ticks.Next(begin)
	for end := begin.AddDate(1, 0, 0); !tick.IsZero() && tick.Before(end); {
		// Ticks within a minute are as good as one, and too many to count.
		next := ticks.Next(tick.Truncate(time.Minute).Add(time.Minute - time.Second))
		longest = max(longest, next.Sub(tick))
		tick = next
	}
	if longest == 0 { // it never fires, or not within the five years that are looked at
		return usualGap
	}
	return longest
}

// parseSchedule reads a cron expression as the Functions host does, the seconds
// optional. It returns nil for anything else.
func parseSchedule(text string) *cron.SpecSchedule {
	// A time zone in front (TZ=UTC ...) is the parser's own invention; the host
	// does not know it, and the parser panics when nothing follows it.
	if strings.Contains(text, "=") {
		return nil
	}
	parsed, err := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(text)
	if err != nil {
		return nil
	}
	ticks, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil
	}
	ticks.Dom |= bothDays
	ticks.Location = time.UTC
	return ticks
}
