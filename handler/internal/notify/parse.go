package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// What a body may have at most. Graph's own are far smaller: an item takes some
// 600 bytes, and no document tells of more than 1,000 in a body.
const (
	MaxBody  = 1 << 20 // bytes
	MaxItems = 1000
	maxDepth = 16
)

// Reason says why an item was dropped.
type Reason string

// The reasons.
const (
	Malformed  Reason = "malformed"    // no object, or of the wrong types
	WrongState Reason = "client state" // signed by none of our secrets, or for something else
	WrongPlace Reason = "tenant"       // of another tenant
	Unknown    Reason = "unknown"      // a resource or an event that we do not know
)

// Lifecycle is what Graph says of a subscription.
type Lifecycle struct {
	Event        string // reauthorizationRequired, subscriptionRemoved or missed
	Subscription string // its id
}

// Delivery is what a body tells: each group, user and lifecycle event once, in
// the order of the first mention.
type Delivery struct {
	Groups    []org.TeamID
	Users     []org.UserID
	Lifecycle []Lifecycle

	Items   int // in the body, dropped ones included
	Dropped map[Reason]int
}

// item is a notification on the wire ("changeNotification resource type").
type item struct {
	Subscription string `json:"subscriptionId"`
	State        string `json:"clientState"`
	Tenant       string `json:"tenantId"`
	Resource     string `json:"resource"`
	Lifecycle    string `json:"lifecycleEvent"`
}

// parser is a body on its way.
type parser struct {
	keys   *Keys
	tenant string
	out    Delivery
	seen   map[any]bool
	states map[state]bool // verdicts, so that a thousand items of one subscription cost one
}

type state struct {
	kind Kind
	text string
}

// maxStates bounds the verdicts that are remembered: each of a forged body may
// have a clientState of its own.
const maxStates = 64

// Parse reads the body of a POST from Graph. An item that is not as it should be
// is dropped and counted, and costs the others nothing: one body may be about
// many subscriptions. An error, a sentence, says that the body as a whole is none
// of Graph's: no JSON, deeper or longer than theirs, without a list of items.
//
// The cheapest checks come first. The memory it takes is in proportion to what
// the body has that is signed, and the work to its length.
func Parse(body []byte, keys *Keys, tenant string) (Delivery, error) {
	if err := plausible(body); err != nil {
		return Delivery{}, err
	}
	p := &parser{
		keys: keys, tenant: tenant, seen: map[any]bool{}, states: map[state]bool{},
		out: Delivery{Dropped: map[Reason]int{}},
	}
	if err := p.body(json.NewDecoder(bytes.NewReader(body))); err != nil {
		return Delivery{}, err
	}
	return p.out, nil
}

// plausible refuses what cannot be a body before anything is made of it.
func plausible(body []byte) error {
	if len(body) > MaxBody {
		return fmt.Errorf("a body of %d bytes; at most %d are taken", len(body), MaxBody)
	}
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) == 0 || start[0] != '{' {
		return errors.New("expected a JSON object")
	}
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
				return fmt.Errorf("JSON nested deeper than %d levels", maxDepth)
			}
		case c == '}', c == ']':
			depth--
		}
	}
	return nil
}

// errShape says that a body is JSON, or begins so, and no notification.
var errShape = errors.New("expected a JSON object with a list called value")

// body reads {"value":[…]}. What stands beside value does not count.
func (p *parser) body(dec *json.Decoder) error {
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return errShape
	}
	found := false
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return errShape
		}
		if name != "value" || found {
			if err := skip(dec); err != nil {
				return errShape
			}
			continue
		}
		found = true
		if err := p.list(dec); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil || !found {
		return errShape
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("expected nothing after the JSON object")
	}
	return nil
}

// skip reads a value of any kind and keeps nothing of it.
func skip(dec *json.Decoder) error {
	for depth := 0; ; {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// list reads the items.
func (p *parser) list(dec *json.Decoder) error {
	if start, err := dec.Token(); err != nil || start != json.Delim('[') {
		return errShape
	}
	for dec.More() {
		if p.out.Items++; p.out.Items > MaxItems {
			return fmt.Errorf("more than %d notifications in one body", MaxItems)
		}
		var it item
		err := dec.Decode(&it)
		switch _, wrong := errors.AsType[*json.UnmarshalTypeError](err); {
		case wrong:
			p.out.Dropped[Malformed]++
		case err != nil:
			return errShape
		default:
			p.take(&it)
		}
	}
	_, err := dec.Token()
	return err
}

// take takes what an item says.
func (p *parser) take(it *item) {
	if _, err := org.ParseUserID(it.Subscription); err != nil { // a GUID as any
		p.out.Dropped[Malformed]++
		return
	}
	if it.Tenant != "" && !strings.EqualFold(it.Tenant, p.tenant) {
		p.out.Dropped[WrongPlace]++
		return
	}
	if it.Lifecycle != "" {
		p.lifecycle(it)
		return
	}
	kind, id := about(it.Resource)
	switch {
	case kind == "":
		p.out.Dropped[Unknown]++
	case !p.signed(kind, it.State):
		p.out.Dropped[WrongState]++
	case kind == Users:
		if user := id; p.first(user) {
			p.out.Users = append(p.out.Users, user)
		}
	default:
		if group := org.TeamID(id.String()); p.first(group) {
			p.out.Groups = append(p.out.Groups, group)
		}
	}
}

// events are those that Graph documents for lifecycles. New ones may come.
var events = map[string]bool{"reauthorizationRequired": true, "subscriptionRemoved": true, "missed": true}

func (p *parser) lifecycle(it *item) {
	said := Lifecycle{it.Lifecycle, strings.ToLower(it.Subscription)}
	switch {
	case !p.signed("", it.State):
		p.out.Dropped[WrongState]++
	case !events[it.Lifecycle]:
		p.out.Dropped[Unknown]++
	case p.first(said):
		p.out.Lifecycle = append(p.out.Lifecycle, said)
	}
}

// first reports whether something is mentioned for the first time.
func (p *parser) first(what any) bool {
	if p.seen[what] {
		return false
	}
	p.seen[what] = true
	return true
}

// signed reports whether a clientState is good for a kind; "": for any.
func (p *parser) signed(kind Kind, text string) bool {
	of := state{kind, text}
	good, known := p.states[of]
	if known {
		return good
	}
	if kind == "" {
		good = p.keys.verifyAny(text)
	} else {
		good = p.keys.Verify(kind, text)
		// Graph calls a group's links by the group's own path in some versions.
		good = good || kind == Members && p.keys.Verify(Groups, text)
	}
	if len(p.states) < maxStates {
		p.states[of] = good
	}
	return good
}

// about tells what a resource is: "Groups/<id>", "groups('<id>')",
// "groups/<id>/members/<id>", "teams('<id>')/members('…')", "Users/<id>", in any
// case. An empty kind: something else.
func about(resource string) (Kind, org.UserID) {
	plain := strings.NewReplacer("('", "/", "')", "").Replace(strings.TrimPrefix(resource, "/"))
	parts := strings.Split(plain, "/")
	if len(parts) < 2 || len(parts) > 4 {
		return "", org.UserID{}
	}
	id, err := org.ParseUserID(parts[1])
	if err != nil {
		return "", org.UserID{}
	}
	members := len(parts) > 2 && (strings.EqualFold(parts[2], "members") || strings.EqualFold(parts[2], "owners"))
	switch set := strings.ToLower(parts[0]); {
	case set == "users" && len(parts) == 2:
		return Users, id
	case set == "groups" && len(parts) == 2:
		return Groups, id
	case (set == "groups" || set == "teams") && members:
		return Members, id
	}
	return "", org.UserID{}
}
