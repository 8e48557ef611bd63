package main

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// figures is what was measured. Sizes are in bytes.
type figures struct {
	options   options
	runs      []run
	questions []question
	teams     int
	ledger    int64 // the file; 0 in Table Storage

	chores []chore

	postings    []posting
	validations []validation

	start, helloStart    time.Duration
	binary, helloBinary  int64
	coldBuild, warmBuild time.Duration // 0: not asked for
}

// write writes the figures in Markdown.
func (f *figures) write(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s stores of %s workers, %s teams; %s/%s, %d processors, %s, simulators on the same machine.\n\n%s\n%s\n%s\n%s\n%s",
		thousands(f.options.stores), thousands(f.options.workers), thousands(f.teams),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), f.runTable(), f.questionTable(), f.choreTable(), f.noticeTable(), f.programTable())
	return err
}

// runTable has a column for each run.
func (f *figures) runTable() table {
	var t table
	line := func(title string, cell func(*run) string) {
		cells := []string{title}
		for i := range f.runs {
			cells = append(cells, cell(&f.runs[i]))
		}
		t = append(t, cells)
	}
	line("", func(r *run) string { return r.title })
	line("changes done", func(r *run) string { return thousands(sum(r.record.Done)) })
	line("changes failed or put off", func(r *run) string { return thousands(sum(r.record.Failed) + r.record.Waiting) })
	line("time by the clock", func(r *run) string { return seconds(r.wall()) })
	line("processor time", func(r *run) string { return seconds(r.usage.processor) })
	line("peak memory", func(r *run) string { return mebibytes(r.usage.peak) })
	line("Commerce requests", func(r *run) string { return thousands(sum(r.record.CommerceCalls)) })
	line("Graph requests", func(r *run) string { return thousands(sum(r.record.GraphCalls)) })
	line("Graph requests a store", func(r *run) string {
		return fmt.Sprintf("%.2f", float64(sum(r.record.GraphCalls))/float64(max(1, r.record.Stores)))
	})
	for _, class := range f.classes() {
		line("`"+class+"`", func(r *run) string { return thousands(r.record.GraphCalls[class]) })
	}
	return t
}

// questionTable has a row for each question. The processor time and the memory
// are those of the handler that answers; the command's own are small.
func (f *figures) questionTable() table {
	t := table{{"", "time by the clock", "processor time", "peak memory", "shown"}}
	for _, q := range f.questions {
		t = append(t, []string{q.title, seconds(q.wall), seconds(q.usage.processor), mebibytes(q.usage.peak), mebibytes(int64(q.shown))})
	}
	return t
}

// choreTable has a row for each thing that happens to tasks.
func (f *figures) choreTable() table {
	t := table{{"tasks", "time by the clock", "processor time", "peak memory", "Graph requests", "Commerce requests", "Graph requests a task"}}
	for _, c := range f.chores {
		each := ""
		if c.tasks > 0 {
			each = fmt.Sprintf("%.2f", float64(c.graph)/float64(c.tasks))
		}
		t = append(t, []string{c.title, seconds(c.wall), seconds(c.usage.processor), mebibytes(c.usage.peak), thousands(c.graph), thousands(c.commerce), each})
	}
	return t
}

// noticeTable has a line for each program and size of a body.
func (f *figures) noticeTable() table {
	t := table{{"notifications", "items a body", "bodies a second", "items a second", "median", "99 %", "longest", "peak memory"}}
	for _, p := range f.postings {
		t = append(t, []string{
			p.who, thousands(p.items), thousands(p.bodies), thousands(p.bodies * p.items),
			milliseconds(p.p50), milliseconds(p.p99), milliseconds(p.max), mebibytes(p.peak),
		})
	}
	for _, v := range f.validations {
		t = append(t, []string{v.who + ", from its start to its first validation", "", "", "", milliseconds(v.took), "", "", ""})
	}
	return t
}

// classes lists the classes of Graph requests in any run, sorted by path.
func (f *figures) classes() []string {
	all := map[string]bool{}
	for _, r := range f.runs {
		for class := range r.record.GraphCalls {
			all[class] = true
		}
	}
	byPath := func(class string) string {
		method, path, _ := strings.Cut(class, " ")
		return path + " " + method
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b string) int { return strings.Compare(byPath(a), byPath(b)) })
}

// programTable is about the program, whatever it runs on.
func (f *figures) programTable() table {
	t := table{
		{"", "handler", "net/http alone"},
		{fmt.Sprintf("start to first answer, median of %d", starts), milliseconds(f.start), milliseconds(f.helloStart)},
		{"binary", mebibytes(f.binary), mebibytes(f.helloBinary)},
	}
	if f.ledger > 0 {
		t = append(t, []string{"ledger's file", mebibytes(f.ledger), ""})
	}
	if f.coldBuild > 0 {
		t = append(t, []string{"build from nothing", seconds(f.coldBuild), ""},
			[]string{"build after a change of main.go", seconds(f.warmBuild), ""})
	}
	return t
}

// table is rows of cells, as many in each; the first row is the heading.
type table [][]string

// String writes a table in Markdown, aligned so that it can be read as it is:
// titles to the left, figures to the right.
func (t table) String() string {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var out strings.Builder
	for n, row := range t {
		for i, cell := range row {
			width := widths[i]
			if i == 0 {
				width = -width
			}
			fmt.Fprintf(&out, "| %*s ", width, cell)
		}
		out.WriteString("|\n")
		if n > 0 {
			continue
		}
		for i, width := range widths {
			border := ":"
			if i == 0 {
				border = "-"
			}
			out.WriteString("|" + strings.Repeat("-", width+1) + border)
		}
		out.WriteString("|\n")
	}
	return out.String()
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// thousands writes a number with commas: 51,010.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
