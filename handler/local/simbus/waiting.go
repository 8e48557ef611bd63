package simbus

import (
	"slices"
	"time"
)

// waiter is a receiver that takes whichever session comes.
type waiter struct {
	link  *link
	from  attachment
	until time.Time
}

// defaultWait is how long Service Bus waits when the receiver does not say.
const defaultWait = time.Minute

// wait queues a receiver up for a session.
func (q *queue) wait(k *link, a attachment) {
	patience := defaultWait
	if a.timeout > 0 {
		patience = time.Duration(a.timeout) * time.Millisecond
	}
	w := &waiter{link: k, from: a, until: q.bus.now().Add(patience)}
	q.waiting = append(q.waiting, w)
	q.wake(w.until)
	q.assign()
}

// assign gives sessions with messages to those who wait, the session with the
// oldest message first.
func (q *queue) assign() {
	for len(q.waiting) > 0 {
		var oldest *lane
		for _, l := range q.lanes {
			if !l.held && len(l.ready) > 0 && (oldest == nil || l.ready[0].sequence < oldest.ready[0].sequence) {
				oldest = l
			}
		}
		if oldest == nil {
			return
		}
		w := q.waiting[0]
		q.waiting = q.waiting[1:]
		q.hold(oldest, w.link, w.from)
	}
}

// hold gives a session to a receiver.
func (q *queue) hold(l *lane, k *link, a attachment) {
	l.held, l.owner, l.receivers = true, k.name, []*link{k}
	l.until = q.bus.now().Add(q.rules.LockDuration)
	q.wake(l.until)
	k.lane = l
	k.acceptSession(a, l)
}

// expire ends a session's lock: every message under it counts as delivered
// once more, and the holder is told if it is still there.
func (q *queue) expire(l *lane) {
	holders := l.receivers
	q.free(l, q.fail)
	for _, k := range holders {
		k.lane = nil
		k.close(sessionLockLost())
	}
	q.assign()
}

// free takes a session from its holder and lets each message under its lock
// go back by the function given.
func (q *queue) free(l *lane, back func(*message)) {
	l.held, l.owner, l.until, l.receivers = false, "", time.Time{}, nil
	for _, m := range q.locked {
		if m.session == l.id {
			q.unlock(m)
			back(m)
		}
	}
	q.forget(l)
}

// forget removes a session of which nothing is left.
func (q *queue) forget(l *lane) {
	if q.rules.Sessions && l.idle() {
		delete(q.lanes, l.id)
	}
}

// stopWaiting refuses those who waited as long as they wanted to.
func (q *queue) stopWaiting(now time.Time) {
	q.waiting = slices.DeleteFunc(q.waiting, func(w *waiter) bool {
		late := !now.Before(w.until)
		if late {
			w.link.refuse(noSession())
		}
		return late
	})
}

// leave forgets a receiver that closed its link. Its session is free at once,
// and the messages under it are not counted as delivered (Service Bus
// documentation, "Message sessions"). Without sessions they stay locked.
func (q *queue) leave(k *link) {
	q.lose(k)
	if k.lane == nil || !q.rules.Sessions {
		return
	}
	q.free(k.lane, func(m *message) { q.ready(m) })
	q.assign()
}

// lose forgets a receiver whose connection broke. Every lock stays until it
// ends by the clock, as the service does not know what the receiver still does.
func (q *queue) lose(k *link) {
	q.waiting = slices.DeleteFunc(q.waiting, func(w *waiter) bool { return w.link == k })
	if k.lane != nil {
		k.lane.leave(k)
	}
}
