package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// maxSettings bounds a file of settings. All of Azure's have room in a tenth.
const maxSettings = 1 << 20

// ReadSettings reads a file of settings, by name. Two forms are known:
// local.settings.json's object with Values, and the list of names and values
// that `az functionapp config appsettings list` prints. Of several values of one
// name the last counts. An error is a fault.Invalid that says what to correct
// and repeats no value, or a fault.Unavailable for a file that cannot be read.
func ReadSettings(r io.Reader) (map[string]string, error) {
	const op = "doctor: read the settings"
	text, err := io.ReadAll(io.LimitReader(r, maxSettings+1))
	switch {
	case err != nil:
		return nil, fault.New(fault.Unavailable, op, err)
	case len(text) > maxSettings:
		return nil, fault.Newf(fault.Invalid, op, "the file has over %d bytes, expected a file of settings", maxSettings)
	case bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")):
		return nil, fault.Newf(fault.Invalid, op, "the file is in UTF-16, as PowerShell writes by default; write it in UTF-8")
	}
	values, err := parseSettings(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	if err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	return values, nil
}

func parseSettings(text []byte) (map[string]string, error) {
	switch {
	case !json.Valid(text):
		return nil, errors.New("the file is no JSON")
	case text[0] == '{':
		return parseLocal(text)
	case text[0] == '[':
		return parseList(text)
	}
	return nil, errors.New(`expected an object with "Values", or a list of objects with "name" and "value"`)
}

// parseLocal reads local.settings.json.
func parseLocal(text []byte) (map[string]string, error) {
	var file struct {
		IsEncrypted bool
		Values      map[string]json.RawMessage
	}
	switch err := json.Unmarshal(text, &file); {
	case err != nil || file.Values == nil:
		return nil, errors.New(`expected an object with "Values", an object itself`)
	case file.IsEncrypted:
		return nil, errors.New("the file is encrypted; run `func settings decrypt` first")
	}
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(file.Values)) {
		if err := put(values, name, file.Values[name]); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// parseList reads what the Azure CLI prints.
func parseList(text []byte) (map[string]string, error) {
	var rows []struct {
		Name  string
		Value json.RawMessage
	}
	if json.Unmarshal(text, &rows) != nil {
		return nil, errors.New(`expected a list of objects with "name" and "value"`)
	}
	values := map[string]string{}
	for i, row := range rows {
		if row.Name == "" {
			return nil, fmt.Errorf(`entry %d of the list has no "name"`, i+1)
		}
		if err := put(values, row.Name, row.Value); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// put keeps one value. The Azure CLI prints null for values it hides, which
// must not pass for values that are not set.
func put(values map[string]string, name string, value json.RawMessage) error {
	if string(value) == "null" {
		return fmt.Errorf("the value of %q is null; print it with `az functionapp config appsettings list`, which shows it", name)
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return fmt.Errorf("the value of %q is no string: put it in quotes", name)
	}
	values[name] = text
	return nil
}
