package simbus

import (
	"bytes"
	"testing"
	"time"
)

// sent takes the frames that a connection would write.
func sent(t *testing.T, c *connection) []frame {
	t.Helper()
	var all []frame
	for r := bytes.NewReader(c.out); r.Len() > 0; {
		f, err := readFrame(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	c.out = nil
	return all
}

// codes of frames.
func codes(frames []frame) []uint64 {
	var all []uint64
	for _, f := range frames {
		all = append(all, f.code)
	}
	return all
}

// say has a connection handle what a peer says.
func say(t *testing.T, c *connection, performative described, payload ...byte) {
	t.Helper()
	f, err := decodeFrame(0, append(encode(nil, performative), payload...))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.handle(f); err != nil {
		t.Fatal(err)
	}
}

// flowOf is a flow frame: a window after so many transfers, and credit for a
// link after so many deliveries.
func flowOf(received, window, handle, deliveries, credit uint32) described {
	return composite(codeFlow, received, window, uint32(0), uint32(9), handle, deliveries, credit)
}

func transferOf(handle, id uint32, more bool) described {
	return composite(codeTransfer, handle, id, []byte("tag"), uint32(0), false, more)
}

func dataOf(size int) []byte {
	return encode(nil, described{uint64(sectionData), make([]byte, size)})
}

// A message in four frames, to a peer whose window has room for two.
func TestWindowHoldsFramesBack(t *testing.T) {
	c := attached(t)
	say(t, c, flowOf(0, 2, 0, 0, 5))
	for i, piece := range [][]byte{dataOf(200 << 10)[:100<<10], dataOf(200 << 10)[100<<10:]} {
		say(t, c, transferOf(1, 0, i == 0), piece...)
	}
	sent(t, c)
	if got := c.channels[0]; len(got.held) != 2 || got.outWindow != 0 {
		t.Fatalf("%d frames are held back, window %d; want 2, 0", len(got.held), got.outWindow)
	}
	say(t, c, transferOf(1, 1, false), dataOf(1)...)
	if got := codes(sent(t, c)); len(got) != 1 || got[0] != codeDisposition {
		t.Errorf("sent %x without a window, want the answer to the transfer alone", got)
	}
	say(t, c, flowOf(2, 9, 0, 1, 4))
	frames := sent(t, c)
	if len(frames) != 3 {
		t.Fatalf("sent %x, want the two frames left and the next message", codes(frames))
	}
	for i, more := range []bool{true, false, false} {
		if got := readTransfer(frames[i].body); got.more != more {
			t.Errorf("frame %d: %+v, want more %v", i, got, more)
		}
	}
}

func TestCreditIsKeptTo(t *testing.T) {
	c := attached(t)
	for id := range uint32(4) {
		say(t, c, transferOf(1, id, false), dataOf(1)...)
	}
	sent(t, c)
	say(t, c, flowOf(0, 9, 0, 0, 1))
	if got := sent(t, c); len(got) != 1 || got[0].code != codeTransfer {
		t.Errorf("sent %x for one credit", codes(got))
	}
	say(t, c, flowOf(0, 8, 0, 0, 1))
	if got := sent(t, c); len(got) != 0 {
		t.Errorf("sent %x for the credit that was used", codes(got))
	}
	drain := flowOf(1, 8, 0, 1, 5)
	drain.value = append(drain.value.(list), nil, true)
	say(t, c, drain)
	got := sent(t, c)
	if len(got) != 4 || got[3].code != codeFlow {
		t.Fatalf("sent %x, want the three messages left and a flow", codes(got))
	}
	if f := readFlow(got[3].body); f.credit != 0 || f.deliveryCount != 6 || !f.drain {
		t.Errorf("drained to %+v, want no credit at delivery 6", f)
	}
}

func TestAnswersWaitForCredit(t *testing.T) {
	c := attached(t)
	request := encode(nil, composite(sectionProperties, "id", nil, nil, nil, "reply"))
	request = encode(request, described{uint64(sectionApplication), mapping{"operation", "com.microsoft:peek-message"}})
	sent(t, c)
	say(t, c, transferOf(3, 0, false), request...)
	if got := codes(sent(t, c)); len(got) != 1 || got[0] != codeDisposition {
		t.Errorf("sent %x without credit", got)
	}
	say(t, c, flowOf(0, 9, 2, 0, 1))
	if got := codes(sent(t, c)); len(got) != 1 || got[0] != codeTransfer {
		t.Errorf("sent %x for the credit, want the answer", got)
	}
}

// The SDK keeps to the limit by itself; others are cut off.
func TestLargerThanAllowed(t *testing.T) {
	c := attached(t)
	sent(t, c)
	for id := range uint32(5) {
		say(t, c, transferOf(1, 0, id < 4), make([]byte, 60<<10)...)
	}
	frames := sent(t, c)
	last := frames[len(frames)-1]
	why := fields(at[any](last.body, 2))
	if last.code != codeDetach || at[symbol](why, 0) != "amqp:link:message-size-exceeded" {
		t.Errorf("answered %x %v", last.code, why)
	}
	if got := c.bus.Counts("q"); got != (Counts{}) {
		t.Errorf("stored %+v", got)
	}
	say(t, c, transferOf(1, 1, false), dataOf(1)...)
	if got := codes(sent(t, c)); len(got) != 0 {
		t.Errorf("answered %x on the closed link", got)
	}
}

// The holder of a session is told when its lock ends, and that is all it gets.
func TestHolderHearsOfItsLoss(t *testing.T) {
	c := attached(t)
	message := encode(nil, composite(sectionProperties, "id", nil, nil, nil, nil, nil, nil, nil, nil, nil, "session"))
	sent(t, c)
	say(t, c, transferOf(5, 0, false), message...)
	if got := codes(sent(t, c)); len(got) != 2 || got[0] != codeAttach {
		t.Fatalf("sent %x, want the session that was waited for", got)
	}
	later := c.bus.now().Add(time.Minute)
	c.bus.now = func() time.Time { return later }
	c.bus.Tick()
	frames := sent(t, c)
	if len(frames) != 1 || frames[0].code != codeDetach {
		t.Fatalf("sent %x, want the link's end", codes(frames))
	}
	if why := at[symbol](fields(at[any](frames[0].body, 2)), 0); why != "com.microsoft:session-lock-lost" {
		t.Errorf("the link ends with %q", why)
	}
}
