package simcommerce

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// orderBy parses $orderby and returns how two rows compare.
func (t *table) orderBy(expression string) (func(a, b *row) int, error) {
	var steps []func(a, b *row) int
	for part := range strings.SplitSeq(expression, ",") {
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && !slices.Contains([]string{"asc", "desc"}, words[1]) {
			return nil, invalid("Syntax error in $orderby at '%s'.", part)
		}
		at, known := t.position[words[0]]
		if !known {
			return nil, unknownAttribute(t, words[0])
		}
		sign := 1
		if len(words) == 2 && words[1] == "desc" {
			sign = -1
		}
		steps = append(steps, func(a, b *row) int { return sign * t.compareAt(at, a, b) })
	}
	return func(a, b *row) int {
		for _, step := range steps {
			if o := step(a, b); o != 0 {
				return o
			}
		}
		return 0
	}, nil
}

// compareAt orders two rows by one attribute; what cannot be read comes first.
func (t *table) compareAt(at int, a, b *row) int {
	k := t.attributes[at].kind
	av, aok := read(k, t.value(a, at))
	bv, bok := read(k, t.value(b, at))
	switch {
	case aok && bok:
		return compareLiterals(av, bv)
	case aok:
		return 1
	case bok:
		return -1
	}
	return 0
}

// ordering compares the value at a position with a constant; not ok means that
// they cannot be compared.
func (t *table) ordering(at int, with literal) func(*row) (order int, ok bool) {
	if with.null {
		return func(r *row) (int, bool) { return 0, string(t.value(r, at)) == "null" }
	}
	return func(r *row) (int, bool) {
		have, ok := read(with.kind, t.value(r, at))
		return compareLiterals(have, with), ok
	}
}

// read decodes a raw value as a constant of the kind.
func read(k kind, raw []byte) (literal, bool) {
	l := literal{kind: k}
	var err error
	switch k {
	case number:
		l.num, err = strconv.ParseFloat(string(raw), 64)
		return l, err == nil
	case boolean:
		l.yes = string(raw) == "true"
		return l, l.yes || string(raw) == "false"
	}
	s, ok := rawText(raw)
	l.text = s
	if ok && (k == date || k == end) {
		l.when, err = parseDate(s)
	}
	return l, ok && err == nil
}

// compareLiterals orders two constants of one kind.
func compareLiterals(a, b literal) int {
	switch a.kind {
	case date, end:
		return a.when.Compare(b.when)
	case number:
		return cmp.Compare(a.num, b.num)
	case boolean:
		switch {
		case a.yes == b.yes:
			return 0
		case b.yes:
			return -1
		}
		return 1
	}
	return compareText(a.text, b.text)
}
