package bus

import (
	"context"
	"errors"
	"net"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/go-amqp"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// classify says of what kind an error of the SDK's is: by the end of the
// caller's context, the SDK's codes, what the credential says, and AMQP's
// conditions, in this order. What nobody knows is fault.Internal.
func classify(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	return fault.New(kindOf(ctx, err), op, err)
}

func kindOf(ctx context.Context, err error) fault.Kind {
	var known *fault.Error
	var coded *azservicebus.Error
	var condition *amqp.Error
	var hopeless interface{ NonRetriable() } // azidentity: asking again cannot help
	var network net.Error
	switch {
	case errors.As(err, &known):
		return known.Kind
	case errors.Is(ctx.Err(), context.Canceled), errors.Is(err, context.Canceled):
		return fault.Canceled
	case errors.Is(err, azservicebus.ErrMessageTooLarge):
		return fault.Invalid
	case errors.As(err, &coded) && coded.Code != azservicebus.CodeConnectionLost:
		return ofCode(coded.Code)
	case errors.As(err, &condition):
		return ofCondition(condition.Condition)
	case errors.As(err, &hopeless):
		return fault.Denied
	case coded != nil, errors.Is(err, context.DeadlineExceeded), errors.As(err, &network):
		return fault.Unavailable
	}
	return fault.Internal
}

func ofCode(code azservicebus.Code) fault.Kind {
	switch code {
	case azservicebus.CodeUnauthorizedAccess:
		return fault.Denied
	case azservicebus.CodeNotFound:
		return fault.NotFound
	case azservicebus.CodeLockLost:
		return fault.Conflict
	}
	return fault.Unavailable // a timeout, or something that was closed
}

// ofCondition sorts AMQP's conditions, of which the SDK gives a code to few.
// Those of Service Bus are in its page articles/service-bus-messaging/
// service-bus-amqp-protocol-guide.md.
func ofCondition(condition amqp.ErrCond) fault.Kind {
	switch condition {
	case amqp.ErrCondUnauthorizedAccess:
		return fault.Denied
	case amqp.ErrCondNotFound:
		return fault.NotFound
	case "com.microsoft:session-cannot-be-locked", "com.microsoft:message-lock-lost", "com.microsoft:session-lock-lost":
		return fault.Conflict
	case "com.microsoft:server-busy":
		return fault.Throttled
	case amqp.ErrCondNotAllowed, amqp.ErrCondInvalidField, amqp.ErrCondNotImplemented, amqp.ErrCondMessageSizeExceeded:
		return fault.Invalid
	}
	return fault.Unavailable // a full or disabled queue, a broken link, a server's trouble
}
