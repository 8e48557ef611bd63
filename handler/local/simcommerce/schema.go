package simcommerce

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// collectionsJSON is the table of collections: for each its key attributes and,
// by kind, all its attributes.
//
//go:embed collections.json
var collectionsJSON []byte

// kind is what an attribute holds, as far as comparing and defaults need it.
type kind uint8

const (
	text    kind = iota // Edm.String
	flag                // the enum NoYes, served as "Yes" or "No"
	boolean             // Edm.Boolean; few attributes have it
	enum                // any other enum, served as the member's name
	date                // Edm.DateTimeOffset, 1900-01-01 when empty
	end                 // Edm.DateTimeOffset that bounds a period, 2154-12-31 when open
	number              // any numeric type
	guid                // Edm.Guid
)

// empty is how a value of the kind is served when the row does not state it.
func (k kind) empty() string {
	switch k {
	case flag:
		return `"No"`
	case boolean:
		return `false`
	case enum:
		return `"None"`
	case date:
		return `"1900-01-01T00:00:00Z"`
	case end:
		return `"2154-12-31T23:59:59Z"`
	case number:
		return `0`
	case guid:
		return `"00000000-0000-0000-0000-000000000000"`
	}
	return `""`
}

// edm names the kind as F&O's error messages do.
func (k kind) edm() string {
	switch k {
	case flag:
		return entities + "NoYes"
	case boolean:
		return "Edm.Boolean"
	case enum:
		return "an enumeration"
	case date, end:
		return "Edm.DateTimeOffset"
	case number:
		return "Edm.Decimal"
	case guid:
		return "Edm.Guid"
	}
	return "Edm.String"
}

// entities is the namespace of every F&O type on the wire.
const entities = "Microsoft.Dynamics.DataEntities."

// collection is an entry of collections.json.
type collection struct {
	Keys     []string `json:"keys"`
	Texts    []string `json:"texts"`
	Flags    []string `json:"flags"`
	Booleans []string `json:"booleans"`
	Enums    []string `json:"enums"`
	Dates    []string `json:"dates"`
	Ends     []string `json:"ends"`
	Numbers  []string `json:"numbers"`
	Guids    []string `json:"guids"`
}

// loadCollections reads the embedded table into tables without rows.
func loadCollections() (map[string]*table, error) {
	var listed map[string]collection
	if err := json.Unmarshal(collectionsJSON, &listed); err != nil {
		return nil, fmt.Errorf("collections.json: %w", err)
	}
	tables := make(map[string]*table, len(listed))
	for name, c := range listed {
		t := &table{name: name, position: map[string]int{}}
		for k, names := range map[kind][]string{
			text: c.Texts, flag: c.Flags, boolean: c.Booleans, enum: c.Enums,
			date: c.Dates, end: c.Ends, number: c.Numbers, guid: c.Guids,
		} {
			for _, n := range names {
				t.attributes = append(t.attributes, attribute{name: n, kind: k})
			}
		}
		slices.SortFunc(t.attributes, byKeyThenName(c.Keys))
		for i, a := range t.attributes {
			t.position[a.name] = i
		}
		t.keys = len(c.Keys)
		tables[name] = t
	}
	return tables, nil
}

// byKeyThenName puts key attributes first, in key order, and the rest behind
// them by name, so that a row reads the same each time.
func byKeyThenName(keys []string) func(a, b attribute) int {
	rank := func(name string) int {
		if i := slices.Index(keys, name); i >= 0 {
			return i
		}
		return len(keys)
	}
	return func(a, b attribute) int {
		if d := rank(a.name) - rank(b.name); d != 0 {
			return d
		}
		return compareText(a.name, b.name)
	}
}
