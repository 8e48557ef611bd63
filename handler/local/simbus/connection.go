package simbus

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

var (
	errHeader   = errors.New("AMQP: no protocol header")
	errSequence = errors.New("AMQP: a frame that has no place here")
)

// connection is one peer. serve reads it and handles frames with the bus
// locked; write sends what that left in out, so that a peer who does not read
// holds nobody up.
type connection struct {
	bus    *Bus
	stream net.Conn
	done   chan struct{} // closed when serve ends

	mu   sync.Mutex
	out  []byte
	wake chan struct{} // has an element when out has grown

	channels map[uint16]*channel
	maxFrame int // that the peer takes
}

func newConnection(b *Bus, stream net.Conn) *connection {
	return &connection{
		bus: b, stream: stream, maxFrame: maxFrame,
		done: make(chan struct{}), wake: make(chan struct{}, 1), channels: map[uint16]*channel{},
	}
}

// cut closes the stream; serve and write end by it.
func (c *connection) cut() {
	_ = c.stream.Close() // there is nobody left to tell
}

// write sends what is in out until the connection ends.
func (c *connection) write() {
	var batch []byte
	for {
		select {
		case <-c.wake:
		case <-c.done:
			return
		}
		c.mu.Lock()
		batch, c.out = c.out, batch[:0]
		c.mu.Unlock()
		if _, err := c.stream.Write(batch); err != nil {
			c.cut()
			return
		}
	}
}

// push adds to out.
func (c *connection) push(add func([]byte) []byte) {
	c.mu.Lock()
	c.out = add(c.out)
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// send sends a frame.
func (c *connection) send(channel uint16, performative any, payload []byte) {
	c.push(func(b []byte) []byte { return appendFrame(b, frameAMQP, channel, performative, payload) })
}

// serve handles the peer's frames until it goes or breaks the rules; either
// way the stream is closed, and no one is told why: a client that meets that
// is at fault or sees a broken connection.
func (c *connection) serve() {
	_ = c.read(bufio.NewReaderSize(c.stream, maxFrame))
	c.cut()
	close(c.done)
	c.bus.mu.Lock()
	for _, ch := range c.channels {
		ch.end((*queue).lose)
	}
	c.bus.mu.Unlock()
	c.bus.connected.Lock()
	delete(c.bus.connected.all, c)
	c.bus.connected.Unlock()
}

func (c *connection) read(r io.Reader) error {
	if err := c.greet(r); err != nil {
		return err
	}
	for {
		f, err := readFrame(r)
		if err != nil {
			return err
		}
		c.bus.mu.Lock()
		c.bus.advance()
		err = c.handle(f)
		c.bus.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// greet answers the protocol headers, with SASL first if the peer wants it.
// Every mechanism and every answer is right.
func (c *connection) greet(r io.Reader) error {
	for {
		var header [8]byte
		if _, err := io.ReadFull(r, header[:]); err != nil {
			return err
		}
		if string(header[:4]) != "AMQP" {
			return errHeader
		}
		c.push(func(b []byte) []byte { return append(b, header[:]...) })
		const sasl = 3
		if header[4] != sasl {
			return nil
		}
		mechanisms := array{symbol("ANONYMOUS"), symbol("MSSBCBS"), symbol("PLAIN"), symbol("EXTERNAL")}
		c.push(func(b []byte) []byte {
			return appendFrame(b, frameSASL, 0, composite(codeMechanisms, mechanisms), nil)
		})
		if _, err := readFrame(r); err != nil {
			return err
		}
		c.push(func(b []byte) []byte { return appendFrame(b, frameSASL, 0, composite(codeOutcome, uint8(0)), nil) })
	}
}

// handle handles a frame. An error ends the connection.
func (c *connection) handle(f frame) error {
	switch f.code {
	case 0: // a heartbeat
		return nil
	case codeOpen:
		c.open(f.body)
		return nil
	case codeBegin:
		if c.channels[f.channel] != nil {
			return errSequence
		}
		c.channels[f.channel] = newChannel(c, f.channel, f.body)
		return nil
	case codeClose:
		for number := range c.channels {
			c.endChannel(number)
		}
		c.send(0, composite(codeClose), nil)
		return nil
	case codeEnd:
		c.endChannel(f.channel)
		c.send(f.channel, composite(codeEnd), nil)
		return nil
	}
	ch := c.channels[f.channel]
	if ch == nil {
		return nil // what was under way when the channel ended
	}
	return ch.handle(f)
}

// endChannel ends a channel as its peer wants it.
func (c *connection) endChannel(number uint16) {
	if ch := c.channels[number]; ch != nil {
		ch.end((*queue).leave)
		delete(c.channels, number)
	}
}

func (c *connection) open(f list) {
	const (
		smallestFrame = 512 // that the standard lets a peer ask for
		container     = "simbus"
		channels      = uint16(1<<16 - 1)
	)
	if size := at[uint32](f, 2); size >= smallestFrame && size < maxFrame {
		c.maxFrame = int(size)
	}
	if idle := time.Duration(at[uint32](f, 4)) * time.Millisecond; idle > 0 {
		c.bus.running.Go(func() { c.keepAlive(idle / 2) })
	}
	c.send(0, composite(codeOpen, container, nil, uint32(maxFrame), channels), nil)
}

// keepAlive sends heartbeats, or the peer would give the connection up.
func (c *connection) keepAlive(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.send(0, nil, nil)
		case <-c.done:
			return
		}
	}
}

// unexpected says which frame it was that ends the connection.
func unexpected(f frame) error { return fmt.Errorf("%w: %#x", errSequence, f.code) }
