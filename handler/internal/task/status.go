package task

import "strings"

// The statuses, as values of the field Status. Anything else a side shows is not
// known to us, and the side then counts as not showing the field.
const (
	NotStarted = "not started"
	InProgress = "in progress"
	Completed  = "completed"
	// Cancelled is a home's alone: nobody is to do the task any more.
	Cancelled = "cancelled"
)

// statuses are all of them, the least far along first.
var statuses = [...]string{Cancelled, NotStarted, InProgress, Completed}

// rank says how far along a status is: the higher, the further. Known is false
// for what is no status.
func rank(status string) (far int, known bool) {
	for i, s := range statuses {
		if s == status {
			return i, true
		}
	}
	return 0, false
}

// behind reports whether status a is less far along than status b.
func behind(a, b string) bool {
	ra, _ := rank(a)
	rb, _ := rank(b)
	return ra < rb
}

// StatusOfPercent returns the status that Planner's percentComplete means: 0 is
// not started, 100 completed, and whatever lies between is in progress.
func StatusOfPercent(percent int) string {
	switch {
	case percent <= 0:
		return NotStarted
	case percent >= 100:
		return Completed
	default:
		return InProgress
	}
}

// PercentOf returns the percentComplete that shows a status in Planner: 0, 50 or
// 100. Cancelled is nothing that Planner can show; it gives 0, as what is no
// status does.
func PercentOf(status string) int {
	switch status {
	case InProgress:
		return 50
	case Completed:
		return 100
	default:
		return 0
	}
}

// StatusOfWord returns the status that one of Commerce's enumeration members
// means. The members of BusinessProcessTaskStatus are not published, so common
// spellings are understood, without case, blanks, "_" and "-". Known is false for
// any other word: it says nothing about the task.
func StatusOfWord(word string) (status string, known bool) {
	switch strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(word)) {
	case "notstarted":
		return NotStarted, true
	case "inprogress", "started":
		return InProgress, true
	case "completed", "complete", "done":
		return Completed, true
	case "cancelled", "canceled", "aborted":
		return Cancelled, true
	default:
		return "", false
	}
}
