package task

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// CancelWord is the title that withdraws a list, given to its Send task.
const CancelWord = "Cancel"

// maxTitle is the longest title Planner takes, in characters.
const maxTitle = 255

// firstYear is the year before which no due date lies: Commerce's "no date" is
// 1900-01-01.
const firstYear = 1900

// ListCard is a task on the communications board.
type ListCard struct {
	ID          string
	Version     string // tells older readings from newer ones, by its bytes
	Values      Values
	CompletedBy org.UserID // zero: not completed, or by an app
	CreatedAt   time.Time
}

// List is what a bucket of the communications board says.
type List struct {
	Send      ListCard   // the task that sends it
	Cancel    bool       // it is titled Cancel
	Words     []string   // the targets, as written
	Target    string     // the target date, as a Due value
	Templates []Template // its tasks, oldest first
	Mistakes  []string   // why it cannot be sent: sentences
}

// IsCommand reports whether a title is the word that sends a list, or the one
// that withdraws it. Case and blanks do not count.
func IsCommand(title, sendWord string) bool {
	return isWord(title, sendWord) || isWord(title, CancelWord)
}

// ReadList reads the tasks of one bucket. It is a list if one of them is titled
// sendWord or Cancel; all the others are then what is to be sent. Their own due
// date counts, or else an offset from the target date on a line of their notes,
// or else the target date.
func ReadList(cards []ListCard, sendWord string) (list List, found bool) {
	var commands, tasks []ListCard
	for _, card := range oldestFirst(cards) {
		if IsCommand(card.Values[Title], sendWord) {
			commands = append(commands, card)
		} else {
			tasks = append(tasks, card)
		}
	}
	if len(commands) == 0 {
		return List{}, false
	}
	list.Send = commands[0]
	list.Cancel = isWord(list.Send.Values[Title], CancelWord)
	if len(commands) > 1 {
		list.mistake("%d tasks are titled %s or %s: keep one.", len(commands), sendWord, CancelWord)
	}
	list.readTarget(sendWord)
	if list.Words = targetWords(list.Send.Values[Instructions]); len(list.Words) == 0 {
		list.mistake("%s says nobody to send to: write names of the hierarchy, store numbers or all into its notes.", sendWord)
	}
	if len(tasks) == 0 {
		list.mistake("The list has no tasks.")
	}
	for _, card := range tasks {
		list.readTemplate(card)
	}
	return list, true
}

// readTarget takes the Send task's due date for the target date.
func (l *List) readTarget(sendWord string) {
	due := l.Send.Values[Due]
	day, ok := DayOf(due)
	switch {
	case due == "":
		l.mistake("%s has no due date, which is the target date.", sendWord)
	case !ok || day.Year() < firstYear:
		l.mistake("%s has a due date that cannot be: %s.", sendWord, quoted(due))
	default:
		l.Target = due
	}
}

// readTemplate takes a task for one that is to be sent.
func (l *List) readTemplate(card ListCard) {
	title := card.Values[Title]
	switch {
	case title == "":
		l.mistake("A task has no title.")
	case utf8.RuneCountInString(title) > maxTitle:
		l.mistake("The title %s is longer than %d characters.", quoted(title), maxTitle)
	}
	instructions, offset, mistake := cutOffset(card.Values[Instructions])
	if mistake != "" {
		l.mistake("%s %s", quoted(title), mistake)
	}
	due := card.Values[Due]
	if target, ok := DayOf(l.Target); ok && due == "" {
		due = target.AddDate(0, 0, offset).Format(time.DateOnly)
	}
	if day, ok := DayOf(due); due != "" && (!ok || day.Year() < firstYear) {
		l.mistake("%s is due before %d: %s.", quoted(title), firstYear, quoted(due))
	}
	l.Templates = append(l.Templates, Template{ID: card.ID, Values: Values{
		Title: title, Instructions: instructions, Due: due, Link: card.Values[Link], Contact: card.Values[Contact],
	}})
}

func (l *List) mistake(format string, args ...any) {
	l.Mistakes = append(l.Mistakes, fmt.Sprintf(format, args...))
}

// oldestFirst sorts cards by when they were made: Planner's own order is not
// read, and nothing depends on it.
func oldestFirst(cards []ListCard) []ListCard {
	return slices.SortedFunc(slices.Values(cards), func(a, b ListCard) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}

func isWord(title, word string) bool {
	return strings.EqualFold(withoutBlanks(title), withoutBlanks(word))
}

func withoutBlanks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
