package simbus

import (
	"encoding/binary"
	"testing"
	"time"
)

// attachTo is the attach frame of a link to an address, on channel 0.
func attachTo(handle uint32, peerSends bool, address string, filter ...any) frame {
	end := composite(codeSource, address, nil, nil, nil, nil, nil, nil, mapping(filter))
	reply := composite(0x29, "reply")
	if peerSends {
		return frame{code: codeAttach, body: list{"link", handle, false, uint8(2), uint8(0), reply, end}}
	}
	return frame{code: codeAttach, body: list{"link", handle, true, uint8(2), uint8(1), end, reply}}
}

// piece is a frame's content with its length before it.
func piece(performative any, payload ...byte) []byte {
	content := append(encode(nil, performative), payload...)
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(content))), content...)
}

// conversation is a lawful one for FuzzConnection to start from.
func conversation() []byte {
	message := encode(nil, composite(sectionProperties, "id", nil, nil, nil, nil, nil, nil, nil, nil, nil, "session"))
	message = encode(message, described{uint64(sectionData), []byte("body")})
	request := encode(nil, composite(sectionProperties, "id", nil, nil, nil, "reply"))
	request = encode(request, described{uint64(sectionApplication), mapping{"operation", "com.microsoft:peek-message"}})
	request = encode(request, described{uint64(sectionValue), mapping{"from-sequence-number", int64(0), "message-count", int32(9)}})
	var all []byte
	for _, p := range [][]byte{
		piece(composite(codeFlow, uint32(0), uint32(9), uint32(0), uint32(9), uint32(0), uint32(0), uint32(5))),
		piece(composite(codeTransfer, uint32(1), uint32(0), []byte("tag"), uint32(0), false, false), message...),
		piece(composite(codeTransfer, uint32(1), uint32(1), []byte("tag"), uint32(formatBatch), false, true), message...),
		piece(composite(codeTransfer, uint32(5), uint32(2), []byte("tag"), uint32(0), false, false), message...),
		piece(composite(codeTransfer, uint32(3), uint32(3), []byte("tag"), uint32(0), false, false), request...),
		piece(composite(codeDisposition, true, uint32(0), uint32(1<<32-1), false, composite(stateReleased))),
		piece(composite(codeDisposition, true, uint32(0), nil, false, composite(stateModified))),
		piece(composite(codeDetach, uint32(4), true)),
		piece(composite(codeEnd)),
		piece(composite(codeClose)),
	} {
		all = append(all, p...)
	}
	return all
}

// FuzzConnection: whatever a peer sends after it has attached to everything,
// nothing panics, and every message stays where its state says it is.
func FuzzConnection(f *testing.F) {
	f.Add(conversation())
	f.Fuzz(func(t *testing.T, content []byte) {
		c := attached(t)
		for len(content) > 2 {
			n := min(int(binary.BigEndian.Uint16(content)), len(content)-2)
			received, err := decodeFrame(0, content[2:2+n])
			content = content[2+n:]
			if err != nil || received.code == codeOpen { // which starts a heartbeat
				continue
			}
			if err := c.handle(received); err != nil {
				break
			}
		}
		for _, ch := range c.channels {
			ch.end((*queue).lose)
		}
		for _, q := range c.bus.queues {
			checkPlaces(t, q)
		}
	})
}

// attached is a connection without a stream, with a link of every kind.
func attached(t *testing.T) *connection {
	t.Helper()
	b := &Bus{now: func() time.Time { return time.Time{}.Add(time.Hour) }, queues: map[string]*queue{}}
	for _, rules := range []Queue{{Name: "q"}, {Name: "s", Sessions: true}} {
		if err := b.add(rules); err != nil {
			t.Fatal(err)
		}
	}
	c := newConnection(b, nil)
	anySession := []any{symbol(sessionFilter), described{uint64(codeSessionFilter), nil}}
	for _, sent := range []frame{
		{code: codeBegin, body: list{nil, uint32(0), uint32(9)}},
		attachTo(0, false, "q"), attachTo(1, true, "q"),
		attachTo(2, false, "q/$management"), attachTo(3, true, "q/$management"),
		attachTo(4, false, "s", anySession...), attachTo(5, true, "s"),
	} {
		if err := c.handle(sent); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// checkPlaces finds messages that are lost, or in a lane and locked at once.
func checkPlaces(t *testing.T, q *queue) {
	t.Helper()
	found := map[*message]int{}
	for lock, m := range q.locked {
		if m.state != locked || m.lock != lock {
			t.Errorf("message %d is locked in state %d", m.sequence, m.state)
		}
		found[m]++
	}
	for _, l := range q.lanes {
		for _, m := range l.ready {
			if m.state != active {
				t.Errorf("message %d is ready in state %d", m.sequence, m.state)
			}
			found[m]++
		}
	}
	for sequence, m := range q.messages {
		if m.state == scheduled {
			found[m]++
		}
		if m.sequence != sequence || found[m] != 1 {
			t.Errorf("message %d, known as %d, is in %d places", m.sequence, sequence, found[m])
		}
		delete(found, m)
	}
	if len(found) > 0 {
		t.Errorf("%d messages are handed out and not in the queue", len(found))
	}
}

// The conversation must get somewhere, or the fuzzer starts from nothing.
func TestConversation(t *testing.T) {
	c := attached(t)
	content := conversation()
	for len(content) > 0 {
		n := int(binary.BigEndian.Uint16(content))
		received, err := decodeFrame(0, content[2:2+n])
		if err != nil {
			t.Fatal(err)
		}
		if err := c.handle(received); err != nil {
			t.Fatal(err)
		}
		content = content[2+n:]
	}
	if got, want := c.bus.Counts("q"), (Counts{Locked: 1}); got != want {
		t.Errorf("queue q: %+v, want %+v", got, want)
	}
	if got, want := c.bus.Counts("s"), (Counts{Active: 1}); got != want {
		t.Errorf("queue s: %+v, want %+v", got, want)
	}
}
