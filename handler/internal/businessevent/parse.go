package businessevent

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// What is taken of an event at most.
const (
	MaxSize  = 256 << 10 // bytes: Service Bus's limit for a message in its Standard tier
	maxDepth = 64
	maxText  = 64  // bytes of a value; longer ones are no keys
	maxNamed = 100 // stores, and workers
)

// Parse reads an event. What tells it from others is its EventId, else its
// ControlNumber with its name and legal entity, else the operation's id, else its
// text: whatever is sent twice has one ID.
//
// An error, a sentence, says that the body is no JSON object or too large to be
// looked at. No field of the wrong type is one.
func Parse(body []byte) (Event, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	switch {
	case len(body) > MaxSize:
		return Event{}, fmt.Errorf("an event of %d bytes; at most %d are taken", len(body), MaxSize)
	case !utf8.Valid(body):
		return Event{}, errors.New("the event is not UTF-8")
	case deep(body):
		return Event{}, fmt.Errorf("the event is nested deeper than %d levels", maxDepth)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil || fields == nil {
		return Event{}, errors.New("expected a JSON object")
	}
	if _, is := fields["InputParameters"]; is {
		return dataEvent(fields, body), nil
	}
	return businessEvent(fields, body), nil
}

// deep reports whether JSON has more levels than an event's.
func deep(body []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}', c == ']':
			depth--
		}
	}
	return false
}

// businessEvent reads a business event: what is common to all stands beside what
// is its own. Customers' own fields may stand in ExtensionFields.
func businessEvent(fields map[string]any, body []byte) Event {
	e := Event{Form: Business, Name: text(fields["BusinessEventId"])}
	e.Time = firstTime(fields["EventTimeIso8601"], fields["EventTime"])
	e.ID = text(fields["EventId"])
	if number := text(fields["ControlNumber"]); e.ID == "" && number != "" {
		e.ID = e.Name + "/" + text(fields["BusinessEventLegalEntity"]) + "/" + number
	}
	e.look(fields)
	for _, pair := range pairs(fields["ExtensionFields"]) {
		e.name(pair.name, pair.value)
	}
	return e.named(body)
}

// dataEvent reads a Dataverse RemoteExecutionContext: the row is in the input
// parameter Target, and as it was in an image before.
func dataEvent(fields map[string]any, body []byte) Event {
	e := Event{Form: Data, Entity: canonical(text(fields["PrimaryEntityName"]))}
	e.Name = text(fields["MessageName"]) + " " + e.Entity
	e.Time = firstTime(fields["OperationCreatedOn"])
	if e.ID = text(fields["OperationId"]); strings.Trim(e.ID, "0-") == "" {
		e.ID = "" // some steps have an id of zeros
	}
	for _, list := range []string{"InputParameters", "PreEntityImages"} {
		for _, parameter := range pairs(fields[list]) {
			row, isRow := parameter.value.(map[string]any)
			if !isRow {
				continue
			}
			if e.Entity == "" {
				e.Entity = canonical(text(row["LogicalName"]))
			}
			for _, attribute := range pairs(row["Attributes"]) {
				e.name(attribute.name, attribute.value)
			}
		}
	}
	return e.named(body)
}

// pair is an entry of a list of keys and values.
type pair struct {
	name  string
	value any
}

// pairs reads such a list, or an object for one.
func pairs(list any) []pair {
	var all []pair
	switch list := list.(type) {
	case []any:
		for _, entry := range list {
			if fields, is := entry.(map[string]any); is {
				all = append(all, pair{text(either(fields, "key", "Key")), either(fields, "value", "Value")})
			}
		}
	case map[string]any:
		for name, value := range list {
			all = append(all, pair{name, value})
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	return all
}

func either(fields map[string]any, names ...string) any {
	for _, name := range names {
		if value, is := fields[name]; is {
			return value
		}
	}
	return nil
}

// look takes what an object's fields name.
func (e *Event) look(fields map[string]any) {
	for _, field := range pairs(fields) {
		e.name(field.name, field.value)
	}
}

// name takes a field if it names something: by F&O's attribute, however a version
// writes it.
func (e *Event) name(field string, value any) {
	if wrapped, is := value.(map[string]any); is {
		value = either(wrapped, "Value", "value")
	}
	said := text(value)
	if said == "" {
		return
	}
	switch plain(field) {
	case "storenumber", "retailstorenumber":
		if store := org.StoreNumber(said); len(e.Stores) < maxNamed && !slices.Contains(e.Stores, store) {
			e.Stores = append(e.Stores, store)
		}
	case "personnelnumber", "workerpersonnelnumber", "staffid":
		if worker := org.PersonnelNumber(said); len(e.Workers) < maxNamed && !slices.Contains(e.Workers, worker) {
			e.Workers = append(e.Workers, worker)
		}
	case "processprocessid", "processid":
		e.Process = said
	case "taskid":
		e.Task = said
	}
}

// plain is a name without what versions write differently.
func plain(name string) string {
	return strings.ReplaceAll(strings.TrimPrefix(strings.ToLower(name), "mserp_"), "_", "")
}

// canonical is an entity's name without prefix and suffix.
func canonical(entity string) string { return strings.TrimSuffix(plain(entity), "entity") }

// named gives the event an ID if it has none.
func (e Event) named(body []byte) Event {
	e.ID = strings.ToLower(strings.Trim(e.ID, "{}"))
	if e.ID == "" {
		sum := sha256.Sum256(body)
		e.ID = hex.EncodeToString(sum[:16])
	}
	return e
}

// text is a value as text, empty if it is none that could be a key.
func text(value any) string {
	var said string
	switch value := value.(type) {
	case string:
		said = strings.TrimSpace(value)
	case json.Number:
		said = value.String()
	}
	if len(said) > maxText || strings.ContainsFunc(said, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return said
}

// oldTime is the form of older versions, in milliseconds since 1970.
var oldTime = regexp.MustCompile(`^/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/$`)

// firstTime is the first value that is a time, in either form.
func firstTime(values ...any) time.Time {
	for _, value := range values {
		said := text(value)
		if match := oldTime.FindStringSubmatch(said); match != nil {
			if ms, err := strconv.ParseInt(match[1], 10, 64); err == nil {
				return time.UnixMilli(ms).UTC()
			}
		}
		for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
			if at, err := time.Parse(form, said); err == nil {
				return at.UTC()
			}
		}
	}
	return time.Time{}
}
