package trigger

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// maxEnvelope bounds an invocation's body, in bytes. A timer's has a few hundred.
const maxEnvelope = 1 << 20

// invocationHeader is where the host names the call. It does so for every
// invocation and for every request it passes on.
const invocationHeader = "X-Azure-Functions-InvocationId"

// envelope is the body of an invocation: what fired, under the binding's name
// in function.json. The host sends Metadata beside it, which no function needs.
type envelope struct {
	Data     map[string]json.RawMessage // bindings by name
	Metadata map[string]json.RawMessage // what the trigger says beside them
}

// readEnvelope reads an invocation's body, which comes chunked or with a
// length. A missing or odd Data is an empty one: what fired is known from the
// path, and a timer says nothing more that is needed.
func readEnvelope(r *http.Request) (envelope, error) {
	const op = "trigger: read invocation"
	body, err := readBody(r, maxEnvelope)
	if err != nil {
		return envelope{}, fault.New(fault.Invalid, op, err)
	}
	e, err := decodeEnvelope(body)
	if err != nil {
		return envelope{}, fault.New(fault.Invalid, op, err)
	}
	return e, nil
}

// readBody reads a body of at most limit bytes; of a longer one it says so with
// an [http.MaxBytesError].
func readBody(r *http.Request, limit int64) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
}

func decodeEnvelope(body []byte) (envelope, error) {
	var outer *struct{ Data, Metadata json.RawMessage }
	if err := json.Unmarshal(body, &outer); err != nil {
		return envelope{}, fmt.Errorf("expected a JSON object: %w", err)
	}
	if outer == nil {
		return envelope{}, errors.New("expected a JSON object, found null")
	}
	var e envelope
	if err := json.Unmarshal(unwrap(outer.Data), &e.Data); err != nil {
		e.Data = nil // not an object, so nothing in it has a name
	}
	if err := json.Unmarshal(unwrap(outer.Metadata), &e.Metadata); err != nil {
		e.Metadata = nil // likewise, and nothing in it is needed
	}
	return e, nil
}

// value decodes the value of a binding into a pointer, as far as it is there
// and fits. Nothing a timer sends is worth failing a run for.
func (e envelope) value(name string, into any) {
	if raw, ok := e.Data[name]; ok {
		_ = json.Unmarshal(unwrap(raw), into)
	}
}

// unwrap takes a value out of the JSON strings the host puts around it: text
// comes as a JSON string of a JSON string, a list as a JSON string of a list,
// an object as it is, and hosts differ. A string whose content is no JSON text,
// array or object is itself the value, and so are numbers in strings: whether
// they are numbers only their reader can know.
//
// (ToHttpScriptInvocationContext in the host's ScriptInvocationContextExtensions.cs.)
func unwrap(raw json.RawMessage) json.RawMessage {
	for {
		var content string
		if !bytes.HasPrefix(raw, []byte(`"`)) || json.Unmarshal(raw, &content) != nil {
			return raw
		}
		content = strings.TrimSpace(content)
		if content == "" || !strings.Contains(`"[{`, content[:1]) || !json.Valid([]byte(content)) {
			return raw
		}
		raw = json.RawMessage(content) // shorter by two quotes at least, so this ends
	}
}

// maxName is the most bytes a name of a call, run or job has.
const maxName = 64

// isNameRune reports whether such a name may contain the character.
func isNameRune(c rune) bool {
	return c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// invocationOf names the call: as the host does or, when a person called by
// hand or the name would not do as a key, by a new name.
func invocationOf(r *http.Request) string {
	name := r.Header.Get(invocationHeader)
	odd := func(c rune) bool { return !isNameRune(c) }
	if name == "" || len(name) > maxName || strings.ContainsFunc(name, odd) {
		return rand.Text()
	}
	return name
}
