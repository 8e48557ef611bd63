package commerce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// cell is one attribute of the row being decoded, in JSON. The next row uses
// the memory again: a chain serves millions of rows, and most of what is in
// them is looked at and dropped.
type cell struct {
	attribute string
	json      []byte // empty: the row does not have the attribute
}

// UnmarshalJSON implements json.Unmarshaler. It takes anything, so that one odd
// attribute does not hide from which row it is.
func (c *cell) UnmarshalJSON(data []byte) error {
	c.json = append(c.json[:0], data...)
	return nil
}

// empty reports whether the cell has no value: null or not there.
func (c *cell) empty() bool { return len(c.json) == 0 || c.json[0] == 'n' }

// decoder makes values of a row's cells. It is lenient with spellings (a number
// where text is expected, Yes or true or 1) and remembers the first thing that
// it cannot read: the row is then left out. Problems never quote a value other
// than a key, since values can be about people.
type decoder struct {
	report  *report
	strings map[string]string // repeated texts, each kept once

	keys    []string
	keyless bool   // a key was empty: keys do not name the row
	problem string // empty: the row can be read
	skipped bool   // the row is none of ours

	// Whom the row is about, as far as it says so.
	personnel org.PersonnelNumber
	number    org.StoreNumber
	place     string // the channel
}

// begin forgets the last row.
func (d *decoder) begin() {
	d.keys, d.keyless, d.problem, d.skipped = d.keys[:0], false, "", false
	d.personnel, d.number, d.place = "", "", ""
}

// skip leaves the row out without a word.
func (d *decoder) skip() { d.skipped = true }

// expected notes what a cell should have been.
func (d *decoder) expected(c *cell, what string) {
	if d.problem == "" {
		d.problem = c.attribute + ": expected " + what
	}
}

// worker notes that the row is about that worker: what may not be concluded
// without the row is then about nobody else.
func (d *decoder) worker(number string) org.PersonnelNumber {
	d.personnel = org.PersonnelNumber(number)
	return d.personnel
}

// store notes the same of a store.
func (d *decoder) store(number string) org.StoreNumber {
	d.number = org.StoreNumber(number)
	return d.number
}

// channel notes the same of the store with that channel.
func (d *decoder) channel(id string) string {
	d.place = id
	return id
}

// bad describes the row, the position of which counts from 1, as one that is left out.
func (d *decoder) bad(position int) org.BadRow {
	return org.BadRow{
		Collection: d.report.collection, Row: d.name(position), Problem: d.problem,
		Worker: d.personnel, Store: d.number, Channel: d.place,
	}
}

// name tells a row apart for people: by its keys or else by its position, counted from 1.
func (d *decoder) name(position int) string {
	if d.keyless || len(d.keys) == 0 {
		return fmt.Sprintf("row %d", position)
	}
	return short(strings.Join(d.keys, "/"))
}

// text reads a text without the blanks around it. Null is empty.
func (d *decoder) text(c *cell) string { return string(d.content(c)) }

// repeated is text for attributes that have few different values in many rows.
func (d *decoder) repeated(c *cell) string {
	content := d.content(c)
	if s, ok := d.strings[string(content)]; ok {
		return s
	}
	s := string(content)
	d.strings[s] = s
	return s
}

// key is text that must not be empty.
func (d *decoder) key(c *cell) string { return d.asKey(c, d.text(c)) }

// repeatedKey is repeated text that must not be empty.
func (d *decoder) repeatedKey(c *cell) string { return d.asKey(c, d.repeated(c)) }

func (d *decoder) asKey(c *cell, s string) string {
	if s == "" {
		d.keyless = true
		d.expected(c, "a value, it is part of the row's key")
	}
	d.keys = append(d.keys, s)
	return s
}

// content returns a cell's text, valid until the next row. Numbers are taken as
// they are written: some versions serve record ids and personnel numbers so.
func (d *decoder) content(c *cell) []byte {
	if c.empty() {
		return nil
	}
	switch c.json[0] {
	case '"':
		quoted := c.json[1 : len(c.json)-1]
		if bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted) {
			return bytes.TrimSpace(quoted)
		}
		var s string
		if err := json.Unmarshal(c.json, &s); err == nil {
			return bytes.TrimSpace([]byte(s))
		}
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return c.json
	}
	d.expected(c, "a text")
	return nil
}

// flag reads a NoYes enum. F&O serves its members' names; Boolean attributes
// and older services true and false, or 1 and 0.
func (d *decoder) flag(c *cell) org.Flag {
	if c.empty() {
		return org.Unknown
	}
	value := c.json
	if c.json[0] != 't' && c.json[0] != 'f' {
		value = d.content(c)
	}
	switch s := strings.ToLower(string(value)); s {
	case "yes", "true", "1":
		return org.Yes
	case "no", "false", "0":
		return org.No
	case "": // no value, or no text and noted as such
	default:
		d.report.addUnknown(c.attribute, string(value))
	}
	return org.Unknown
}

// F&O has no null date and no open end. It writes 1900-01-01 for the one and
// 2154-12-31 for the other, moved by a time zone here and there.
var (
	afterNone = time.Date(1900, 1, 3, 0, 0, 0, 0, time.UTC)
	never     = time.Date(2154, 12, 31, 0, 0, 0, 0, time.UTC)
)

// date reads a date or a time in RFC 3339, in UTC if it does not state a zone.
// No date and the dates that mean none or never are the zero time.
func (d *decoder) date(c *cell) time.Time {
	if c.empty() {
		return time.Time{}
	}
	if c.json[0] != '"' {
		d.expected(c, "a date")
		return time.Time{}
	}
	s := string(d.content(c))
	if s == "" {
		return time.Time{}
	}
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		t, err := time.Parse(layout, s)
		switch {
		case err != nil:
		case t.Before(afterNone), !t.Before(never):
			return time.Time{}
		default:
			return t.UTC()
		}
	}
	d.expected(c, "a date")
	return time.Time{}
}

// short cuts what a server wrote to a length that lists can bear.
func short(s string) string {
	const limit = 100
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
