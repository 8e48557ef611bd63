package simbus

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Statuses of management answers.
const (
	statusOK   = 200
	statusNone = 204
)

// manage is a queue's $management (Service Bus documentation, "AMQP 1.0 in
// Azure Service Bus: request-response-based operations").
func (q *queue) manage(r request) (int32, any, *refusal) {
	switch strings.TrimPrefix(r.operation(), "com.microsoft:") {
	case "peek-message":
		return q.peek(r)
	case "schedule-message":
		return q.schedule(r)
	case "cancel-scheduled-message":
		return q.cancel(r)
	case "renew-lock":
		return q.renewLocks(r)
	case "update-disposition":
		return q.updateDisposition(r)
	case "renew-session-lock":
		return q.renewSession(r)
	case "get-session-state":
		return q.sessionState(r)
	case "set-session-state":
		return q.setSessionState(r)
	}
	return 0, nil, &refusal{"amqp:not-implemented", 501, fmt.Sprintf("This stand-in has no %q.", r.operation())}
}

// peek shows messages in whichever state, from a sequence number on.
func (q *queue) peek(r request) (int32, any, *refusal) {
	from, count := value[int64](r.body, "from-sequence-number"), int(value[int32](r.body, "message-count"))
	var found []*message
	for _, m := range q.messages {
		if m.sequence >= from {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b *message) int { return cmp.Compare(a.sequence, b.sequence) })
	var shown list
	for _, m := range found[:min(len(found), max(count, 0))] {
		shown = append(shown, mapping{"message", m.encode()})
	}
	if len(shown) == 0 {
		return statusNone, nil, nil
	}
	return statusOK, mapping{"messages", shown}, nil
}

// schedule stores messages that carry the time at which they become visible.
func (q *queue) schedule(r request) (int32, any, *refusal) {
	var batch []*message
	for _, entry := range r.many("messages") {
		pairs, _ := entry.(mapping)
		m, err := parseMessage(value[[]byte](pairs, "message"))
		if err != nil {
			return 0, nil, malformed(err)
		}
		batch = append(batch, m)
	}
	sequences, no := q.send(batch...)
	if no != nil {
		return 0, nil, no
	}
	return statusOK, mapping{"sequence-numbers", sequences}, nil
}

// cancel forgets scheduled messages: all that are named, or none if one is not
// there or visible by now.
func (q *queue) cancel(r request) (int32, any, *refusal) {
	var doomed []*message
	for _, sequence := range r.many("sequence-numbers") {
		n, _ := sequence.(int64)
		m := q.messages[n]
		if m == nil || m.state != scheduled {
			return 0, nil, &refusal{"com.microsoft:message-not-found", 404,
				fmt.Sprintf("Messages not found. Missing sequence number: %d", n)}
		}
		doomed = append(doomed, m)
	}
	for _, m := range doomed {
		q.drop(m)
	}
	return statusOK, nil, nil
}

// renewLocks renews the locks of messages, but not those of a session's.
func (q *queue) renewLocks(r request) (int32, any, *refusal) {
	var expirations array
	for _, token := range r.many("lock-tokens") {
		lock, _ := token.(uuid)
		m := q.locked[lock]
		if m == nil || q.rules.Sessions {
			return 0, nil, lockLost()
		}
		m.until = q.bus.now().Add(q.rules.LockDuration)
		q.wake(m.until)
		expirations = append(expirations, timestamp(m.until.UnixMilli()))
	}
	return statusOK, mapping{"expirations", expirations}, nil
}

// updateDisposition settles by lock alone: what the SDK does with a message
// whose link is gone.
func (q *queue) updateDisposition(r request) (int32, any, *refusal) {
	o := outcome{
		reason:      value[string](r.body, "deadletter-reason"),
		description: value[string](r.body, "deadletter-description"),
		changes:     value[mapping](r.body, "properties-to-modify"),
	}
	switch status := value[string](r.body, "disposition-status"); status {
	case "completed":
		o.verdict = completed
	case "abandoned":
		o.verdict = abandoned
	case "suspended":
		o.verdict = deadLettered
	case "defered":
		o.verdict = deferred
	default:
		return 0, nil, notAllowed(fmt.Sprintf("%q is no disposition.", status))
	}
	for _, token := range r.many("lock-tokens") {
		lock, _ := token.(uuid)
		if no := q.settle(lock, o); no != nil {
			return 0, nil, no
		}
	}
	return statusOK, nil, nil
}

// heldSession is the session of a request whose link holds it.
func (q *queue) heldSession(r request) (*lane, *refusal) {
	l := q.lanes[r.session()]
	if !q.rules.Sessions || l == nil || !l.held || l.owner != r.link() {
		return nil, sessionLockLost()
	}
	return l, nil
}

func (q *queue) renewSession(r request) (int32, any, *refusal) {
	l, no := q.heldSession(r)
	if no != nil {
		return 0, nil, no
	}
	l.until = q.bus.now().Add(q.rules.LockDuration)
	q.wake(l.until)
	return statusOK, mapping{"expiration", timestamp(l.until.UnixMilli())}, nil
}

func (q *queue) sessionState(r request) (int32, any, *refusal) {
	l, no := q.heldSession(r)
	if no != nil {
		return 0, nil, no
	}
	var state any
	if l.state != nil {
		state = l.state
	}
	return statusOK, mapping{"session-state", state}, nil
}

// setSessionState sets the state; null forgets it.
func (q *queue) setSessionState(r request) (int32, any, *refusal) {
	l, no := q.heldSession(r)
	if no != nil {
		return 0, nil, no
	}
	l.state = value[[]byte](r.body, "session-state")
	return statusOK, nil, nil
}
