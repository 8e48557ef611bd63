// Package world holds world files: everything the simulated Commerce and the
// simulated tenant start with, as the rows that go over the wire. It owns the
// file's format, the sample world that ships with storeteams ([Sample], written
// by the program in gen), and what people do while the simulators run: the small
// edits a newcomer makes in Commerce to see a change arrive in Teams
// ([Headquarters]), and what is done to tasks at a till ([PointOfSale]) and in
// Teams ([Member]).
//
// It refuses to know what the rows mean: a world may be full of mistakes, since
// real ones are, and package simcommerce serves them as they are. So it imports
// nothing of the handler's.
package world

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

// World is the content of a world file:
//
//	{"commerce": {"RetailStores": [row, …], …}, "graph": {"users": [row, …], "groups": [row, …]}}
type World struct {
	// Commerce has the rows of each OData collection as F&O serves them. A
	// collection that is left out is there and empty.
	Commerce map[string][]json.RawMessage `json:"commerce"`

	// Graph is the tenant.
	Graph Graph `json:"graph"`
}

// Graph is the tenant as Microsoft Graph serves it.
type Graph struct {
	// Users are rows of /users: id, userPrincipalName, displayName,
	// accountEnabled, userType and assignedPlans.
	Users []json.RawMessage `json:"users"`

	// Groups are rows of /groups with the links members and owners in them, each
	// a list of {"@odata.type": …, "id": …}.
	Groups []json.RawMessage `json:"groups"`
}

// Load reads a world file. An error says where in the file, and what was
// expected there. Rows need only be JSON objects, and the tenant's have an id.
func Load(r io.Reader) (World, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return World{}, fmt.Errorf("read the world: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // some editors begin UTF-8 with a mark
	var w World
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return World{}, fmt.Errorf("the world is not what it should be: %w", place(data, d.InputOffset(), err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return World{}, fmt.Errorf("the world goes on after its end, at %s", position(data, d.InputOffset()))
	}
	if err := w.check(); err != nil {
		return World{}, err
	}
	return w, nil
}

// LoadFile reads the world file at path.
func LoadFile(path string) (World, error) {
	f, err := os.Open(path)
	if err != nil {
		return World{}, fmt.Errorf("open the world: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	w, err := Load(f)
	if err != nil {
		return World{}, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

// place adds the line and column to an error of package json.
func place(data []byte, offset int64, err error) error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset - 1 // of the byte that is wrong, not the one behind it
	case errors.As(err, &mismatch):
		return fmt.Errorf("%s: %s: expected %s, found a JSON %s",
			position(data, mismatch.Offset), mismatch.Field, expected(mismatch), mismatch.Value)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends too early")
	}
	return fmt.Errorf("%s: %w", position(data, offset), err)
}

func expected(e *json.UnmarshalTypeError) string {
	if kind := e.Type.Kind().String(); kind == "slice" {
		return "a list of rows"
	}
	return "an object"
}

// position says where an offset is for somebody with an editor.
func position(data []byte, offset int64) string {
	before := data[:min(max(offset, 0), int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d", line, column)
}

func (w World) check() error {
	if w.Commerce == nil {
		return errors.New(`the world has no "commerce" part`)
	}
	for _, name := range slices.Sorted(maps.Keys(w.Commerce)) {
		for i, row := range w.Commerce[name] {
			if err := isObject(row); err != nil {
				return fmt.Errorf("commerce.%s, row %d: %w", name, i+1, err)
			}
		}
	}
	if err := checkIDs("users", w.Graph.Users); err != nil {
		return err
	}
	return checkIDs("groups", w.Graph.Groups)
}

// checkIDs checks that rows of the tenant have an id: nothing can be done with
// one that has none.
func checkIDs(list string, rows []json.RawMessage) error {
	for i, row := range rows {
		err := isObject(row)
		var identified struct {
			ID string `json:"id"`
		}
		if err == nil && (json.Unmarshal(row, &identified) != nil || identified.ID == "") {
			err = errors.New(`expected an "id", an object's GUID as text`)
		}
		if err != nil {
			return fmt.Errorf("graph.%s, row %d: %w", list, i+1, err)
		}
	}
	return nil
}

func isObject(row json.RawMessage) error {
	if row[0] != '{' {
		return fmt.Errorf("expected an object, found %.40s", row)
	}
	return nil
}

//go:generate go run ./gen -o sample.json

//go:embed sample.json
var sample []byte

// Sample returns the world that ships with storeteams: one retailer with every
// odd case the organization rules have to deal with. The program in gen writes
// it and says which row is which case.
func Sample() (World, error) {
	w, err := Load(bytes.NewReader(sample))
	if err != nil {
		return World{}, fmt.Errorf("the sample: %w", err)
	}
	return w, nil
}

// SampleSettings returns the settings that go with the sample, by name.
// Addresses are not among them: only who runs the simulators knows those.
func SampleSettings() map[string]string {
	return map[string]string{
		"INSTANCE":                 "local",
		"MODE":                     "full",
		"TASK_MODE":                "sync",
		"ADOPT":                    "yes",
		"TENANT_ID":                "5a1e0c6e-3f4b-4c1d-9a57-6f1d2b8e7c10",
		"AZURE_CLIENT_ID":          "5b0f7d52-3c1e-4f0a-9a58-8d1f6f3f2a11",
		"FALLBACK_OWNERS":          "it.operations@larkmoor.example,store.support@larkmoor.example",
		"COMMUNICATIONS_TEAM_NAME": "Larkmoor store communications",
	}
}
