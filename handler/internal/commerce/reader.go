package commerce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// readAll reads a collection to its end, page after page, and returns what
// decode made of its rows. Beside an error it returns the rows read until then.
func readAll[R, T any](ctx context.Context, c *Client, col collection, decode func(*R, *decoder) T) ([]T, report, error) {
	r := newReader(col.name, decode)
	seen := map[string]bool{}
	next, err := c.firstPage(ctx, col, col.attributes, seen, r.element)
	switch {
	case hasStatus(err, http.StatusNotFound) && col.optional:
		return nil, report{collection: col.name, missing: true}, nil
	case hasStatus(err, http.StatusNotFound):
		return nil, report{}, fault.Newf(fault.NotFound, "commerce: read "+col.name,
			"there is no collection %s in this environment; if it has another name here, set ENTITY_%s to it: %w",
			c.actualName(col.name), strings.ToUpper(col.name), err)
	case hasStatus(err, http.StatusBadRequest):
		return nil, report{}, fault.Newf(fault.Invalid, "commerce: read "+col.name,
			"this environment refuses to select %s: %w", c.question(col, col.attributes), err)
	}
	if err == nil {
		err = c.laterPages(ctx, next, seen, r.element)
	}
	if err != nil {
		return r.decoded, report{}, fmt.Errorf("commerce: read %s: %w", col.name, err)
	}
	// A copy, because appending reserved up to a quarter more than was needed:
	// a chain's snapshot takes hundreds of megabytes, and is kept for a while.
	return slices.Clone(r.decoded), r.report, nil
}

// reader collects the rows of one collection.
type reader[R, T any] struct {
	decode  func(*R, *decoder) T
	decoder decoder
	row     R       // the row being decoded; one for all
	cells   []*cell // its fields
	decoded []T
	report  report
}

func newReader[R, T any](name string, decode func(*R, *decoder) T) *reader[R, T] {
	r := &reader[R, T]{decode: decode, report: report{collection: name}}
	r.cells = cellsOf(&r.row)
	r.decoder = decoder{report: &r.report, strings: map[string]string{}}
	return r
}

// cellsOf returns the cells of a row, which is a pointer to a struct of cells,
// and tells each the attribute that its json tag names.
func cellsOf(row any) []*cell {
	fields := reflect.ValueOf(row).Elem()
	cells := make([]*cell, 0, fields.NumField())
	for i := range fields.NumField() {
		if c, ok := fields.Field(i).Addr().Interface().(*cell); ok {
			c.attribute = fields.Type().Field(i).Tag.Get("json")
			cells = append(cells, c)
		}
	}
	return cells
}

// names returns the attributes of cells.
func names(cells []*cell) []string {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = c.attribute
	}
	return names
}

// element implements elementFunc.
func (r *reader[R, T]) element(dec *json.Decoder) error {
	d := &r.decoder
	d.begin()
	for _, c := range r.cells {
		c.json = c.json[:0]
	}
	err := dec.Decode(&r.row)
	r.report.rows++
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType): // of the row itself: cells take anything
		d.problem = "expected an object"
	case err != nil:
		return err
	}
	var row T
	if d.problem == "" {
		row = r.decode(&r.row, d)
	}
	switch {
	case d.skipped:
	case d.problem != "":
		r.report.addBad(d.bad(r.report.rows))
	default:
		r.decoded = append(r.decoded, row)
	}
	return nil
}
