// Package hint is the message that says "look here": at which task, store or
// list, or at whom of the organization, somebody has to look, and never what
// happened there. It is pure; package
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

// The kinds that this version knows. On the queue of tasks:
const (
	Task  Kind = "task"  // one task in a store
	Store Kind = "store" // everything in a store: on either queue, of what that queue is about
	List  Kind = "list"  // the communications board
)

// On the queue of the organization:
const (
	Group        Kind = "group"        // a group in Entra, by its id
	User         Kind = "user"         // a user in Entra, by their id
	Worker       Kind = "worker"       // a worker in Commerce, by personnel number
	Org          Kind = "org"          // the whole organization, of which something changed in Commerce
	Tenant       Kind = "tenant"       // the whole tenant: notifications may have been lost
	Subscription Kind = "subscription" // what Graph says of a subscription of ours, by "<event>:<id>"
	Due          Kind = "due"          // what was hinted at a while ago is to be looked into now
)

// OfOrganization reports whether the kind is one of the organization's queue.
func (k Kind) OfOrganization() bool {
	switch k {
	case Store, Group, User, Worker, Org, Tenant, Subscription, Due:
		return true
	}
	return false
}

// OfTasks reports whether the kind is one of the queue of tasks.
func (k Kind) OfTasks() bool { return k == Task || k == Store || k == List }

// keyed reports whether a hint of the kind has a key.
func (k Kind) keyed() bool {
	switch k {
	case Task, Group, User, Worker, Subscription:
		return true
	}
	return false
}

// orgTurns is how many hints of the organization are taken in at once. Each is
// little work, and the host keeps a turn for a second after its last hint.
const orgTurns = 8

// MaxSize is the longest body of a hint, in bytes. What is longer is no hint.
const MaxSize = 4096

// Hint is one. Its JSON is {"v":1,"kind":"task","store":"000135",
// "key":"teams:<planner id>","seen":"<etag or time>","attempt":0}; what is empty
// or 0 is left out.
type Hint struct {
	Kind    Kind            `json:"kind"`
	Store   org.StoreNumber `json:"store,omitempty"`   // of a Task and a Store
	Key     string          `json:"key,omitempty"`     // of a Task: "teams:<planner id>" or "commerce:<process>/<task>"; else see the kinds
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
	switch h.Kind {
	case List, Org, Tenant, Due:
		return string(h.Kind)
	case Group, User, Worker, Subscription:
		sum := sha256.Sum256([]byte(h.Key))
		return "org-" + strconv.Itoa(int(sum[0])%orgTurns)
	}
	return string(h.Store)
}
