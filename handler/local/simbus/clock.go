package simbus

import (
	"cmp"
	"slices"
	"time"
)

// advance applies what the clock has brought since the last look: locks that
// ended, scheduled messages, expired ones, receivers that waited long enough.
// The bus does so before anything else it does, so that a lock ends when the
// clock says so and not when a ticker gets around to it.
func (q *queue) advance(now time.Time) {
	if q.due.IsZero() || now.Before(q.due) {
		return
	}
	q.due = time.Time{}
	touched := map[*lane]bool{}
	for _, l := range q.lanes {
		if l.held && !now.Before(l.until) {
			q.expire(l)
			touched[l] = true
		}
	}
	for _, m := range q.ripe(now) {
		touched[q.age(m, now)] = true
	}
	q.assign()
	for l := range touched {
		q.pump(l)
	}
	q.stopWaiting(now)
	q.setDue()
}

// dueTime is when something happens to a message; zero: never. The locks of a
// session's messages end with the session's.
func (q *queue) dueTime(m *message) time.Time {
	switch {
	case m.state == scheduled:
		return m.visible
	case m.state == active:
		return m.expires
	case q.rules.Sessions:
		return time.Time{}
	}
	return m.until
}

// ripe are the messages whose time has come, in that time's order, then by
// sequence number, since scheduled ones are numbered anew.
func (q *queue) ripe(now time.Time) []*message {
	var ripe []*message
	for _, m := range q.messages {
		if due := q.dueTime(m); !due.IsZero() && !now.Before(due) {
			ripe = append(ripe, m)
		}
	}
	slices.SortFunc(ripe, func(a, b *message) int {
		return cmp.Or(q.dueTime(a).Compare(q.dueTime(b)), cmp.Compare(a.sequence, b.sequence))
	})
	return ripe
}

// age moves a ripe message on and returns its lane.
func (q *queue) age(m *message, now time.Time) *lane {
	l := q.lane(m.session)
	switch m.state {
	case scheduled:
		q.appear(m, now)
	case locked:
		q.unlock(m)
		q.fail(m)
	case active:
		l.remove(m)
		q.drop(m)
		q.forget(l)
	}
	return l
}

// appear makes a scheduled message ready, as if it were sent now: with a new
// sequence number (Service Bus documentation, "Message sequencing and
// timestamps").
func (q *queue) appear(m *message, now time.Time) {
	q.drop(m)
	q.last++
	m.sequence, m.enqueued = q.last, now
	q.messages[m.sequence] = m
	if m.ttl > 0 {
		m.expires = now.Add(m.ttl)
	}
	q.ready(m)
}

// setDue finds the next time at which something happens.
func (q *queue) setDue() {
	for _, m := range q.messages {
		q.wake(q.dueTime(m))
	}
	for _, l := range q.lanes {
		if l.held {
			q.wake(l.until)
		}
	}
	for _, w := range q.waiting {
		q.wake(w.until)
	}
}
