package simcommerce

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// attribute is a column of a collection.
type attribute struct {
	name   string
	kind   kind
	hidden bool // not served: another collection of the same rows has it
}

// table is a collection and its rows at one moment. It is never changed once
// the environment holds it: a write replaces it. So a reader needs the lock
// only to pick it up.
type table struct {
	name       string
	keys       int            // the first attributes are the key
	attributes []attribute    // in the order served
	position   map[string]int // attribute name → index in attributes
	rows       []*row
	tag        string // part of every ETag: collections of the same rows differ in it
}

// row is one row: the cells it states, by position, and nothing else. Most
// attributes of an F&O row are empty. Rows are never changed either.
type row struct {
	cells   []cell
	version uint64 // behind the ETag; no two rows of an environment share one
}

// cell is a stated value, as raw JSON.
type cell struct {
	at  int
	raw json.RawMessage
}

// companyAttribute says which company a row belongs to.
const companyAttribute = "dataAreaId"

// compareText orders texts as F&O's database does: without case.
func compareText(a, b string) int {
	return cmp.Compare(strings.ToLower(a), strings.ToLower(b))
}

// value returns the raw value at a position: the stated one or the empty one.
func (t *table) value(r *row, at int) json.RawMessage {
	for _, c := range r.cells {
		if c.at == at {
			return c.raw
		}
	}
	return json.RawMessage(t.attributes[at].kind.empty())
}

// text returns the value at a position if it is a JSON string.
func (t *table) text(r *row, at int) (string, bool) { return rawText(t.value(r, at)) }

func rawText(raw json.RawMessage) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if !bytes.ContainsRune(raw, '\\') {
		return string(raw[1 : len(raw)-1]), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// withRows returns a copy of the table holding the given rows only. Attributes
// the rows state and nobody listed become part of the collection.
func (t *table) withRows(rows []json.RawMessage, nextVersion func() uint64) (*table, error) {
	c := &table{name: t.name, keys: t.keys}
	c.attributes = slices.Clone(t.attributes)
	c.position = maps.Clone(t.position)
	c.rows = make([]*row, 0, len(rows))
	for i, raw := range rows {
		values, err := object(raw)
		if err != nil {
			return nil, fmt.Errorf("%s, row %d: %w", t.name, i+1, err)
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if !isIdentifier(name) {
				return nil, fmt.Errorf("%s, row %d: %q is no attribute name", t.name, i+1, name)
			}
			c.admit(name, values[name])
		}
		c.rows = append(c.rows, c.newRow(values, nextVersion()))
	}
	return c, nil
}

// withoutAttribute returns a copy of the table that never had the attribute at a
// position behind the key. Its rows keep their versions.
func (t *table) withoutAttribute(gone int) *table {
	c := &table{name: t.name, keys: t.keys, position: make(map[string]int, len(t.position)), rows: make([]*row, len(t.rows))}
	c.attributes = slices.Delete(slices.Clone(t.attributes), gone, gone+1)
	for at, a := range c.attributes {
		c.position[a.name] = at
	}
	for i, old := range t.rows {
		r := &row{version: old.version, cells: make([]cell, 0, len(old.cells))}
		for _, stated := range old.cells {
			switch {
			case stated.at > gone:
				r.cells = append(r.cells, cell{at: stated.at - 1, raw: stated.raw})
			case stated.at < gone:
				r.cells = append(r.cells, stated)
			}
		}
		c.rows[i] = r
	}
	return c
}

// admit makes name an attribute of a table under construction. Its kind is that
// of the first value seen.
func (t *table) admit(name string, raw json.RawMessage) {
	if _, known := t.position[name]; known {
		return
	}
	k := text
	switch raw[0] {
	case 't', 'f':
		k = boolean
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		k = number
	}
	t.position[name] = len(t.attributes)
	t.attributes = append(t.attributes, attribute{name: name, kind: k})
}

// newRow makes a row of values whose names are all attributes of the table.
func (t *table) newRow(values map[string]json.RawMessage, version uint64) *row {
	r := &row{version: version, cells: make([]cell, 0, len(values))}
	for name, raw := range values {
		r.cells = append(r.cells, cell{at: t.position[name], raw: raw})
	}
	slices.SortFunc(r.cells, func(a, b cell) int { return a.at - b.at })
	return r
}

// isIdentifier reports whether s can name an attribute, and so goes onto the
// wire unescaped.
func isIdentifier(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// object reads a JSON object, leaving out annotations such as @odata.etag.
func object(raw []byte) (map[string]json.RawMessage, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, err
	}
	if values == nil {
		return nil, errors.New("expected an object, found null")
	}
	maps.DeleteFunc(values, func(name string, _ json.RawMessage) bool { return strings.Contains(name, "@") })
	return values, nil
}

// find returns the index of the row with that key, or -1. Texts compare
// without case, dates by the moment they mean.
func (t *table) find(key []string) int {
	return slices.IndexFunc(t.rows, func(r *row) bool {
		for at, want := range key {
			got, ok := t.text(r, at)
			if !ok || !sameKey(t.attributes[at].kind, got, want) {
				return false
			}
		}
		return true
	})
}

func sameKey(k kind, a, b string) bool {
	if k == date || k == end {
		at, errA := parseDate(a)
		bt, errB := parseDate(b)
		return errA == nil && errB == nil && at.Equal(bt)
	}
	return strings.EqualFold(a, b)
}

// etag is the row's entity tag as headers carry it.
func (t *table) etag(r *row) string { return `W/"` + string(t.appendTag(nil, r)) + `"` }

// appendTag writes what is between the quotes of the entity tag.
func (t *table) appendTag(out []byte, r *row) []byte {
	var room [40]byte
	return base64.StdEncoding.AppendEncode(out, append(strconv.AppendUint(room[:0], r.version, 10), t.tag...))
}

// appendRow writes the row as OData does: its ETag, then the chosen columns, or
// all of them when columns is nil.
func (t *table) appendRow(out []byte, r *row, columns []int) []byte {
	out = append(out, `{"@odata.etag":"W/\"`...)
	out = append(t.appendTag(out, r), `\""`...)
	write := func(at int) {
		out = append(out, ',', '"')
		out = append(out, t.attributes[at].name...)
		out = append(out, '"', ':')
		out = append(out, t.value(r, at)...)
	}
	if columns == nil {
		for at, a := range t.attributes {
			if !a.hidden {
				write(at)
			}
		}
	} else {
		for _, at := range columns {
			write(at)
		}
	}
	return append(out, '}')
}

// appendStated writes only what the row states, as a world file has it.
func (t *table) appendStated(out []byte, r *row) []byte {
	out = append(out, '{')
	for i, c := range r.cells {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = append(out, t.attributes[c.at].name...)
		out = append(out, '"', ':')
		out = append(out, c.raw...)
	}
	return append(out, '}')
}
