package hint

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest parts, in bytes. Keys and ETags are shorter than 100; a store number
// is the session's id.
const (
	maxStore   = maxSessionID
	maxKey     = 300
	maxSeen    = 300
	maxAttempt = 1000
)

// Parse reads a hint. An error says in a sentence what is wrong with the body, and
// quotes little of it: it may be anybody's.
func Parse(body []byte) (Hint, error) {
	if len(body) > MaxSize {
		return Hint{}, fmt.Errorf("the hint has %d bytes; more than %d are none", len(body), MaxSize)
	}
	if !utf8.Valid(body) {
		return Hint{}, errors.New("the hint is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	var m *message
	if err := decoder.Decode(&m); err != nil {
		return Hint{}, fmt.Errorf("the hint is not the JSON of one: %s", why(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Hint{}, fmt.Errorf("the hint is followed by more: %s", quote(string(body[decoder.InputOffset():])))
	}
	if m == nil {
		return Hint{}, errors.New("the hint is not the JSON of one: it is null")
	}
	if m.Version != version {
		return Hint{}, fmt.Errorf("the hint is of version %d; this app knows version %d", m.Version, version)
	}
	if err := m.check(); err != nil {
		return Hint{}, err
	}
	return m.Hint, nil
}

// why says what is wrong with JSON, without the names of Go's types.
func why(err error) string {
	if wrong, is := errors.AsType[*json.UnmarshalTypeError](err); is {
		if wrong.Field == "" {
			return "it is a JSON " + quote(wrong.Value)
		}
		return quote(strings.TrimPrefix(wrong.Field, "Hint.")) + " is a JSON " + quote(wrong.Value)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return clip(strings.TrimPrefix(err.Error(), "json: "))
}

// check returns what is wrong with the parts of a hint.
func (h *Hint) check() error {
	switch h.Kind {
	case Task, Store:
		if h.Store == "" {
			return fmt.Errorf("a hint of kind %s needs a store", h.Kind)
		}
	case List, Group, User, Worker, Org, Tenant, Subscription, Due:
		if h.Store != "" {
			return fmt.Errorf("a hint of kind %s is about no store, and names %s", h.Kind, quote(string(h.Store)))
		}
	case "":
		return errors.New("the hint has no kind")
	default:
		return fmt.Errorf("%s is no kind of hint that this app knows", quote(string(h.Kind)))
	}
	if err := h.checkKey(); err != nil {
		return err
	}
	if h.Attempt < 0 || h.Attempt > maxAttempt {
		return fmt.Errorf("the hint's attempt is %d; it may be 0 to %d", h.Attempt, maxAttempt)
	}
	return cmp.Or(checkPart("store", string(h.Store), maxStore), checkPart("key", h.Key, maxKey), checkPart("seen", h.Seen, maxSeen))
}

// checkKey returns what is wrong with a hint's key.
func (h *Hint) checkKey() error {
	if !h.Kind.keyed() {
		if h.Key != "" {
			return fmt.Errorf("a hint of kind %s has no key, and this one has %s", h.Kind, quote(h.Key))
		}
		return nil
	}
	if h.Key == "" {
		return fmt.Errorf("a hint of kind %s needs a key", h.Kind)
	}
	if h.Kind != Task {
		return nil
	}
	side, id, _ := strings.Cut(h.Key, ":")
	process, of, both := strings.Cut(id, "/")
	switch {
	case side == "teams" && id != "" && !both:
	case side == "commerce" && process != "" && of != "" && !strings.Contains(of, "/"):
	default:
		return fmt.Errorf("a task's key is teams:<id> or commerce:<process>/<task>, not %s", quote(h.Key))
	}
	return nil
}

// checkPart returns what is wrong with the text of a part.
func checkPart(name, text string, most int) error {
	if len(text) > most {
		return fmt.Errorf("the hint's %s has %d bytes, more than %d: %s", name, len(text), most, quote(text))
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) || text != strings.TrimSpace(text) {
		return fmt.Errorf("the hint's %s has characters that are not printed: %s", name, quote(text))
	}
	return nil
}

// maxQuote is how much of a body an error quotes, in characters.
const maxQuote = 40

// quote quotes a text for people, in printable ASCII.
func quote(text string) string {
	runes := []rune(text)
	if len(runes) > maxQuote {
		return fmt.Sprintf("%+q…", string(runes[:maxQuote]))
	}
	return fmt.Sprintf("%+q", text)
}

// clip bounds the words of package json, which quote the body.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 2*maxQuote {
		return string(runes[:2*maxQuote]) + "…"
	}
	return text
}
