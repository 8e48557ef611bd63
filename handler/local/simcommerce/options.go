package simcommerce

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// options are the query options of a GET.
type options struct {
	columns      []int // nil: all
	meant        predicate
	order        func(a, b *row) int
	top, skip    int // top -1: no limit
	count        bool
	crossCompany bool
	skipToken    string
}

// readOptions parses the query. What is not simulated is refused rather than
// ignored, so that a client cannot believe it got what it asked for.
func (t *table) readOptions(rawQuery string) (options, error) {
	o := options{top: -1}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return o, invalid("The query cannot be read: %v.", err)
	}
	for name, values := range query {
		value := values[len(values)-1]
		switch name {
		case "$select":
			o.columns, err = t.selected(value)
		case "$filter":
			o.meant, err = t.filter(value)
		case "$orderby":
			o.order, err = t.orderBy(value)
		case "$top":
			o.top, err = natural(name, value)
		case "$skip":
			o.skip, err = natural(name, value)
		case "$count":
			o.count = value == "true"
		case "$skiptoken":
			o.skipToken = value
		case "cross-company":
			o.crossCompany = value == "true"
		default:
			if strings.HasPrefix(name, "$") {
				err = invalid("The query option '%s' is not supported.", name)
			}
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

func natural(name, value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0, invalid("'%s' is no value of %s.", value, name)
	}
	return n, nil
}

func (t *table) selected(list string) ([]int, error) {
	if strings.TrimSpace(list) == "*" {
		return nil, nil
	}
	var columns []int
	for name := range strings.SplitSeq(list, ",") {
		at, known := t.position[strings.TrimSpace(name)]
		if !known {
			return nil, unknownAttribute(t, strings.TrimSpace(name))
		}
		columns = append(columns, at)
	}
	return columns, nil
}

// visible says which rows the user sees before any filter: those of their own
// company and those of none, unless they look across companies.
func (t *table) visible(company string, o options) predicate {
	at, has := t.position[companyAttribute]
	if o.crossCompany || !has {
		return func(*row) bool { return true }
	}
	return func(r *row) bool {
		s, stated := t.text(r, at)
		return !stated || s == "" || strings.EqualFold(s, company)
	}
}

// result is everything a GET of a collection is about, over all pages.
func (t *table) result(company string, o options) []*row {
	seen := t.visible(company, o)
	rows := make([]*row, 0, len(t.rows))
	for _, r := range t.rows {
		if seen(r) && (o.meant == nil || o.meant(r)) {
			rows = append(rows, r)
		}
	}
	if o.order != nil {
		slices.SortStableFunc(rows, o.order)
	}
	return rows
}
