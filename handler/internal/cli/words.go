package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// page is an answer in words, on its way to the operator.
type page struct{ bytes.Buffer }

func (p *page) line(format string, args ...any) {
	fmt.Fprintf(p, format, args...) // memory takes everything
	p.WriteByte('\n')
}

// table writes rows in columns, the first row as their heads.
func (p *page) table(rows [][]string) {
	w := tabwriter.NewWriter(p, 0, 0, 2, ' ', 0)
	for i, row := range rows {
		text := strings.Join(row, "\t")
		if i == 0 {
			text = strings.ToUpper(text)
		}
		fmt.Fprintln(w, text)
	}
	_ = w.Flush() // to memory
}

// teamName names a team for people: "communications" or "store 000101". The
// app's short keys are "c" and "s/000101"; anything else is a name already.
func teamName(key string) string {
	if number, isStore := strings.CutPrefix(key, "s/"); isStore {
		return "store " + number
	}
	if key == "c" {
		return "communications"
	}
	return key
}

// storeOf returns the store's number if the team is a store's.
func storeOf(team string) string {
	number, _ := strings.CutPrefix(teamName(team), "store ")
	if number == teamName(team) {
		return ""
	}
	return number
}

// when writes an instant for people, "never" for none.
func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// number writes a count of things.
func number(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return thousands(n) + " " + thing + "s"
}

// thousands writes a number with commas between groups of three digits.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	from := 0
	if n < 0 {
		from = 1
	}
	for i := len(digits) - 3; i > from; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// about writes a time nobody needs exactly.
func about(d time.Duration) string {
	switch {
	case d < time.Minute:
		return number(int(max(d.Round(time.Second), time.Second)/time.Second), "second")
	case d < 2*time.Hour:
		return number(int(d.Round(time.Minute)/time.Minute), "minute")
	}
	return number(int(d.Round(time.Hour)/time.Hour), "hour")
}

// tally writes counts by name, the largest first.
func tally(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = name + " " + thousands(counts[name])
	}
	return strings.Join(names, ", ")
}

// cause is what went wrong with a request, without the request.
func cause(err error) string {
	var sent *url.Error
	if errors.As(err, &sent) {
		err = sent.Err
	}
	return firstLine(err)
}

// firstLine shortens errors of libraries that write essays.
func firstLine(err error) string {
	text, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return text
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}
