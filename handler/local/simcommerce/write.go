package simcommerce

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// create answers a POST: a new row, every key attribute of which is stated.
func (c *call) create() error {
	var created *row
	t, err := c.change(func(t *table) ([]*row, error) {
		values, err := t.readRow(c.body)
		if err != nil {
			return nil, err
		}
		created = t.newRow(values, c.nextVersion())
		key := make([]string, t.keys)
		for at := range key {
			var stated bool
			if key[at], stated = t.text(created, at); !stated || values[t.attributes[at].name] == nil || key[at] == "" {
				return nil, invalid("Write failed for table row of type '%s'. Infolog: Error: Field '%s' must be filled in.",
					t.name, t.attributes[at].name)
			}
		}
		if t.find(key) >= 0 {
			return nil, invalid("Write failed for table row of type '%s'. Infolog: Error: The record already exists.", t.name)
		}
		return append(slices.Clone(t.rows), created), nil
	})
	if err != nil {
		return err
	}
	c.w.Header().Set("Location", c.base()+c.collection+t.keyPath(created))
	return c.sendRow(http.StatusCreated, t, created, nil)
}

// update answers a PATCH: the stated attributes change, the others stay.
func (c *call) update(key []string) error {
	_, err := c.change(func(t *table) ([]*row, error) {
		i, err := c.addressed(t, key)
		if err != nil {
			return nil, err
		}
		changes, err := t.readRow(c.body)
		if err != nil {
			return nil, err
		}
		for _, old := range t.rows[i].cells {
			name := t.attributes[old.at].name
			switch changed, ok := changes[name]; {
			case !ok:
				changes[name] = old.raw
			case old.at < t.keys && string(changed) != string(old.raw):
				return nil, invalid("The key attribute '%s' cannot be changed.", name)
			}
		}
		rows := slices.Clone(t.rows)
		rows[i] = t.newRow(changes, c.nextVersion())
		return rows, nil
	})
	return c.noContent(err)
}

// remove answers a DELETE.
func (c *call) remove(key []string) error {
	_, err := c.change(func(t *table) ([]*row, error) {
		i, err := c.addressed(t, key)
		if err != nil {
			return nil, err
		}
		return slices.Delete(slices.Clone(t.rows), i, i+1), nil
	})
	return c.noContent(err)
}

func (c *call) noContent(err error) error {
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// change replaces the rows of the collection by what edit makes of them, as one
// step, and returns the table that is now current.
func (c *call) change(edit func(*table) ([]*row, error)) (*table, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := c.canonical(c.collection)
	changed := *c.tables[name]
	if !c.inside && c.collection == c.options.TaskEntity.Name {
		changed.tag = c.collection // for the ETags that are compared and answered
	}
	rows, err := edit(&changed)
	if err != nil {
		return nil, err
	}
	c.keep(c.tables[name])
	changed.rows = rows
	stored := changed
	stored.tag = ""
	c.tables[name] = &stored
	return &changed, nil
}

// addressed finds the row a write is about and checks its If-Match.
func (c *call) addressed(t *table, key []string) (int, error) {
	i := t.find(key)
	if i < 0 {
		return 0, c.noRow()
	}
	match := c.r.Header.Get("If-Match")
	if match != "" && match != "*" && match != t.etag(t.rows[i]) {
		return 0, refuse(http.StatusPreconditionFailed, "The record has been changed since it was read.")
	}
	return i, nil
}

// readRow decodes the body of a write. Unlike a world file, a client cannot
// store what is not an attribute or not of its type.
func (t *table) readRow(body []byte) (map[string]json.RawMessage, error) {
	values, err := object(body)
	if err != nil {
		return nil, invalid("The body is no JSON object: %v.", err)
	}
	for name, raw := range values {
		at, known := t.position[name]
		if !known {
			return nil, unknownAttribute(t, name)
		}
		k := t.attributes[at].kind
		if l, ok := read(k, raw); string(raw) != "null" && (!ok || k == flag && l.text != "Yes" && l.text != "No") {
			return nil, invalid("Cannot convert the value of '%s' to the expected type '%s'.", name, k.edm())
		}
	}
	return values, nil
}

// keyPath is the key predicate that addresses a row.
func (t *table) keyPath(r *row) string {
	parts := make([]string, t.keys)
	for at := range parts {
		s, _ := t.text(r, at)
		if k := t.attributes[at].kind; k == text || k == enum {
			s = "'" + strings.ReplaceAll(s, "'", "''") + "'"
			if k == enum {
				s = entities + t.attributes[at].name + s
			}
		}
		parts[at] = t.attributes[at].name + "=" + url.PathEscape(s)
	}
	return "(" + strings.Join(parts, ",") + ")"
}
