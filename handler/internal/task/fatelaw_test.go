package task_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/task"
)

func destroys(d task.Decision) bool { return d == task.DeleteInTeams || d == task.DeleteAtHome }

// Whatever readings come in whatever order: what Commerce made is not deleted
// there, nothing is made or deleted while a side is unknown, and what is deleted
// was missed, or called off, for long enough.
func TestFateOfHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := task.Entry{
			Origin:  rapid.SampledFrom([]task.Origin{task.FromCommerce, task.FromList, task.FromTeams}).Draw(t, "origin"),
			Planner: rapid.SampledFrom([]string{"", "planner"}).Draw(t, "planner"),
			Home:    rapid.SampledFrom([]string{"", "p/t"}).Draw(t, "in commerce"),
		}
		now, run := noon, [2]time.Time{} // since when each side has not shown it, without having shown it in between
		for range rapid.IntRange(1, 12).Draw(t, "looks") {
			now = now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "minutes")) * time.Minute)
			o := task.FateOptions{
				Now: now, Interval: interval, Status: rapid.SampledFrom([]string{task.InProgress, task.Completed}).Draw(t, "status"),
				HomeCreates: true, HomeDeletes: true, Cancelled: rapid.Bool().Draw(t, "cancelled"),
			}
			presence := [2]task.Presence{}
			for side := range presence {
				p := rapid.SampledFrom([]task.Presence{task.Unknown, task.Shown, task.Absent, task.Absent}).Draw(t, fmt.Sprint(side))
				if presence[side] = p; p == task.Shown {
					run[side] = time.Time{}
				} else if p == task.Absent && run[side].IsZero() {
					run[side] = now
				}
			}
			v := task.Fate(e, presence[task.Home], presence[task.Teams], o)
			unknown := slices.Contains(presence[:], task.Unknown)
			if unknown && v.Decision != task.Nothing {
				t.Fatalf("with an unknown side: %s", v.Decision)
			}
			if v.Decision == task.DeleteAtHome && (e.Origin != task.FromTeams || now.Sub(run[task.Teams]) < interval) {
				t.Fatalf("deleted at home: %+v, not shown since %v at %v", e, run, now)
			}
			if v.Decision == task.DeleteInTeams && now.Sub(run[task.Home]) < interval && now.Sub(e.Cancelled) < task.CancelledKeep {
				t.Fatalf("deleted in Teams: %+v, not shown since %v at %v", e, run, now)
			}
			if o.Status == task.Completed && v.Decision == task.DeleteInTeams {
				t.Fatalf("a completed task is deleted in Teams")
			}
			e.MissingHome, e.MissingTeams = v.MissingHome, v.MissingTeams
			if v.Decision == task.Cancel && e.Cancelled.IsZero() {
				e.Cancelled = now
			}
			if destroys(v.Decision) || v.Decision == task.Forget {
				return
			}
		}
	})
}
