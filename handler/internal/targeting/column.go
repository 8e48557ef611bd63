package targeting

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits on columns.
const (
	maxAttributes = 50 // columns
	maxValues     = 50 // different ones of an exclusive attribute
	maxBuckets    = 25 // columns
)

// column is what a column of the file means.
type column uint8

const (
	required  column = iota // one of the first three
	exclusive               // "Layout": one value a row
	choice                  // "Departments:Clothing": 0 or 1 a row
	bucket                  // "#Frozen Goods": its cells mean nothing
)

// readColumns checks the first row and reports whether the file's rows can be
// understood.
func (l *linter) readColumns(names []string) bool {
	first := []string{targetName, parentName, teamID}
	if len(names) < len(first) || !slices.Equal(names[:len(first)], first) {
		fix := "Name the first three columns TargetName, ParentName and TeamId, in this order."
		if len(names) > 0 && strings.ContainsAny(names[0], ";\t") {
			fix = "Save the file with commas between the cells."
		}
		l.wrong(1, fix, "the columns are %s", quote(strings.Join(names, ",")))
		return false
	}
	counts, seen := map[column]int{}, map[string]bool{}
	for i, name := range names {
		kind := required
		if i >= len(first) {
			kind = l.readColumn(name)
		}
		if fold := strings.ToLower(name); seen[fold] {
			l.wrong(1, "Rename or delete one of them.", "two columns are called %s", quote(name))
		} else {
			seen[fold] = true
		}
		counts[kind]++
		l.columns = append(l.columns, kind)
	}
	if n := counts[exclusive] + counts[choice]; n > maxAttributes {
		l.wrong(1, "Delete some of them.", "%d columns are attributes, and %d may be", n, maxAttributes)
	}
	if n := counts[bucket]; n > maxBuckets {
		l.wrong(1, "Delete some of them.", "%d columns are buckets, and %d may be", n, maxBuckets)
	}
	return true
}

// readColumn checks the name of a column that need not be there.
func (l *linter) readColumn(name string) column {
	kind := exclusive
	text, isBucket := strings.CutPrefix(name, "#")
	attribute, value, isChoice := strings.Cut(text, ":")
	parts := []string{text}
	switch {
	case isBucket:
		kind = bucket
	case isChoice:
		kind, parts = choice, []string{attribute, value}
	}
	for _, part := range parts {
		bad := strings.ContainsFunc(part, func(r rune) bool { return r != ' ' && !allowed(r) })
		switch {
		case strings.TrimSpace(part) == "":
			l.wrong(1, "Name the column, or delete it.", "column %s has no name", quote(name))
		case bad && isBucket: // Microsoft's own sample has an apostrophe
			l.note(1, "Rename the column if Teams refuses the file.", "column %s has characters other than A-Z, a-z, 0-9 and spaces", quote(name))
		case bad:
			l.wrong(1, "Rename the column.", "column %s has characters other than A-Z, a-z, 0-9 and spaces", quote(name))
		}
	}
	if utf8.RuneCountInString(text) > maxName {
		l.wrong(1, "Shorten it.", "the name of column %s has more than %d characters", quote(name), maxName)
	}
	return kind
}

// checkValues checks the cells of the attributes.
func (l *linter) checkValues() {
	values := make([]map[string]bool, len(l.columns))
	for i := range values {
		values[i] = map[string]bool{}
	}
	for _, e := range l.entries {
		for i, kind := range l.columns {
			cell := e.cells[i]
			switch {
			case cell == "":
			case kind == choice && cell != "0" && cell != "1":
				l.wrong(e.row, "Write 1 if it applies to the row, else 0.", "%s is neither 0 nor 1", quote(cell))
			case kind == exclusive && utf8.RuneCountInString(cell) > maxName:
				l.wrong(e.row, "Shorten it.", "%s has more than %d characters", quote(cell), maxName)
			case kind == exclusive && !values[i][cell]:
				values[i][cell] = true
				if len(values[i]) == maxValues+1 {
					l.wrong(e.row, "Use fewer values.", "%s is one value too many: a column may have %d different ones", quote(cell), maxValues)
				}
			}
		}
	}
}
