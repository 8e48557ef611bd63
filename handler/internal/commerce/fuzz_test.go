package commerce

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// anyRow has every way to read a cell.
type anyRow struct {
	Channel cell `json:"RetailChannelId"`
	Worker  cell `json:"PersonnelNumber"`
	Active  cell `json:"IsActive"`
	From    cell `json:"ValidFrom"`
	To      cell `json:"ValidTo"`
}

type anyValue struct {
	channel, worker string
	from, to        time.Time
}

func (r *anyRow) decode(d *decoder) anyValue {
	d.flag(&r.Active)
	return anyValue{d.repeatedKey(&r.Channel), d.key(&r.Worker), d.date(&r.From), d.date(&r.To)}
}

// FuzzDecodePage compares the walk through a page with encoding/json's reading
// of the whole: the same pages are refused, no row is lost or made up.
func FuzzDecodePage(f *testing.F) {
	f.Fuzz(func(t *testing.T, page []byte) {
		r := newReader("RetailChannelWorkers", (*anyRow).decode)
		next, err := decodePage(bytes.NewReader(page), r.element)
		if err != nil {
			if !fault.Is(err, fault.Incomplete) {
				t.Fatalf("error %v, want Incomplete", err)
			}
			if elements, ok := wholePage(page); ok && !mayBeRefused(page) {
				t.Fatalf("refused a page of %d rows: %v", elements, err)
			}
			return
		}
		elements, ok := wholePage(page)
		if !ok || elements != r.report.rows {
			t.Fatalf("read %d rows and the link %q; json finds %d rows in a page (%v)", r.report.rows, next, elements, ok)
		}
		if found := len(r.decoded) + len(r.report.bad) + r.report.unlisted; found != elements {
			t.Fatalf("%d rows decoded or bad of %d", found, elements)
		}
		for _, v := range r.decoded {
			checkValue(t, v)
		}
		for _, bad := range r.report.bad {
			if bad.Row == "" || bad.Problem == "" || !utf8.ValidString(bad.Row) {
				t.Errorf("bad row %q is not told", bad)
			}
		}
	})
}

// mayBeRefused reports whether a page that json reads could still be none: it
// may have two values, or a link that is no text.
func mayBeRefused(page []byte) bool {
	return bytes.Count(page, []byte("value")) > 1 || bytes.Contains(page, []byte("nextLink")) || bytes.Contains(page, []byte(`\u`))
}

func checkValue(t *testing.T, v anyValue) {
	t.Helper()
	for _, s := range []string{v.channel, v.worker} {
		if s == "" || s != strings.TrimSpace(s) || !utf8.ValidString(s) {
			t.Errorf("key %q is empty, not trimmed or no text", s)
		}
	}
	for _, at := range []time.Time{v.from, v.to} {
		if !at.IsZero() && (at.Before(afterNone) || !at.Before(never)) {
			t.Errorf("date %v means none or never", at)
		}
	}
}

// wholePage counts the elements of a page's value array, if it is a page.
func wholePage(page []byte) (elements int, ok bool) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(page, &members); err != nil || members == nil {
		return 0, false
	}
	var value []json.RawMessage
	if err := json.Unmarshal(members["value"], &value); err != nil || value == nil {
		return 0, false
	}
	return len(value), true
}
