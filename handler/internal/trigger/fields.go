package trigger

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// What operators write is bounded, in bytes.
const (
	maxFields = 4 << 10 // a body, and a query as it came
	maxField  = 256     // the value of one field
)

// The fields of operators' requests. All are text.
const (
	userField   = "user"   // an Entra object id, or a user principal name
	workerField = "worker" // a personnel number
	storeField  = "store"  // a store number
	readAtField = "readAt" // the time of a reading, as RFC 3339 has it
	limitField  = "limit"  // how many
)

// fields reads what a call is about. A POST says it in its body, a GET in its
// query.
//
// Everything said is understood or refused. A store that is misspelled, empty,
// there twice or in the wrong place would else be taken for no store, which
// means every team.
func (c call) fields(known ...string) (map[string]string, error) {
	inBody, inQuery := known, []string(nil)
	if c.Method != http.MethodPost {
		inBody, inQuery = inQuery, inBody
	}
	given, err := queryFields(c.URL.RawQuery, inQuery)
	if err != nil {
		return nil, fault.New(fault.Invalid, "read query", err)
	}
	if c.Method != http.MethodPost {
		return given, nil
	}
	return bodyFields(c.Request, inBody)
}

// noFields refuses a call that says more than its path.
func (c call) noFields() error {
	_, err := c.fields()
	return err
}

// queryFields reads the fields in a query, which may have a function key too.
func queryFields(raw string, known []string) (map[string]string, error) {
	if len(raw) > maxFields {
		return nil, fmt.Errorf("it is longer than %d bytes", maxFields)
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, err
	}
	delete(query, "code") // the host's
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
	switch {
	case strings.TrimSpace(value) == "":
		return fmt.Errorf("the field %q is empty, expected a value or no such field", name)
	case len(value) > maxField:
		return fmt.Errorf("the field %q is longer than %d bytes", name, maxField)
	case !utf8.ValidString(value):
		return fmt.Errorf("the field %q is not in UTF-8", name)
	}
	given[name] = value
	return nil
}

// whom reads the user or worker a call is about, one of the two, and where.
func (c call) whom(known ...string) (Subject, error) {
	s, err := c.subject(known...)
	if err == nil && s.User == "" && s.Worker == "" {
		err = fault.New(fault.Invalid, "read request", errors.New("say whom: a user or a worker"))
	}
	return s, err
}

// subject reads whom or what a call is about, and no more than one person.
func (c call) subject(known ...string) (Subject, error) {
	given, err := c.fields(known...)
	if err != nil {
		return Subject{}, err
	}
	s := Subject{User: given[userField], Worker: given[workerField], Store: given[storeField]}
	if s.User != "" && s.Worker != "" {
		return Subject{}, fault.Newf(fault.Invalid, "read request", "say a user or a worker, not both")
	}
	return s, nil
}
