package trigger

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"
)

// messageTimeout ends the work on one message. The host holds a message's lock
// for five minutes (maxAutoLockRenewalDuration); after that somebody else gets it
// as well.
const messageTimeout = 270 * time.Second

// Receiver takes messages off a queue, one at a time in each session.
type Receiver interface {
	// Receive does what a message asks for. The body is as somebody sent it and
	// may be anything. An error means that the message has to be delivered again,
	// which the host does at once and ten times at most: whoever wants to wait
	// sends another message, and returns nil. ctx has a deadline.
	Receive(ctx context.Context, body []byte) error
}

// taskChanged hands over one message of the queue task-hints.
func (f *front) taskChanged(c call) (answer, error) { return f.receive(c, f.functions.TaskChanged) }

// receive hands over one message. Its binding is called "message" in
// function.json.
func (f *front) receive(c call, to Receiver) (answer, error) {
	e, err := readEnvelope(c.Request)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), messageTimeout)
	defer cancel()
	done := f.message(c, e)
	if err := to.Receive(ctx, e.message("message")); err != nil {
		return answer{}, &runError{err}
	}
	done()
	return answer{status: http.StatusOK, kind: jsonKind, body: []byte(success)}, nil
}

// message returns the body of a message. Its binding asks for binary data, which
// comes as base64; a host that gives text, as a JSON string in a JSON string, or
// an object is understood as well. No body is an empty one.
func (e envelope) message(name string) []byte {
	raw := e.Data[name]
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return raw
	}
	if body, err := base64.StdEncoding.DecodeString(text); err == nil {
		return body // no JSON object is base64: it begins with a brace
	}
	var inner string
	if json.Unmarshal([]byte(text), &inner) == nil {
		return []byte(inner)
	}
	return []byte(text)
}
