package task

import (
	"fmt"
	"strings"
)

// Rule says who wins a field when both sides moved.
type Rule uint8

// The rules.
const (
	// Further: the status further along wins. A lone step back counts if its side
	// had shown the agreed status before.
	Further Rule = iota
	// TeamsWins: what people do on the board wins.
	TeamsWins
	// OriginWins: where the task came from wins: home for tasks that came from
	// Commerce or a list, Teams for a store's own.
	OriginWins
)

// String says the rule to people.
func (r Rule) String() string {
	switch r {
	case Further:
		return "the further along: completed, then in progress, then not started"
	case TeamsWins:
		return "Teams"
	default:
		return "where the task came from: Commerce or the list; Teams for a store's own"
	}
}

// Row is a line of the matrix.
type Row struct {
	Field Field
	Rule  Rule
}

// rules is the matrix, by field: the one place that says who wins.
var rules = [fieldCount]Rule{
	Status:       Further,
	Assignees:    TeamsWins,
	Progress:     TeamsWins,
	Title:        OriginWins,
	Instructions: OriginWins,
	Due:          OriginWins,
	Link:         OriginWins,
	Contact:      OriginWins,
}

// Matrix returns who wins each field when both sides moved, in the order of the
// fields.
func Matrix() []Row {
	rows := make([]Row, 0, fieldCount)
	for f, rule := range rules {
		rows = append(rows, Row{Field(f), rule})
	}
	return rows
}

// MatrixTable returns the matrix as a table in Markdown, for the README. It ends
// with a line break.
func MatrixTable() string {
	var b strings.Builder
	b.WriteString("| field | who wins when both sides changed it |\n|---|---|\n")
	for _, row := range Matrix() {
		fmt.Fprintf(&b, "| %s | %s |\n", row.Field, row.Rule)
	}
	return b.String()
}

// winner returns the side that a rule other than Further favours.
func (r Rule) winner(origin Origin) Side {
	if r == TeamsWins || origin == FromTeams {
		return Teams
	}
	return Home
}
