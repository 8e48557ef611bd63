package simbus

import (
	"errors"
	"fmt"
	"math"
)

// maxDepth bounds values within values; Service Bus's own need six.
const maxDepth = 32

var (
	errShort = errors.New("AMQP value: it ends too early")
	errDepth = errors.New("AMQP value: nested too deep")
	errPairs = errors.New("AMQP value: a map with a key that has no value")
)

// decoder reads AMQP values off a buffer. The first fault sticks and empties
// the buffer: later values are then zero, so callers look at err once, at the
// end. What it returns aliases the buffer.
//
// Nothing is allocated on the word of a length or a count alone: both are
// first held against the bytes that are there. What that refuses although it
// is lawful, nobody sends: arrays of elements without bytes.
type decoder struct {
	rest  []byte
	depth int
	err   error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.rest = nil
}

// take is the next n bytes; zeros, and at most 16 of them, if there are fewer.
func (d *decoder) take(n int) []byte {
	if n > len(d.rest) {
		d.fail(errShort)
		return make([]byte, min(n, 16))
	}
	taken := d.rest[:n:n]
	d.rest = d.rest[n:]
	return taken
}

// number is a big-endian one of n bytes.
func (d *decoder) number(n int) uint64 {
	var v uint64
	for _, b := range d.take(n) {
		v = v<<8 | uint64(b)
	}
	return v
}

// value reads a constructor and what it announces; nil once something failed,
// as the zeros that are read then would announce values without end.
func (d *decoder) value() any {
	constructor := byte(d.number(1))
	if d.err != nil {
		return nil
	}
	return d.content(constructor)
}

// content reads a value whose constructor is known. The upper half of that
// byte tells how the length is to be found (part 1, section 1.2).
func (d *decoder) content(constructor byte) any {
	if d.depth > maxDepth {
		d.fail(errDepth)
		return nil
	}
	switch constructor >> 4 {
	case 0x0:
		inner := decoder{rest: d.rest, depth: d.depth + 1}
		v := described{descriptor: inner.value(), value: inner.value()}
		d.resume(inner)
		return v
	case 0x4:
		return d.empty(constructor)
	case 0x5, 0x6, 0x7, 0x8, 0x9:
		return d.fixed(constructor)
	case 0xa, 0xb:
		return d.variable(constructor)
	case 0xc, 0xd, 0xe, 0xf:
		return d.compound(constructor)
	}
	d.unknown(constructor)
	return nil
}

// resume goes on where inner stopped, or fails as it did.
func (d *decoder) resume(inner decoder) {
	if d.rest = inner.rest; inner.err != nil {
		d.fail(inner.err)
	}
}

func (d *decoder) unknown(constructor byte) {
	d.fail(fmt.Errorf("AMQP value: unknown constructor %#x", constructor))
}

// empty values are told by their constructor alone.
func (d *decoder) empty(constructor byte) any {
	switch constructor {
	case 0x40:
		return nil
	case 0x41:
		return true
	case 0x42:
		return false
	case 0x43:
		return uint32(0)
	case 0x44:
		return uint64(0)
	case 0x45:
		return list{}
	}
	d.unknown(constructor)
	return nil
}

// fixed values have 1, 2, 4, 8 or 16 bytes.
func (d *decoder) fixed(constructor byte) any {
	if constructor == 0x98 {
		return uuid(d.take(16))
	}
	n := d.number(1 << (constructor>>4 - 5))
	switch constructor {
	case 0x50:
		return uint8(n)
	case 0x51:
		return int8(n)
	case 0x52, 0x70:
		return uint32(n)
	case 0x53, 0x80:
		return n
	case 0x54:
		return int32(int8(n))
	case 0x55:
		return int64(int8(n))
	case 0x56:
		return n != 0
	case 0x60:
		return uint16(n)
	case 0x61:
		return int16(n)
	case 0x71:
		return int32(n)
	case 0x72:
		return math.Float32frombits(uint32(n))
	case 0x73:
		return char(n)
	case 0x81:
		return int64(n)
	case 0x82:
		return math.Float64frombits(n)
	case 0x83:
		return timestamp(n)
	}
	d.unknown(constructor)
	return nil
}

// length is a length or count: one byte for the short constructors, else four.
func (d *decoder) length(constructor byte) int {
	if constructor&0x10 == 0 {
		return int(d.number(1))
	}
	return int(d.number(4))
}

// variable values are a length and that many bytes.
func (d *decoder) variable(constructor byte) any {
	content := d.take(d.length(constructor))
	switch constructor {
	case 0xa0, 0xb0:
		return content
	case 0xa1, 0xb1:
		return string(content)
	case 0xa3, 0xb3:
		return symbol(content)
	}
	d.unknown(constructor)
	return nil
}

// compound values are a size, a count within it, and the elements.
func (d *decoder) compound(constructor byte) any {
	inner := decoder{rest: d.take(d.length(constructor)), depth: d.depth + 1}
	count := inner.length(constructor)
	if count > len(inner.rest) {
		inner.fail(errShort)
		count = 0
	}
	items := make([]any, 0, count)
	switch constructor {
	case 0xe0, 0xf0:
		items = inner.elements(items)
	default:
		for len(items) < cap(items) && inner.err == nil {
			items = append(items, inner.value())
		}
	}
	if inner.err != nil {
		d.fail(inner.err)
		return nil
	}
	switch constructor {
	case 0xc0, 0xd0:
		return list(items)
	case 0xc1, 0xd1:
		if len(items)%2 != 0 {
			d.fail(errPairs)
		}
		return mapping(items)
	case 0xe0, 0xf0:
		return array(items)
	}
	d.unknown(constructor)
	return nil
}

// elements fills an array up to its capacity: one constructor, perhaps with a
// descriptor before it, then contents.
func (d *decoder) elements(items []any) []any {
	if cap(items) == 0 {
		return items
	}
	constructor := byte(d.number(1))
	var descriptor any
	if constructor == 0 {
		descriptor = d.value()
		constructor = byte(d.number(1))
	}
	if upper := constructor >> 4; upper == 0x0 || upper == 0x4 {
		d.unknown(constructor) // described twice, or elements without bytes
	}
	for len(items) < cap(items) && d.err == nil {
		item := d.content(constructor)
		if descriptor != nil {
			item = described{descriptor, item}
		}
		items = append(items, item)
	}
	return items
}
