package trigger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

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
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != jsonKind {
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
