package simplanner

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// bodyLimit is the most bytes a request body may have.
const bodyLimit = 4 << 20

// titleLimit is how long a title or name may be, in UTF-16 units.
const titleLimit = 255

// body is a request body that is being read. Its first mistake sticks, so that
// whoever reads it asks for err once, at the end.
type body struct {
	fields map[string]json.RawMessage
	err    error
}

// readBody reads a body whole.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	switch {
	case err != nil:
		return nil, invalid("the body could not be read.")
	case len(raw) > bodyLimit:
		return nil, refuse(http.StatusRequestEntityTooLarge, "The request entity is too large.")
	}
	return raw, nil
}

// object reads the body as a JSON object and refuses properties not allowed,
// read-only ones among them.
func (c *call) object(allowed string) *body {
	kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return &body{err: refuse(http.StatusUnsupportedMediaType, "The content type must be application/json.")}
	}
	return parse(c.body, allowed)
}

// parse reads a JSON object. Annotations are read by who wants them and no
// properties.
func parse(raw []byte, allowed string) *body {
	b := &body{}
	if err := json.Unmarshal(raw, &b.fields); err != nil || b.fields == nil {
		return &body{err: invalid("the payload is not a JSON object.")}
	}
	names := strings.Fields(allowed)
	for _, name := range slices.Sorted(maps.Keys(b.fields)) {
		if !strings.HasPrefix(name, "@odata.") && !slices.Contains(names, name) {
			b.fail(invalid("the property '%s' does not exist or cannot be written.", name))
		}
	}
	return b
}

func (b *body) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// written lists the properties the body has.
func (b *body) written() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(b.fields)) {
		if !strings.HasPrefix(name, "@odata.") {
			names = append(names, name)
		}
	}
	return names
}

func (b *body) has(name string) bool {
	_, given := b.fields[name]
	return given
}

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

// read reads one property, if it is there. Null is no value.
func read[T any](b *body, name string, into *T) bool {
	raw, given := b.fields[name]
	if !given || b.err != nil {
		return false
	}
	if isNull(raw) || json.Unmarshal(raw, into) != nil {
		b.fail(invalid("the value of '%s' is not of the right type.", name))
		return false
	}
	return true
}

// nullable reads one property that null clears.
func nullable[T any](b *body, name string, into *T) bool {
	if isNull(b.fields[name]) {
		*into = *new(T)
		return false
	}
	return read(b, name, into)
}

// title reads a text that must not be blank or too long.
func (b *body) title(name string, limit int, into *string) {
	if !read(b, name, into) {
		return
	}
	if n := len(utf16.Encode([]rune(*into))); n > limit || strings.TrimSpace(*into) == "" {
		b.fail(invalid("'%s' must have between 1 and %d characters.", name, limit))
	}
}

// number reads an integer from 0 to a limit.
func (b *body) number(name string, limit int, into *int) {
	if read(b, name, into) && (*into < 0 || *into > limit) {
		b.fail(invalid("the value of '%s' must lie between 0 and %d.", name, limit))
	}
}

// time reads a time with its zone; null clears it.
func (b *body) time(name string, into *time.Time) {
	var text string
	if isNull(b.fields[name]) {
		*into = time.Time{}
	}
	if !nullable(b, name, &text) {
		return
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		b.fail(invalid("'%s' is no date and time with a zone.", name))
		return
	}
	*into = at.UTC()
}

// hint reads an order hint and stores what the service makes of it.
func (b *body) hint(s *Service, name string, into *string) {
	var sent string
	if !read(b, name, &sent) {
		return
	}
	hint, err := s.order(sent)
	if err != nil {
		b.fail(err)
		return
	}
	*into = hint
}

// open reads the entries of an open type. It must have some.
func (b *body) open(name string) map[string]json.RawMessage {
	var entries map[string]json.RawMessage
	if !read(b, name, &entries) {
		return nil
	}
	delete(entries, "@odata.type")
	if len(entries) == 0 {
		b.fail(invalid("'%s' does not contain any properties.", name))
	}
	return entries
}

// typed reads an entry of an open type, which must say what it is and have
// properties.
func (b *body) typed(raw json.RawMessage, kind, allowed string) *body {
	entry := parse(raw, allowed)
	var says string
	read(entry, "@odata.type", &says)
	switch {
	case entry.err != nil:
		b.fail(entry.err)
	case strings.TrimPrefix(says, "#") != "microsoft.graph."+kind:
		b.fail(invalid("an entry must declare '@odata.type' with the value 'microsoft.graph.%s'.", kind))
	case len(entry.written()) == 0:
		b.fail(invalid("an entry of type %s does not contain any properties.", kind))
	}
	return entry
}

// inOrder goes through entries by key, so that a run can be repeated.
func inOrder(entries map[string]json.RawMessage) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if !yield(key, entries[key]) {
				return
			}
		}
	}
}
