package explain

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

const (
	lineWidth = 100 // columns
	maxName   = 44  // columns of a fact's name beside its value; under a longer one the value begins a line
	indent    = "   "
)

// WriteText writes the explanation for a terminal: the verdict first, then the
// steps with their values. Characters that a terminal would act on are replaced:
// some of the values were typed by people.
func (e Explanation) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	writeWrapped(b, "", "", e.Verdict)
	for i, step := range e.Steps {
		fmt.Fprintf(b, "\n%d. %s\n", i+1, step.Title)
		column := nameColumn(step.Facts)
		for _, fact := range step.Facts {
			writeFact(b, fact, column)
		}
		writeWrapped(b, indent+"=> ", indent+indent, step.Result)
	}
	return b.Flush()
}

// nameColumn is how wide the names of some facts are, as far as they are short.
func nameColumn(facts []Fact) int {
	column := 0
	for _, f := range facts {
		if width := uniseg.StringWidth(printable(f.Name)); width <= maxName {
			column = max(column, width)
		}
	}
	return column
}

func writeFact(b *bufio.Writer, f Fact, column int) {
	name := printable(f.Name)
	hanging := indent + strings.Repeat(" ", column+2)
	padding := column - uniseg.StringWidth(name)
	if padding < 0 {
		fmt.Fprintln(b, indent+name)
		writeWrapped(b, hanging, hanging, f.Value)
		return
	}
	writeWrapped(b, indent+name+strings.Repeat(" ", padding+2), hanging, f.Value)
}

// writeWrapped writes words into lines: the first begins with first, the others
// with rest. A word that is longer than a line is not broken.
func writeWrapped(b *bufio.Writer, first, rest, text string) {
	line, begun := first, false
	for _, word := range strings.Fields(printable(text)) {
		if begun && uniseg.StringWidth(line)+1+uniseg.StringWidth(word) > lineWidth {
			fmt.Fprintln(b, line)
			line, begun = rest, false
		}
		if begun {
			line += " "
		}
		line, begun = line+word, true
	}
	fmt.Fprintln(b, strings.TrimRight(line, " "))
}

// printable replaces what does not print: escape sequences in a name must not
// reach a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
