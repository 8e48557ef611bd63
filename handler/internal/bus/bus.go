package bus

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
)

// The queues.
const (
	DefaultQueue = "task-hints"      // of hints about tasks
	OrgQueue     = "org-hints"       // of hints about the organization
	EventQueue   = "commerce-events" // of what Commerce says, without sessions; we only receive from it
)

// How patient a Bus is. The SDK's retries are the only ones.
const (
	retries      = 3
	firstDelay   = 200 * time.Millisecond
	longestDelay = 5 * time.Second

	callTime   = 45 * time.Second // one call, retries included
	settleTime = 5 * time.Second  // one settlement, and closing what was opened
)

// Options say which queue is meant. Either a connection string or a namespace
// with a credential is needed.
type Options struct {
	// ConnectionString is for local runs and emulators: it holds a key.
	ConnectionString string

	// Namespace is e.g. "contoso.servicebus.windows.net".
	Namespace  string
	Credential azcore.TokenCredential

	Queue string // "": DefaultQueue
}

// Bus is one queue. It is safe for concurrent use.
type Bus struct {
	client *azservicebus.Client
	sender *azservicebus.Sender
	queue  string
}

// Open returns the queue without asking anybody: a connection is made when it is
// first needed, and again after it was lost. The error is a fault.Invalid: the
// options make no sense.
func Open(o Options) (*Bus, error) {
	const op = "bus: open"
	options := &azservicebus.ClientOptions{
		ApplicationID: "storeteams",
		RetryOptions: azservicebus.RetryOptions{
			MaxRetries: retries, RetryDelay: firstDelay, MaxRetryDelay: longestDelay,
		},
	}
	var client *azservicebus.Client
	var err error
	if o.ConnectionString != "" {
		if client, err = azservicebus.NewClientFromConnectionString(o.ConnectionString, options); err != nil {
			// Not the cause: its text may quote the string, and that holds a key.
			return nil, fault.Newf(fault.Invalid, op, "the connection string cannot be read")
		}
	} else if client, err = azservicebus.NewClient(o.Namespace, o.Credential, options); err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	b := &Bus{client: client, queue: cmp.Or(o.Queue, DefaultQueue)}
	if b.sender, err = client.NewSender(b.queue, nil); err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	return b, nil
}

// Close ends the connection. Nothing may be called after it.
func (b *Bus) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	return classify(ctx, "bus: close", b.client.Close(ctx))
}

// Send sends hints, in as few batches as they fit in. A hint whose id was sent
// before is dropped by the queue while its duplicate detection lasts; one that
// observed no version has no id and is always sent. An error says that some
// hints, or all, may not have been sent.
func (b *Bus) Send(ctx context.Context, hints []hint.Hint) error {
	const op = "bus: send hints"
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	for len(hints) > 0 {
		batch, err := b.sender.NewMessageBatch(ctx, nil)
		if err != nil {
			return classify(ctx, op, err)
		}
		n, err := fill(batch, hints)
		if err != nil {
			return classify(ctx, op, err)
		}
		if err := b.sender.SendMessageBatch(ctx, batch, nil); err != nil {
			return classify(ctx, op, err)
		}
		hints = hints[n:]
	}
	return nil
}

// fill adds to a batch as many hints as it takes, one at least.
func fill(batch *azservicebus.MessageBatch, hints []hint.Hint) (n int, err error) {
	for _, h := range hints {
		err := batch.AddMessage(message(h), nil)
		if n > 0 && errors.Is(err, azservicebus.ErrMessageTooLarge) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// SendAt sends a hint that nobody receives before that time.
func (b *Bus) SendAt(ctx context.Context, h hint.Hint, at time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, err := b.sender.ScheduleMessages(ctx, []*azservicebus.Message{message(h)}, at.UTC(), nil)
	return classify(ctx, "bus: schedule a hint", err)
}

// message is a hint's message. Its id is the same for each try to send it, so
// that a try whose answer was lost does no harm.
func message(h hint.Hint) *azservicebus.Message {
	return newMessage(h.Encode(), h.SessionID(), cmp.Or(h.MessageID(), rand.Text()))
}

func newMessage(body []byte, session, id string) *azservicebus.Message {
	contentType := "application/json"
	return &azservicebus.Message{Body: body, SessionID: &session, MessageID: &id, ContentType: &contentType}
}

// Probe finds out whether hints can be sent and dead letters looked at: whether
// the way there is open, the queue is there and has sessions, and we may send and
// listen. It sends nothing.
func (b *Bus) Probe(ctx context.Context) error {
	const op = "bus: probe"
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if _, err := b.sender.NewMessageBatch(ctx, nil); err != nil { // asks the queue for its largest message
		return classify(ctx, op+" sending", err)
	}
	if _, err := b.peek(ctx, 0, 1); err != nil {
		return classify(ctx, op+" the dead letters", err)
	}
	// Service Bus refuses this where a queue has no sessions.
	session, err := b.client.AcceptSessionForQueue(ctx, b.queue, "probe/"+rand.Text(), nil)
	if err != nil {
		return classify(ctx, op+" a session", err)
	}
	return classify(ctx, op+" a session", closing(ctx, session.Close))
}

// closing closes a receiver, in a time of its own: ctx may have ended.
func closing(ctx context.Context, closer func(context.Context) error) error {
	ctx, cancel := settling(ctx)
	defer cancel()
	return closer(ctx)
}

// settling is the time for one settlement. It outlives its caller's: what was
// done has to be told.
func settling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTime)
}
