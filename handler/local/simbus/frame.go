package simbus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Sizes that the server announces and holds the peer to.
const (
	maxFrame   = 64 << 10
	maxMessage = 256 << 10 // of the Standard tier
)

// Kinds of frames.
const (
	frameAMQP = 0
	frameSASL = 1
)

// Descriptors of the performatives, and of the two SASL ones in use (parts 2
// and 5 of the standard).
const (
	codeOpen        = 0x10
	codeBegin       = 0x11
	codeAttach      = 0x12
	codeFlow        = 0x13
	codeTransfer    = 0x14
	codeDisposition = 0x15
	codeDetach      = 0x16
	codeEnd         = 0x17
	codeClose       = 0x18
	codeError       = 0x1d

	codeMechanisms = 0x40
	codeOutcome    = 0x44
)

var errFrame = errors.New("AMQP frame: impossible header")

// frame is one as it was read: a heartbeat has no body.
type frame struct {
	channel uint16
	code    uint64
	body    list
	payload []byte
}

// readFrame reads one frame. At most maxFrame bytes are allocated, whatever
// the frame says of itself.
func readFrame(r io.Reader) (frame, error) {
	var header [8]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return frame{}, err
	}
	size := binary.BigEndian.Uint32(header[:])
	body := int(header[4]) * 4 // where it starts, in 4-byte words
	if size < 8 || size > maxFrame || body < 8 || body > int(size) {
		return frame{}, errFrame
	}
	content := make([]byte, size-8)
	if _, err := io.ReadFull(r, content); err != nil {
		return frame{}, err
	}
	return decodeFrame(binary.BigEndian.Uint16(header[6:]), content[body-8:])
}

// decodeFrame reads what follows a frame's header.
func decodeFrame(channel uint16, content []byte) (frame, error) {
	f := frame{channel: channel}
	if len(content) == 0 {
		return f, nil
	}
	d := decoder{rest: content}
	performative := d.value()
	if d.err != nil {
		return frame{}, d.err
	}
	f.code, f.body, f.payload = code(performative), fields(performative), d.rest
	if f.code == 0 || f.body == nil {
		return frame{}, fmt.Errorf("AMQP frame: %T is no performative", performative)
	}
	return f, nil
}

// appendFrame appends a frame; without a performative it is a heartbeat.
func appendFrame(b []byte, kind byte, channel uint16, performative any, payload []byte) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0, 2, kind)
	b = binary.BigEndian.AppendUint16(b, channel)
	if performative != nil {
		b = encode(b, performative)
	}
	b = append(b, payload...)
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start))
	return b
}
