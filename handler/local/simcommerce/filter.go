package simcommerce

import (
	"regexp"
	"strings"
)

// predicate says whether a row is meant.
type predicate func(*row) bool

// filter parses a $filter expression over the table's attributes.
func (t *table) filter(expression string) (predicate, error) {
	tokens, err := tokenize(expression)
	if err != nil {
		return nil, err
	}
	p := &filterParser{table: t, tokens: tokens}
	meant, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != endToken {
		return nil, invalid("Syntax error at '%s' in '%s'.", p.peek().text, expression)
	}
	return meant, nil
}

// filterParser descends recursively: or, and, not, comparison.
type filterParser struct {
	table  *table
	tokens []token
}

func (p *filterParser) peek() token {
	if len(p.tokens) == 0 {
		return token{}
	}
	return p.tokens[0]
}

func (p *filterParser) next() token {
	t := p.peek()
	if len(p.tokens) > 0 {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept consumes the next token if it is that word or symbol.
func (p *filterParser) accept(kind tokenKind, text string) bool {
	if t := p.peek(); t.kind != kind || t.text != text {
		return false
	}
	p.next()
	return true
}

func (p *filterParser) or() (predicate, error) {
	return p.chain("or", p.and, func(a, b bool) bool { return a || b })
}

func (p *filterParser) and() (predicate, error) {
	return p.chain("and", p.not, func(a, b bool) bool { return a && b })
}

func (p *filterParser) chain(word string, part func() (predicate, error), join func(a, b bool) bool) (predicate, error) {
	left, err := part()
	if err != nil {
		return nil, err
	}
	for p.accept(wordToken, word) {
		a := left
		b, err := part()
		if err != nil {
			return nil, err
		}
		left = func(r *row) bool { return join(a(r), b(r)) }
	}
	return left, nil
}

func (p *filterParser) not() (predicate, error) {
	if p.accept(wordToken, "not") {
		inner, err := p.not()
		if err != nil {
			return nil, err
		}
		return func(r *row) bool { return !inner(r) }, nil
	}
	if !p.accept(symbolToken, "(") {
		return p.comparison()
	}
	inner, err := p.or()
	if err == nil && !p.accept(symbolToken, ")") {
		err = invalid("Syntax error: a ')' is missing before '%s'.", p.peek().text)
	}
	return inner, err
}

// comparison says when an operator holds, given how its left side compares with
// its right one.
func comparison(operator string) (holds func(order int) bool, known bool) {
	switch operator {
	case "eq":
		return func(o int) bool { return o == 0 }, true
	case "ne":
		return func(o int) bool { return o != 0 }, true
	case "gt":
		return func(o int) bool { return o > 0 }, true
	case "ge":
		return func(o int) bool { return o >= 0 }, true
	case "lt":
		return func(o int) bool { return o < 0 }, true
	case "le":
		return func(o int) bool { return o <= 0 }, true
	}
	return nil, false
}

func (p *filterParser) comparison() (predicate, error) {
	name := p.next()
	if p.peek().kind == symbolToken && p.peek().text == "(" {
		return nil, invalid("The function '%s' is not supported.", name.text)
	}
	at, known := p.table.position[name.text]
	if name.kind != wordToken || !known {
		return nil, unknownAttribute(p.table, name.text)
	}
	operator := p.next().text
	holds, known := comparison(operator)
	if !known {
		return nil, invalid("The operator '%s' is not supported.", operator)
	}
	with, err := literalOf(p.next())
	if err != nil {
		return nil, err
	}
	equality := operator == "eq" || operator == "ne"
	if err := comparable(p.table.attributes[at], with, equality); err != nil {
		return nil, err
	}
	return p.table.compare(at, with, equality, holds), nil
}

// comparable refuses what F&O refuses: an operand of another type, above all
// an enum beside a plain text, and an enum in an ordering.
func comparable(a attribute, with literal, equality bool) error {
	wants := a.kind
	if wants == end {
		wants = date
	}
	if !with.null && with.kind != wants {
		return invalid("A binary operator with incompatible types was detected. Found operand types '%s' and '%s' for '%s'.",
			a.kind.edm(), with.kind.edm(), a.name)
	}
	ordered := a.kind != flag && a.kind != enum && a.kind != boolean && a.kind != guid && !with.null
	if !equality && !ordered {
		return invalid("Only eq and ne can compare '%s'.", a.name)
	}
	return nil
}

// compare builds the test of one comparison. A value that is null or not of the
// attribute's type equals nothing but null and comes before nothing.
func (t *table) compare(at int, with literal, equality bool, holds func(int) bool) predicate {
	order := t.ordering(at, with)
	if equality && with.kind == text && strings.Contains(with.text, "*") {
		pattern := wildcard(with.text)
		order = func(r *row) (int, bool) {
			s, ok := t.text(r, at)
			if pattern.MatchString(s) {
				return 0, ok
			}
			return 1, ok
		}
	}
	return func(r *row) bool {
		o, ok := order(r)
		if !ok {
			return equality && holds(1)
		}
		return holds(o)
	}
}

// wildcard turns F&O's '*' into a pattern.
func wildcard(s string) *regexp.Regexp {
	parts := strings.Split(s, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("(?is)^" + strings.Join(parts, ".*") + "$")
}
