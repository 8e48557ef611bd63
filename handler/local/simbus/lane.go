package simbus

import (
	"cmp"
	"slices"
	"time"
)

// lane is one order of delivery: all messages of a queue without sessions, or
// those of one session. It holds the ready ones; locked ones come back to it.
type lane struct {
	id        string
	ready     []*message // by sequence number
	receivers []*link    // of a session: its holder, while that is connected
	turn      int

	// Of a session: its lock, which outlives the holder's connection.
	held  bool
	owner string // name of the link that took it
	until time.Time
	state []byte
}

// add puts a message where its sequence number says: one that comes back is
// again before those sent later.
func (l *lane) add(m *message) {
	i, _ := slices.BinarySearchFunc(l.ready, m.sequence, func(x *message, sequence int64) int {
		return cmp.Compare(x.sequence, sequence)
	})
	l.ready = slices.Insert(l.ready, i, m)
}

// take removes the first message.
func (l *lane) take() *message {
	m := l.ready[0]
	l.ready[0] = nil
	l.ready = l.ready[1:]
	return m
}

// remove takes a message out wherever it is.
func (l *lane) remove(m *message) {
	l.ready = slices.DeleteFunc(l.ready, func(x *message) bool { return x == m })
}

// leave forgets a receiver.
func (l *lane) leave(k *link) {
	l.receivers = slices.DeleteFunc(l.receivers, func(x *link) bool { return x == k })
}

// next is the receiver whose turn it is among those with credit; nil if none.
func (l *lane) next() *link {
	for range l.receivers {
		l.turn = (l.turn + 1) % len(l.receivers)
		if k := l.receivers[l.turn]; k.credit > 0 && !k.channel.congested() {
			return k
		}
	}
	return nil
}

// idle tells that nothing would be lost with the lane.
func (l *lane) idle() bool {
	return len(l.ready) == 0 && len(l.receivers) == 0 && !l.held && l.state == nil
}
