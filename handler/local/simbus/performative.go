package simbus

// attachment is an attach frame, as far as it is looked at.
type attachment struct {
	name      string
	handle    uint32
	peerSends bool
	modes     [2]any // how sender and receiver settle
	source    any
	target    any
	timeout   uint32 // milliseconds a receiver waits for a session; 0: unsaid
}

func readAttachment(f list) attachment {
	return attachment{
		name:      at[string](f, 0),
		handle:    at[uint32](f, 1),
		peerSends: !at[bool](f, 2),
		modes:     [2]any{at[any](f, 3), at[any](f, 4)},
		source:    at[any](f, 5),
		target:    at[any](f, 6),
		timeout:   value[uint32](at[mapping](f, 13), "com.microsoft:timeout"),
	}
}

// settled tells that a receiver wants messages which are settled when sent.
func (a attachment) settled() bool { return a.modes[0] == uint8(1) }

// address is that of the end the peer talks to.
func (a attachment) address() string {
	if a.peerSends {
		return at[string](fields(a.target), 0)
	}
	return at[string](fields(a.source), 0)
}

// sessionFilter is the source filter with which a receiver asks for a session.
const (
	sessionFilter     = "com.microsoft:session-filter"
	codeSessionFilter = 0x137000000c
)

// session is the one that a receiver wants: asked tells whether it wants any,
// named whether it wants this one.
func (a attachment) session() (id string, named, asked bool) {
	filter, asked := at[mapping](fields(a.source), 7).lookup(sessionFilter)
	d, _ := filter.(described)
	id, named = d.value.(string)
	return id, named, asked
}

// sourceWith is the receiver's source with the session it got.
func (a attachment) sourceWith(session string) any {
	source := make(list, max(8, len(fields(a.source))))
	copy(source, fields(a.source))
	source[7] = mapping{symbol(sessionFilter), described{uint64(codeSessionFilter), session}}
	return described{uint64(codeSource), source}
}

const codeSource = 0x28

// flow is a flow frame.
type flow struct {
	nextIncoming  uint32
	window        uint32
	link          bool // the rest is about a link
	handle        uint32
	deliveryCount uint32
	credit        uint32
	drain, echo   bool
}

func readFlow(f list) flow {
	return flow{
		nextIncoming: at[uint32](f, 0), window: at[uint32](f, 1),
		link: given(f, 4), handle: at[uint32](f, 4),
		deliveryCount: at[uint32](f, 5), credit: at[uint32](f, 6),
		drain: at[bool](f, 8), echo: at[bool](f, 9),
	}
}

// transfer is a transfer frame.
type transfer struct {
	handle  uint32
	first   bool // the delivery's first frame: the others leave id and format out
	id      uint32
	format  uint32
	settled bool
	more    bool
}

func readTransfer(f list) transfer {
	return transfer{
		handle: at[uint32](f, 0), first: given(f, 1), id: at[uint32](f, 1),
		format: at[uint32](f, 3), settled: at[bool](f, 4), more: at[bool](f, 5),
	}
}

// disposition is a disposition frame.
type disposition struct {
	receiver    bool
	first, last uint32
	settled     bool
	state       any
}

func readDisposition(f list) disposition {
	d := disposition{
		receiver: at[bool](f, 0), first: at[uint32](f, 1), last: at[uint32](f, 1),
		settled: at[bool](f, 3), state: at[any](f, 4),
	}
	if given(f, 2) {
		d.last = at[uint32](f, 2)
	}
	return d
}
