package simcommerce

import "strings"

// parseKey reads a key predicate, ('000123') or (A='x',B=2020-01-01T00:00:00Z),
// into the values of the key attributes in their order. F&O needs every one of
// them; the short form is for a key of one attribute.
func (t *table) parseKey(predicate string) ([]string, error) {
	tokens, err := tokenize(predicate)
	if err != nil {
		return nil, err
	}
	n := len(tokens)
	if n < 3 || tokens[0].text != "(" || tokens[n-1].kind != symbolToken || tokens[n-1].text != ")" {
		return nil, invalid("Bad Request - Error in query syntax: '%s%s'.", t.name, predicate)
	}
	tokens = tokens[1 : n-1]
	if len(tokens) == 1 && t.keys == 1 {
		value, err := t.keyValue(0, tokens[0])
		return []string{value}, err
	}
	key, stated := make([]string, t.keys), make([]bool, t.keys)
	for ; len(tokens) >= 3 && tokens[1].text == "="; tokens = tokens[min(4, len(tokens)):] {
		at, known := t.position[tokens[0].text]
		if !known || at >= t.keys {
			return nil, invalid("'%s' is no key attribute of '%s'.", tokens[0].text, t.name)
		}
		if key[at], err = t.keyValue(at, tokens[2]); err != nil {
			return nil, err
		}
		stated[at] = true
		if len(tokens) > 3 && tokens[3].text != "," {
			break
		}
	}
	if len(tokens) > 0 {
		return nil, invalid("Bad Request - Error in query syntax: '%s%s'.", t.name, predicate)
	}
	for _, ok := range stated {
		if !ok {
			return nil, invalid("The key of '%s' needs all of: %s.", t.name, strings.Join(t.keyNames(), ", "))
		}
	}
	return key, nil
}

// keyValue checks a literal against the key attribute and returns its text.
func (t *table) keyValue(at int, from token) (string, error) {
	l, err := literalOf(from)
	if err != nil {
		return "", err
	}
	if err := comparable(t.attributes[at], l, true); err != nil {
		return "", err
	}
	return from.text, nil
}

func (t *table) keyNames() []string {
	names := make([]string, t.keys)
	for at := range names {
		names[at] = t.attributes[at].name
	}
	return names
}
