package config

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "redacted"

// Secret is text that no log, record or message may show. Whatever prints it
// prints "redacted"; only [Secret.Reveal] gives the text. The zero Secret is
// one that was not set.
type Secret struct{ text string }

// Reveal returns the text, for the one client that needs it.
func (s Secret) Reveal() string { return s.text }

// Format implements [fmt.Formatter]. Without it, verbs meant for numbers would
// print the text inside an error note.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String implements [fmt.Stringer].
func (Secret) String() string { return redacted }

// GoString implements [fmt.GoStringer].
func (Secret) GoString() string { return redacted }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements [encoding/json.Marshaler].
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
