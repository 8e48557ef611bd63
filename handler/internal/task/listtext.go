package task

import (
	"fmt"
	"strings"
	"time"
)

// What people are told is bounded, whatever they wrote.
const (
	maxQuoted   = 60 // characters of a quoted value
	maxWords    = 20 // words in a row
	maxMistakes = 10 // sentences
)

// OnlyManagers is what somebody is told who completed a Send task and may not.
const OnlyManagers = "Only communications managers can send. Completed by somebody else: put back."

// cancelledForGood is what stands on a Send task that was titled Cancel and is not
// any more.
const cancelledForGood = "This list was cancelled and stays so. To send it again, add a new task that sends it."

// movedOut is what stands on a Send task that is not in its list any more.
const movedOut = "This task is in another list than the one it sent. Move it back."

// previewText says what sending would do.
func previewText(stores, tasks int, target string) string {
	return fmt.Sprintf("Goes to %s, %s, due %s. Complete again within 24 h to send.",
		count(stores, "store"), count(tasks, "task"), dayText(target))
}

// notSentText says why nothing is sent.
func notSentText(mistakes []string) string {
	return "Not sent. " + sentences(mistakes) + " Put that right and complete again."
}

// noteText says why what changed in a list that was sent stays here.
func noteText(mistakes []string) string {
	return "What changed here since is not sent on. " + sentences(mistakes)
}

// pastSentence says that the target date is over.
func pastSentence(target string) string {
	return "The target date " + dayText(target) + " is in the past."
}

func unknownSentence(unknown, suggested []string) string {
	sentence := "Unknown: " + several(unknown) + "."
	if len(suggested) > 0 {
		sentence += " Did you mean " + several(suggested) + "?"
	}
	return sentence
}

func sentences(all []string) string {
	if more := len(all) - maxMistakes; more > 0 {
		all = append(all[:maxMistakes:maxMistakes], "And "+count(more, "more mistake")+".")
	}
	return strings.Join(all, " ")
}

// several puts words in a row.
func several(words []string) string {
	shown := make([]string, 0, maxWords)
	for _, word := range words[:min(len(words), maxWords)] {
		shown = append(shown, cut(word))
	}
	text := strings.Join(shown, ", ")
	if more := len(words) - maxWords; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func quoted(s string) string { return "“" + cut(s) + "”" }

// cut bounds a value that is quoted, and makes one line of it.
func cut(s string) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > maxQuoted {
		return string(runes[:maxQuoted-1]) + "…"
	}
	return string(runes)
}

// count says how many: "1 store", "2 stores".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// dayText writes a Due value for people: "12 May 2027".
func dayText(due string) string {
	day, ok := DayOf(due)
	if !ok {
		return cut(due)
	}
	return dateText(day)
}

func dateText(day time.Time) string { return day.Format("2 January 2006") }
