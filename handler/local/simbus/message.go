package simbus

import (
	"errors"
	"maps"
	"time"
)

// Descriptors of a message's sections (part 3 of the standard, section 3.2).
const (
	sectionHeader              = 0x70
	sectionDeliveryAnnotations = 0x71
	sectionAnnotations         = 0x72
	sectionProperties          = 0x73
	sectionApplication         = 0x74
	sectionData                = 0x75
	sectionValue               = 0x77
)

var errSection = errors.New("AMQP message: something that is no section")

// state of a message in a queue, as x-opt-message-state numbers it where that
// knows it; a locked message is active to it.
type state int

const (
	active state = iota
	locked
	scheduled
)

// message is one in a queue. Properties and body are kept as the bytes that
// came, so that nothing is lost on the way; application properties and
// annotations are kept decoded, since the service adds to them.
type message struct {
	sequence int64
	enqueued time.Time
	failures uint32 // deliveries that failed
	state    state
	visible  time.Time // when a scheduled message becomes active
	expires  time.Time // zero: never
	lock     uuid
	until    time.Time // of the lock
	source   string    // the queue it was dead-lettered in

	durable     bool
	ttl         time.Duration
	annotations mapping
	properties  []byte
	application mapping
	content     []byte // body and footer
	id, session string
	body        []byte // of the first data section
}

// parseMessage reads an encoded message.
func parseMessage(encoded []byte) (*message, error) {
	m := &message{}
	for d := (decoder{rest: encoded}); len(d.rest) > 0; {
		before := d.rest
		section, isSection := d.value().(described)
		if d.err != nil {
			return nil, d.err
		}
		if !isSection || code(section) < sectionHeader {
			return nil, errSection
		}
		m.add(section, before[:len(before)-len(d.rest)])
	}
	return m, nil
}

// add takes a section in, decoded and as it came.
func (m *message) add(section described, encoded []byte) {
	switch code(section) {
	case sectionHeader:
		m.durable = at[bool](fields(section), 0)
		m.ttl = time.Duration(at[uint32](fields(section), 2)) * time.Millisecond
	case sectionDeliveryAnnotations: // are between sender and service
	case sectionAnnotations:
		m.annotations, _ = section.value.(mapping)
		if t := value[timestamp](m.annotations, "x-opt-scheduled-enqueue-time"); t != 0 {
			m.visible = time.UnixMilli(int64(t))
		}
	case sectionProperties:
		m.properties = encoded
		m.id, m.session = at[string](fields(section), 0), at[string](fields(section), 10)
	case sectionApplication:
		m.application, _ = section.value.(mapping)
	default:
		if data, ok := section.value.([]byte); ok && m.body == nil {
			m.body = data
		}
		m.content = append(m.content, encoded...)
	}
}

// anonymous is a copy of the message without an id.
func (m *message) anonymous() *message {
	c := *m
	c.id = ""
	d := decoder{rest: m.properties}
	if properties := fields(d.value()); len(properties) > 0 {
		properties[0] = nil
		c.properties = encode(nil, described{uint64(sectionProperties), properties})
	}
	return &c
}

// encode is the message as a receiver gets it.
func (m *message) encode() []byte {
	var ttl any
	if m.ttl > 0 {
		ttl = uint32(min(m.ttl.Milliseconds(), 1<<32-1))
	}
	const priority = 4 // the default
	b := make([]byte, 0, 256+len(m.properties)+len(m.content))
	b = encode(b, composite(sectionHeader, m.durable, uint8(priority), ttl, false, m.failures))
	b = encode(b, described{uint64(sectionAnnotations), m.stamped()})
	b = append(b, m.properties...)
	if len(m.application) > 0 {
		b = encode(b, described{uint64(sectionApplication), m.application})
	}
	return append(b, m.content...)
}

// stamped are the sender's annotations with the service's.
func (m *message) stamped() mapping {
	var number int32
	if m.state == scheduled {
		number = int32(scheduled)
	}
	a := m.annotations.
		with(symbol("x-opt-sequence-number"), m.sequence).
		with(symbol("x-opt-enqueue-sequence-number"), m.sequence).
		with(symbol("x-opt-enqueued-time"), timestamp(m.enqueued.UnixMilli())).
		with(symbol("x-opt-message-state"), number)
	if m.state == locked {
		a = a.with(symbol("x-opt-locked-until"), timestamp(m.until.UnixMilli()))
	}
	if m.source != "" {
		a = a.with(symbol("x-opt-deadletter-source"), m.source)
	}
	return a
}

// set sets an application property.
func (m *message) set(key string, v any) { m.application = m.application.with(key, v) }

// Names of the application properties in which a dead letter says why it is.
const (
	deadLetterReason      = "DeadLetterReason"
	deadLetterDescription = "DeadLetterErrorDescription"
)

// show is the message for a test to look at.
func (m *message) show(dead bool) Message {
	shown := Message{
		MessageID: m.id, SessionID: m.session, Body: append([]byte(nil), m.body...),
		DeliveryCount: int(m.failures), SequenceNumber: m.sequence,
		ScheduledEnqueueTime: m.visible, DeadLettered: dead,
		Properties: maps.Collect(m.application.plain()),
	}
	if dead {
		shown.DeadLetterReason = value[string](m.application, deadLetterReason)
		shown.DeadLetterDescription = value[string](m.application, deadLetterDescription)
	}
	return shown
}

// plain are the pairs with a name, in Go's own types.
func (m mapping) plain() func(yield func(string, any) bool) {
	return func(yield func(string, any) bool) {
		for i := 0; i+1 < len(m); i += 2 {
			v := m[i+1]
			switch typed := v.(type) {
			case timestamp:
				v = time.UnixMilli(int64(typed)).UTC()
			case symbol:
				v = string(typed)
			case uuid:
				v = [16]byte(typed)
			case []byte:
				v = append([]byte(nil), typed...)
			}
			if !yield(name(m[i]), v) {
				return
			}
		}
	}
}
