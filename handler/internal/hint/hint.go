// Package hint is the message that says "look here": on which task, store or
// list somebody has to look, and never what happened there. It is pure; package
// bus sends hints, package trigger receives them.
//
// What is no hint in every part is refused with a sentence that says why, which
// ends up beside the message among the dead letters.
package hint

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Kind says what a hint is about.
type Kind string

// The kinds that this version knows.
const (
	Task  Kind = "task"  // one task in a store
	Store Kind = "store" // everything in a store
	List  Kind = "list"  // the communications board
)

// MaxSize is the longest body of a hint, in bytes. What is longer is no hint.
const MaxSize = 4096

// Hint is one. Its JSON is {"v":1,"kind":"task","store":"000135",
// "key":"teams:<planner id>","seen":"<etag or time>","attempt":0}; what is empty
// or 0 is left out.
type Hint struct {
	Kind    Kind            `json:"kind"`
	Store   org.StoreNumber `json:"store,omitempty"`   // empty for a List
	Key     string          `json:"key,omitempty"`     // of a Task: "teams:<planner id>" or "commerce:<process>/<task>"
	Seen    string          `json:"seen,omitempty"`    // the version that was observed, an ETag or a time
	Attempt int             `json:"attempt,omitempty"` // how often it was tried before
}

// version is that of the JSON.
const version = 1

// message is a hint as it is sent.
type message struct {
	Version int `json:"v"`
	Hint
}

// Encode returns the hint as JSON, which Parse reads if its parts are what a hint
// may have.
func (h Hint) Encode() []byte {
	text, _ := json.Marshal(message{version, h}) // texts and numbers never fail
	return text
}

// Service Bus's limits, in characters ("Service Bus quotas": message and session
// id).
const (
	maxMessageID = 128
	maxSessionID = 128
)

// MessageID returns what tells the hint from others: "kind:store:key@seen", with
// "#attempt" when it was tried before. The queue drops a message whose id it had a
// while ago, also one that it has delivered; so the id names the version that was
// observed, and a hint without one has none: the sender makes up a fresh id.
//
// An id that would be too long, or could be another hint's too because of the
// characters in its parts, is a hash.
func (h Hint) MessageID() string {
	if h.Seen == "" {
		return ""
	}
	id := string(h.Kind) + ":" + string(h.Store) + ":" + h.Key + "@" + h.Seen
	if h.Attempt > 0 {
		id += "#" + strconv.Itoa(h.Attempt)
	}
	ambiguous := strings.Contains(string(h.Store), ":") || strings.Contains(h.Key, "@") || strings.Contains(h.Seen, "#")
	if ambiguous || len(id) > maxMessageID {
		sum := sha256.Sum256(h.Encode())
		return string(h.Kind) + "#" + hex.EncodeToString(sum[:])
	}
	return id
}

// SessionID returns in whose turn the hint is handled: hints of one store one
// after the other.
func (h Hint) SessionID() string {
	if h.Kind == List {
		return string(List)
	}
	return string(h.Store)
}
