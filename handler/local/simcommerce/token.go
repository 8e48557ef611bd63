package simcommerce

import (
	"strconv"
	"strings"
	"time"
)

// tokenKind is what a piece of a $filter or of a key predicate is.
type tokenKind uint8

const (
	endToken    tokenKind = iota
	symbolToken           // one of ( ) , =
	wordToken             // a name, an operator or a bare literal
	textToken             // 'a text'
	enumToken             // Namespace.Type'Member'
)

// token is one piece: text is the symbol, the word, the text or the enum's
// member, typ an enum's type.
type token struct {
	kind tokenKind
	text string
	typ  string
}

// tokenize splits an OData expression. A quote inside a text is doubled.
func tokenize(s string) ([]token, error) {
	var tokens []token
	for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		switch c := s[0]; {
		case strings.IndexByte("(),=", c) >= 0:
			tokens = append(tokens, token{kind: symbolToken, text: s[:1]})
			s = s[1:]
		case c == '\'':
			value, rest, err := quoted(s)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{kind: textToken, text: value})
			s = rest
		default:
			n := strings.IndexAny(s, " \t(),='")
			if n < 0 {
				n = len(s)
			}
			word := s[:n]
			s = s[n:]
			if s == "" || s[0] != '\'' {
				tokens = append(tokens, token{kind: wordToken, text: word})
				continue
			}
			member, rest, err := quoted(s)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{kind: enumToken, typ: word, text: member})
			s = rest
		}
	}
	return tokens, nil
}

// quoted reads a text from its opening quote and returns what follows it.
func quoted(s string) (value, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), s[i+1:], nil
	}
	return "", "", invalid("There is an unterminated string literal at position %d in '%s'.", len(s), s)
}

// literal is a constant an attribute is compared with.
type literal struct {
	kind kind
	null bool
	text string // the text, the enum's member, the guid
	when time.Time
	num  float64
	yes  bool
}

// literalOf reads a token as a constant.
func literalOf(t token) (literal, error) {
	switch t.kind {
	case textToken:
		return literal{kind: text, text: t.text}, nil
	case enumToken:
		name, ours := strings.CutPrefix(t.typ, entities)
		switch {
		case !ours:
			return literal{}, invalid("Unrecognized type '%s' of the literal '%s'.", t.typ, t.text)
		case name == "NoYes" && t.text != "No" && t.text != "Yes":
			return literal{}, invalid("'%s' is no member of the enumeration '%s'.", t.text, t.typ)
		case name == "NoYes":
			return literal{kind: flag, text: t.text}, nil
		}
		return literal{kind: enum, text: t.text}, nil
	case wordToken:
		return bareLiteral(t.text)
	}
	return literal{}, invalid("Syntax error: expected a literal at '%s'.", t.text)
}

func bareLiteral(word string) (literal, error) {
	switch word {
	case "null":
		return literal{null: true}, nil
	case "true", "false":
		return literal{kind: boolean, yes: word == "true"}, nil
	}
	if n, err := strconv.ParseFloat(word, 64); err == nil {
		return literal{kind: number, num: n}, nil
	}
	if when, err := parseDate(word); err == nil {
		return literal{kind: date, when: when}, nil
	}
	if len(word) == 36 && strings.Count(word, "-") == 4 {
		return literal{kind: guid, text: word}, nil
	}
	return literal{}, invalid("'%s' is no literal this environment understands.", word)
}

// parseDate reads a date as F&O writes and takes it.
func parseDate(s string) (time.Time, error) {
	when, err := time.Parse(time.RFC3339, s)
	if err != nil {
		when, err = time.Parse(time.DateOnly, s)
	}
	return when, err
}
