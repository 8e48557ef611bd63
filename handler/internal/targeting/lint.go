package targeting

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

const (
	// maxFile bounds what is read of a file: full rows of every column that is
	// allowed come to less in any file that people have made.
	maxFile = 16 << 20

	// maxProblems bounds what is said of one file. Who has more has a cause in
	// common to find among the first.
	maxProblems = 1000
)

// Lint checks a file that was edited by hand, or that Commerce made. Rows are
// numbered as spreadsheets do, the columns' names being row 1.
//
// The error is for a file that cannot be read: one of the reader's, or a
// fault.Invalid for a file of more than 16 MiB. Whatever a file says is a
// problem, and no error.
func Lint(r io.Reader) ([]Problem, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("targeting: read the file: %w", err)
	}
	if len(text) > maxFile {
		return nil, fault.Newf(fault.Invalid, "targeting: read the file", "it is larger than %d MiB", maxFile>>20)
	}
	l := &linter{byName: map[string]*entry{}}
	if !utf8.Valid(text) {
		l.wrong(0, "Save it as \"CSV UTF-8 (comma delimited)\".", "the file is not UTF-8")
		return l.result(), nil
	}
	if whole := l.read(bytes.TrimPrefix(text, []byte("\ufeff"))); whole {
		l.checkRows()
	}
	return l.result(), nil
}

// entry is a row of a file.
type entry struct {
	row     int
	cells   []string
	name    string
	parents []*entry // those that exist
	below   bool     // some row has it for a parent
}

func (e *entry) parent() string { return e.cells[1] }
func (e *entry) team() string   { return e.cells[2] }

type linter struct {
	columns  []column
	entries  []*entry
	byName   map[string]*entry
	problems []rowProblem
	more     int // problems beyond maxProblems
}

type rowProblem struct {
	row int // 0: the file as a whole
	Problem
}

func (l *linter) add(level Level, row int, fix, format string, args ...any) {
	if len(l.problems) >= maxProblems {
		l.more++
		return
	}
	subject := "file"
	if row > 0 {
		subject = fmt.Sprintf("row %d", row)
	}
	l.problems = append(l.problems, rowProblem{row, Problem{Level: level, Subject: subject, Text: fmt.Sprintf(format, args...), Fix: fix}})
}

func (l *linter) wrong(row int, fix, format string, args ...any) {
	l.add(Wrong, row, fix, format, args...)
}

func (l *linter) note(row int, fix, format string, args ...any) {
	l.add(Note, row, fix, format, args...)
}

// result lists the problems by row.
func (l *linter) result() []Problem {
	slices.SortStableFunc(l.problems, func(a, b rowProblem) int { return cmp.Compare(a.row, b.row) })
	problems := make([]Problem, 0, len(l.problems)+1)
	for _, p := range l.problems {
		problems = append(problems, p.Problem)
	}
	if l.more > 0 {
		problems = append(problems, Problem{
			Level: Wrong, Subject: "file", Text: fmt.Sprintf("there are %d more problems", l.more), Fix: "Correct these, and check the file again.",
		})
	}
	return problems
}

// read takes the file apart and reports whether all of it was understood: what
// rows say of each other is worth checking only then.
func (l *linter) read(text []byte) (whole bool) {
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = -1 // Microsoft's own samples have short rows
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return l.complete()
		}
		if err != nil {
			row := 0
			if malformed := (*csv.ParseError)(nil); errors.As(err, &malformed) {
				row, err = malformed.StartLine, malformed.Err
			}
			l.wrong(row, "Put a cell that has a quote or a comma in it between quotes, and write its own quotes twice.",
				"the row cannot be taken apart: %v", err)
			return false
		}
		row, _ := reader.FieldPos(0)
		switch {
		case l.columns == nil:
			if !l.readColumns(cells) {
				return false
			}
		case len(l.entries) == maxNodes:
			l.wrong(row, "Split the hierarchy, or ask Microsoft to raise the limit for the tenant.", "Teams takes %d rows at most; the rest was not looked at", maxNodes)
			return false
		default:
			l.readRow(row, cells)
		}
	}
}

// complete reports whether the file has rows at all.
func (l *linter) complete() bool {
	if len(l.entries) == 0 {
		l.wrong(0, "Export the hierarchy anew.", "the file has no rows")
	}
	return len(l.entries) > 0
}

// readRow takes a row in. Rows of empty cells, which spreadsheets leave at the
// end, count for nothing.
func (l *linter) readRow(row int, cells []string) {
	if strings.Join(cells, "") == "" {
		l.note(row, "Delete it.", "the row is empty")
		return
	}
	for i := len(l.columns); i < len(cells); i++ {
		if cells[i] != "" {
			l.wrong(row, "Put a name with a comma in it between quotes, or delete the cell.", "%s is in no column", quote(cells[i]))
		}
	}
	for len(cells) < len(l.columns) {
		cells = append(cells, "")
	}
	e := &entry{row: row, cells: cells, name: cells[0]}
	l.entries = append(l.entries, e)
}

// quote shows what a cell says, as far as it is short.
func quote(cell string) string {
	const shown = 60
	if runes := []rune(cell); len(runes) > shown {
		cell = string(runes[:shown]) + "..."
	}
	return fmt.Sprintf("%q", cell)
}
