package bus

import (
	"context"
	"crypto/rand"
	"strings"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
)

// Service Bus takes up to 4,096 characters for each of reason and description,
// and the application properties of a message count towards its size.
const (
	maxReason      = 128
	maxDescription = 1024

	// maxBuried is how much of a message's body is kept that is no hint. What
	// people read of it is far less.
	maxBuried = 64 << 10
)

// DeadLetter puts a hint into the dead-letter queue, with why: a word, and a
// sentence. See the package's comment on how, and on what a crash leaves.
//
// An error says that it is not certain to be there. The caller fails then, and
// does it again when the hint is delivered again.
func (b *Bus) DeadLetter(ctx context.Context, h hint.Hint, reason, description string) error {
	return b.DeadLetterBody(ctx, h.Encode(), reason, description)
}

// DeadLetterBody is DeadLetter for the body of a message that is no hint. What
// is longer than 64 KiB is cut.
func (b *Bus) DeadLetterBody(ctx context.Context, body []byte, reason, description string) error {
	const op = "bus: dead-letter"
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	name := "dead/" + rand.Text()
	session, err := b.client.AcceptSessionForQueue(ctx, b.queue, name, nil)
	if err != nil {
		return classify(ctx, op, err)
	}
	err = b.bury(ctx, session, newMessage(body[:min(len(body), maxBuried)], name, rand.Text()), &azservicebus.DeadLetterOptions{
		Reason: text(reason, maxReason), ErrorDescription: text(description, maxDescription),
	})
	_ = closing(ctx, session.Close) // its lock ends by itself; the copy is settled, or to be delivered
	return classify(ctx, op, err)
}

// bury sends a message into a session that we hold, and dead-letters it there.
func (b *Bus) bury(
	ctx context.Context, session *azservicebus.SessionReceiver, copied *azservicebus.Message, why *azservicebus.DeadLetterOptions,
) error {
	if err := b.sender.SendMessage(ctx, copied, nil); err != nil {
		return err
	}
	received, err := session.ReceiveMessages(ctx, 1, nil)
	if err != nil {
		return err
	}
	if len(received) != 1 || received[0].MessageID != *copied.MessageID {
		return fault.Newf(fault.Unavailable, "bus: receive a copy", "%d messages came instead", len(received))
	}
	ctx, cancel := settling(ctx)
	defer cancel()
	return session.DeadLetterMessage(ctx, received[0], why)
}

// text is a text cut to a number of bytes.
func text(s string, limit int) *string {
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return &s
}
