package targeting_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/targeting"
)

const header = "TargetName,ParentName,TeamId"

// lines makes a file below the header of the columns that have to be there.
func lines(rows ...string) string { return header + "\n" + strings.Join(rows, "\n") + "\n" }

// linked is a row with a team.
func linked(name, parent string, n int) string {
	return fmt.Sprintf("%s,%s,%s", name, parent, group(n))
}

func lint(t *testing.T, text string) []targeting.Problem {
	t.Helper()
	problems, err := targeting.Lint(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

func TestLint(t *testing.T) {
	top, long := linked("Top", "", 1), strings.Repeat("x", 101)
	roots := func(n int) (rows []string, parents string) {
		var names []string
		for i := range n {
			rows = append(rows, linked(fmt.Sprintf("Root %d", i), "", i+100))
			names = append(names, fmt.Sprintf("Root %d", i))
		}
		return rows, strings.Join(names, ";")
	}
	fewRoots, fewParents := roots(25)
	manyRoots, manyParents := roots(26)
	columns := func(prefix string, n int) string {
		text := header
		for i := range n {
			text += fmt.Sprintf(",%s%d", prefix, i)
		}
		return text + "\n" + top + "\n"
	}
	values := func(n int) string {
		rows := []string{header + ",Layout"}
		for i := range n {
			rows = append(rows, fmt.Sprintf("%s,Value %d", linked(fmt.Sprintf("Shop %d", i), "", i+1), i))
		}
		return strings.Join(rows, "\n")
	}
	for name, c := range map[string]struct {
		file string
		want []string // level, subject and part of the text of each problem, in order
	}{
		"fine":                     {lines(top, linked("Shop", "Top", 2)), nil},
		"a mark at the beginning":  {"\ufeff" + lines(top), nil},
		"lines ended by CRLF":      {strings.ReplaceAll(lines(top, linked("Shop", "Top", 2)), "\n", "\r\n"), nil},
		"ids in capitals":          {lines(strings.ToUpper(top)), nil},
		"children before parents":  {lines(linked("Shop", "Top", 2), top), nil},
		"a node that only groups":  {lines(top, "Mid,Top,", linked("Shop", "Mid", 2)), nil},
		"25 roots as parents":      {lines(append(fewRoots, linked("Shop", fewParents, 1))...), nil},
		"attributes and buckets":   {header + ",Layout,Departments:Clothing,#Frozen Goods\n" + top + ",Large,1,\n", nil},
		"short rows":               {header + ",A:B,#C\n" + top + ",0\n", nil},
		"50 attributes":            {columns("A:", 50), nil},
		"25 buckets":               {columns("#B", 25), nil},
		"50 values":                {values(50), nil},
		"nothing":                  {"", []string{"wrong file: the file has no rows"}},
		"columns only":             {header, []string{"wrong file: the file has no rows"}},
		"not UTF-8":                {header + "\nCaf\xe9,,\n", []string{"wrong file: the file is not UTF-8"}},
		"UTF-16":                   {"\xff\xfeT\x00a\x00", []string{"wrong file: the file is not UTF-8"}},
		"other columns":            {"DisplayName,ParentName,TeamId\n" + top, []string{`wrong row 1: the columns are "DisplayName,ParentName,TeamId"`}},
		"too few columns":          {"TargetName,ParentName\nTop,\n", []string{"wrong row 1: the columns are"}},
		"semicolons":               {strings.ReplaceAll(lines(top), ",", ";"), []string{"wrong row 1: the columns are"}},
		"a broken quote":           {lines(top, `"Shop,Top,`), []string{"wrong row 3: the row cannot be taken apart"}},
		"no name":                  {lines(linked("", "", 1)), []string{"wrong row 2: TargetName is empty"}},
		"a name of spaces":         {lines(linked("  ", "", 1)), []string{"wrong row 2: TargetName is empty"}},
		"other characters":         {lines(linked("Café", "", 1)), []string{`wrong row 2: "Café" has characters other than`}},
		"a space at the end":       {lines(linked("Shop ", "", 1)), []string{`note row 2: "Shop " begins or ends with a space`}},
		"over-long":                {lines(linked(long, "", 1)), []string{"has 101 characters, and 100 may be"}},
		"100 are not":              {lines(linked(long[1:], "", 1)), nil},
		"two of one name":          {lines(top, linked("Top", "", 2)), []string{`wrong row 3: "Top" is the name of row 2 too`}},
		"but for case":             {lines(top, linked("TOP", "", 2)), []string{`note row 3: "TOP" differs from the name of row 2 only in case`}},
		"unknown parent":           {lines(top, linked("Shop", "Tip", 2)), []string{`wrong row 3: no row is called "Tip"`}},
		"nearly a parent":          {lines(linked("New Jersey", "", 1), linked("Shop", "newjersey", 2)), []string{`wrong row 3: no row is called "newjersey"; row 2 is called "New Jersey"`}},
		"a space before a parent":  {lines(top, linked("Shop", " Top", 2)), []string{`wrong row 3: no row is called " Top"; row 2 is called "Top"`}},
		"a parent twice":           {lines(top, linked("Shop", "Top;Top", 2)), []string{`wrong row 3: "Top" is named as a parent twice`}},
		"a semicolon too many":     {lines(top, linked("Shop", "Top;", 2)), []string{"wrong row 3: a parent has no name"}},
		"26 parents":               {lines(append(manyRoots, linked("Shop", manyParents, 1))...), []string{"wrong row 28: it has 26 parents, and 25 may be"}},
		"two parents, one no root": {lines(top, linked("Mid", "Top", 2), linked("Shop", "Top;Mid", 3)), []string{`wrong row 4: it has several parents, and "Mid" is no root`}},
		"its own parent":           {lines(linked("Top", "Top", 1)), []string{`wrong row 2: its parent "Top" is below it: "Top < Top"`}},
		"a circle":                 {lines(linked("A", "C", 1), linked("B", "A", 2), linked("C", "B", 3)), []string{`its parent "A" is below it: "A < C < B < A"`}},
		"below a circle":           {lines(linked("Shop", "A", 3), linked("A", "B", 1), linked("B", "A", 2)), []string{`its parent "A" is below it: "A < B < A"`}},
		"a leaf without a team":    {lines(top, "Shop,Top,"), []string{`wrong row 3: nothing is below "Shop" and it has no TeamId`}},
		"a root without a team":    {lines("Top,,", linked("Shop", "Top", 2)), []string{`note row 2: "Top" is a root and has no TeamId`}},
		"no GUID":                  {lines("Top,,19:abc@thread.tacv2"), []string{`wrong row 2: TeamId "19:abc@thread.tacv2" is no group id`}},
		"a GUID in braces":         {lines("Top,,{" + string(group(1)) + "}"), []string{"is no group id"}},
		"the zero GUID":            {lines("Top,,00000000-0000-0000-0000-000000000000"), []string{"is no group id"}},
		"a team twice":             {lines(top, strings.ToUpper(linked("Shop", "", 1))), []string{"wrong row 3: the team is linked to row 2 too"}},
		"an empty row":             {lines(top, ",,"), []string{"note row 3: the row is empty"}},
		"a blank line":             {lines(top, "", "Shop,Top,"), []string{`wrong row 4: nothing is below "Shop"`}},
		"a cell in no column":      {lines(top + ",more"), []string{`wrong row 2: "more" is in no column`}},
		"empty cells in none":      {lines(top + ",,"), nil},
		"a column without a name":  {header + ",\n" + top, []string{`wrong row 1: column "" has no name`}},
		"half a column":            {header + ",A:\n" + top, []string{`wrong row 1: column "A:" has no name`}},
		"two of one column":        {header + ",A:B,a:b\n" + top, []string{`wrong row 1: two columns are called "a:b"`}},
		"an odd column":            {header + ",Größe\n" + top, []string{`wrong row 1: column "Größe" has characters other than`}},
		"an odd bucket":            {header + ",#Women's Wear\n" + top, []string{`note row 1: column "#Women's Wear" has characters other than`}},
		"an over-long column":      {header + ",#" + long + "\n" + top, []string{"has more than 100 characters"}},
		"51 attributes":            {columns("A", 51), []string{"wrong row 1: 51 columns are attributes, and 50 may be"}},
		"26 buckets":               {columns("#B", 26), []string{"wrong row 1: 26 columns are buckets, and 25 may be"}},
		"neither 0 nor 1":          {header + ",A:B\n" + top + ",yes\n", []string{`wrong row 2: "yes" is neither 0 nor 1`}},
		"51 values":                {values(51), []string{`wrong row 52: "Value 50" is one value too many`}},
		"an over-long value":       {header + ",Layout\n" + top + "," + long + "\n", []string{"has more than 100 characters"}},
	} {
		t.Run(name, func(t *testing.T) {
			problems := lint(t, c.file)
			if len(problems) != len(c.want) {
				t.Fatalf("problems %+v, want %d", problems, len(c.want))
			}
			for i, p := range problems {
				if got := fmt.Sprintf("%s %s: %s", p.Level, p.Subject, p.Text); !strings.Contains(got, c.want[i]) || p.Fix == "" {
					t.Errorf("problem %q, fix %q; want %q", got, p.Fix, c.want[i])
				}
			}
		})
	}
}

// Problems come by row, and not without end.
func TestManyProblems(t *testing.T) {
	rows := []string{header}
	for range 1500 {
		rows = append(rows, "A,Nobody,nonsense")
	}
	problems := lint(t, strings.Join(rows, "\n"))
	if len(problems) != 1001 {
		t.Fatalf("%d problems", len(problems))
	}
	if last := problems[1000]; last.Subject != "file" || last.Text != fmt.Sprintf("there are %d more problems", 3*1500-1-1000) {
		t.Errorf("the last is %+v", last)
	}
	numbers := make([]int, 1000)
	for i, p := range problems[:1000] {
		if _, err := fmt.Sscanf(p.Subject, "row %d", &numbers[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.IsSorted(numbers) {
		t.Errorf("rows %v", numbers)
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	if _, err := targeting.Lint(iotest.ErrReader(errFull)); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	endless := io.LimitReader(zeros{}, 16<<20+1)
	if _, err := targeting.Lint(endless); !fault.Is(err, fault.Invalid) {
		t.Errorf("of a file of more than 16 MiB: %v", err)
	}
}

// zeros is a file of a digit only.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// Whatever a file has in it, it is checked: every problem can be acted on, and
// checking again says the same.
func FuzzLint(f *testing.F) {
	for _, seed := range []string{
		"", header, lines(linked("Top", "", 1), linked("Shop", "Top", 2)), lines(linked("A", "B", 1), linked("B", "A;A;", 2)),
		header + ",Layout,A:B,#C\n" + linked("Top", "", 1) + ",x,1,\n", "\ufeff" + header + "\r\nA,,\r\n", lines(`"A`), strings.ReplaceAll(header, ",", ";"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		problems := lint(t, string(text))
		for _, p := range problems {
			if p.Fix == "" || p.Text == "" || p.Subject == "" || p.Level != targeting.Wrong && p.Level != targeting.Note {
				t.Errorf("problem %+v", p)
			}
		}
		if again := lint(t, string(text)); !slices.Equal(again, problems) {
			t.Errorf("problems %+v, and then %+v", problems, again)
		}
	})
}
