package simbus

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// Queue is a queue and its rules.
type Queue struct {
	Name             string        // case does not count
	Sessions         bool          // every message has a session, every receiver takes one
	LockDuration     time.Duration // of messages and sessions; 0: 1 minute
	MaxDeliveryCount int           // failed deliveries that make a dead letter; 0: 10
	DuplicateWindow  time.Duration // of duplicate detection; 0: off
	TTL              time.Duration // after which messages are dropped; 0: never
}

// Options are what a bus starts with.
type Options struct {
	Address string // to listen on; "": a free port of 127.0.0.1
	Queues  []Queue
	Now     func() time.Time // the clock; nil: time.Now
}

// Bus is a running stand-in. Its methods may be called from any goroutine.
type Bus struct {
	listener net.Listener
	now      func() time.Time
	stop     chan struct{}
	running  sync.WaitGroup

	// mu guards all queues and all that connections know of them: frames are
	// handled one at a time, so no two of them see a queue half done.
	mu     sync.Mutex
	queues map[string]*queue // by lower-case address, dead-letter queues too
	decide func(Event) Action

	// connected has a lock of its own, which is never held over anything: so
	// connections can be cut from within Intercept.
	connected struct {
		sync.Mutex
		closed bool
		all    map[*connection]bool
	}
}

// deadLetterSuffix makes a queue's address that of its dead-letter queue.
const deadLetterSuffix = "/$deadletterqueue"

// Start listens and serves until Close. It fails if a queue has no name, a name
// of another, or a negative rule, or if it cannot listen.
func Start(o Options) (*Bus, error) {
	b := &Bus{now: o.Now, stop: make(chan struct{}), queues: map[string]*queue{}}
	if b.now == nil {
		b.now = time.Now
	}
	b.connected.all = map[*connection]bool{}
	for _, rules := range o.Queues {
		if err := b.add(rules); err != nil {
			return nil, fmt.Errorf("start Service Bus stand-in: %w", err)
		}
	}
	address := o.Address
	if address == "" {
		address = "127.0.0.1:0"
	}
	var err error
	if b.listener, err = net.Listen("tcp", address); err != nil {
		return nil, fmt.Errorf("start Service Bus stand-in: %w", err)
	}
	b.running.Go(b.accept)
	b.running.Go(b.watch)
	return b, nil
}

// add adds a queue and its dead-letter queue, which has no sessions, no limits
// and no duplicate detection.
func (b *Bus) add(rules Queue) error {
	address := strings.ToLower(rules.Name)
	switch {
	case address == "" || strings.Contains(address, "$"):
		return fmt.Errorf("%q is no name for a queue", rules.Name)
	case b.queues[address] != nil:
		return fmt.Errorf("queue %q is there twice", rules.Name)
	case min(rules.LockDuration, rules.DuplicateWindow, rules.TTL) < 0 || rules.MaxDeliveryCount < 0:
		return fmt.Errorf("queue %q has a negative rule", rules.Name)
	}
	q := newQueue(b, rules)
	q.dead = newQueue(b, Queue{Name: rules.Name, LockDuration: rules.LockDuration})
	b.queues[address], b.queues[address+deadLetterSuffix] = q, q.dead
	return nil
}

// queue is that of an address; nil if there is none.
func (b *Bus) queue(address string) *queue { return b.queues[strings.ToLower(address)] }

// ConnectionString is what azservicebus connects with. It means plain TCP, and
// any key will do.
func (b *Bus) ConnectionString() string {
	return "Endpoint=sb://" + b.listener.Addr().String() +
		";SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true"
}

// Close stops listening, cuts every connection and waits until all is done.
// Messages are gone then. Closing again does nothing.
func (b *Bus) Close() error {
	b.connected.Lock()
	closed := b.connected.closed
	b.connected.closed = true
	b.connected.Unlock()
	if closed {
		return nil
	}
	close(b.stop)
	err := b.listener.Close()
	b.DropConnections()
	b.running.Wait()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close Service Bus stand-in: %w", err)
	}
	return nil
}

// DropConnections cuts every connection as a network fault would. Clients may
// connect again at once. Locks of messages and of sessions stay until they end
// by the clock.
func (b *Bus) DropConnections() {
	b.connected.Lock()
	defer b.connected.Unlock()
	for c := range b.connected.all {
		c.cut()
	}
}

// Tick looks at the clock now. The bus does so by itself before everything it
// does and every 50 ms; with a clock that tests set, Tick makes its effects
// certain once it returns.
func (b *Bus) Tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance()
}

func (b *Bus) advance() {
	now := b.now()
	for _, q := range b.queues {
		q.advance(now)
	}
}

// watch looks at the clock for those who only wait. It polls, since a clock
// that was given may jump.
func (b *Bus) watch() {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			b.Tick()
		case <-b.stop:
			return
		}
	}
}

// accept takes connections until the listener is closed.
func (b *Bus) accept() {
	for {
		stream, err := b.listener.Accept()
		if err != nil {
			return
		}
		c := newConnection(b, stream)
		b.connected.Lock()
		if b.connected.closed {
			c.cut()
		}
		b.connected.all[c] = true
		b.connected.Unlock()
		b.running.Go(c.write)
		b.running.Go(c.serve)
	}
}
