package trigger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// maxFields bounds the body of an operator's request, in bytes.
const maxFields = 4 << 10

// The fields of operators' requests. All are text.
const (
	userField  = "user"  // an Entra object id
	storeField = "store" // a store number
)

// fields reads what a change is about. A POST says it in its body, a DELETE,
// whose body may be lost on the way, in its query.
//
// Everything said is understood or refused. A store that is misspelled, empty,
// there twice or in the wrong place would else be taken for no store, which
// means every team.
func (c call) fields(needed string, optional ...string) (map[string]string, error) {
	given, err := c.readFields(append([]string{needed}, optional...))
	if err != nil {
		return nil, err
	}
	if given[needed] == "" {
		return nil, fault.Newf(fault.Invalid, "read request", "the field %q is missing", needed)
	}
	return given, nil
}

// noFields refuses a change that says more than its path.
func (c call) noFields() error {
	_, err := c.readFields(nil)
	return err
}

func (c call) readFields(known []string) (map[string]string, error) {
	inBody, inQuery := known, []string(nil)
	if c.Method == http.MethodDelete {
		inBody, inQuery = inQuery, inBody
	}
	given, err := bodyFields(c.Request, inBody)
	if err != nil {
		return nil, err
	}
	asked, err := queryFields(c.URL.RawQuery, inQuery)
	if err != nil {
		return nil, fault.New(fault.Invalid, "read query", err)
	}
	maps.Copy(given, asked)
	return given, nil
}

// bodyFields reads the fields in a body. No body has none.
func bodyFields(r *http.Request, known []string) (map[string]string, error) {
	const op = "read body"
	body, err := readBody(r, maxFields)
	if err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	if len(body) == 0 {
		return map[string]string{}, nil
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, notJSON()
	}
	given, err := decodeFields(body, known)
	if err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	return given, nil
}

// decodeFields reads a JSON object of text. Package json alone would take a
// name in any case, the last of two with one name, null for an empty text, and
// what is no UTF-8.
func decodeFields(body []byte, known []string) (map[string]string, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("expected a JSON object in UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("expected a JSON object")
	}
	given := make(map[string]string, len(known))
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("expected a JSON object: %w", err)
		}
		name, isName := token.(string)
		if !isName { // the object's end: a decoder lets nothing else be there
			break
		}
		if err := decodeField(decoder, name, given, known); err != nil {
			return nil, err
		}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("expected nothing after the JSON object")
	}
	return given, nil
}

// decodeField reads the value of a field whose name was read.
func decodeField(decoder *json.Decoder, name string, given map[string]string, known []string) error {
	if err := checkName(name, given, known); err != nil {
		return err
	}
	token, err := decoder.Token()
	if err != nil {
		return fmt.Errorf("the field %q cannot be read: %w", name, err)
	}
	value, isText := token.(string)
	if !isText {
		return fmt.Errorf("the field %q is no text", name)
	}
	return put(name, value, given)
}

// queryFields reads the fields in a query, which also has what is for the host
// and for [ask].
func queryFields(raw string, known []string) (map[string]string, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, err
	}
	delete(query, "code") // a function key
	delete(query, "format")
	given := make(map[string]string, len(known))
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			if err := checkName(name, given, known); err != nil {
				return nil, err
			}
			if err := put(name, value, given); err != nil {
				return nil, err
			}
		}
	}
	return given, nil
}

func checkName(name string, given map[string]string, known []string) error {
	if !slices.Contains(known, name) {
		expected := "none"
		if len(known) > 0 {
			expected = strings.Join(known, " or ")
		}
		return fmt.Errorf("the field %q is unknown here, expected %s", name, expected)
	}
	if _, twice := given[name]; twice {
		return fmt.Errorf("the field %q is there twice", name)
	}
	return nil
}

func put(name, value string, given map[string]string) error {
	if strings.TrimSpace(value) == "" {
		return fmt.Errorf("the field %q is empty, expected a value or no such field", name)
	}
	given[name] = value
	return nil
}
