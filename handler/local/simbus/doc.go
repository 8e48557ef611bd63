// Package simbus stands in for Azure Service Bus: an AMQP 1.0 server in this
// process that azservicebus talks to unchanged, with queues in memory and a
// clock that a test may set. It owns what Service Bus does with messages, locks
// and sessions. It knows nothing of storeteams and imports nothing of it, so it
// cannot share a mistake with the handler.
//
// # What works
//
//   - Sending one message or a batch, up to 256 KiB on the wire as in the
//     Standard tier; scheduling, on sending or by ScheduleMessages, and cancelling.
//   - Duplicate detection: a repeated MessageId is accepted and dropped for the
//     whole window, whatever became of the first message.
//   - Receiving with locks: complete, abandon, dead-letter with reason and
//     description, release, renew; by the delivery or by the lock token alone.
//   - Delivery counts, dead-lettering at the maximum, dead-letter queues (never
//     with sessions), time to live, peeking in every state.
//   - Sessions: the one named or the next one there is, in order and to one
//     receiver, with lock, renewal, state, and loss of the lock.
//   - $cbs and $management as far as the SDK needs them for that.
//
// # What it refuses, as the service does
//
//   - Queues that are not there: amqp:not-found on links, 404 on $cbs.
//   - With amqp:not-allowed: a message without a session to a queue with
//     sessions (and then the whole batch), a receiver that asks for a session
//     where there are none or for none where there are, and sending to a
//     dead-letter queue.
//   - Larger messages: amqp:link:message-size-exceeded. The SDK learns the limit
//     on attaching and says ErrMessageTooLarge by itself.
//   - Settling or renewing without the lock: com.microsoft:message-lock-lost,
//     410. Sessions that another has: com.microsoft:session-cannot-be-locked.
//   - Cancelling what is not scheduled any more: 404.
//
// # When locks end
//
// A message's lock lasts for LockDuration, also when its receiver is closed. A
// session's lock ends at once, and without a count, when its receiver is closed
// in order. When the connection breaks ([Bus.DropConnections], or a process that
// dies) neither ends before its time: the session can be accepted again, and
// the messages are delivered again with one delivery more, only then. (The
// sketch this package goes back to gave sessions back at once, and counted.)
//
// A message that was handed out by credit left on a receiver which is then
// closed stays locked too. The SDK leaves such credit after a ReceiveMessages
// that ended early.
//
// # What it gets wrong
//
//   - There are no topics, rules, transactions, forwarding, deferral (amqp:not-allowed),
//     receive-and-delete, listing of sessions, administration, TLS or WebSocket.
//     Expired messages are dropped, never dead-lettered.
//   - Every token is good, for ever, and nothing is throttled. The service also
//     closes idle links and connections, and limits the size of a queue, of
//     session states, and of properties; this does not.
//   - Everything is in memory and on one node: exact where the service is
//     roughly so. Locks end by the clock's millisecond, messages without sessions
//     come strictly in order, and the next session is the one with the oldest
//     message. The service promises none of that.
//   - A dead letter keeps its sequence number and delivery count; a scheduled
//     message that is a duplicate gets a number that is never seen again.
//     Neither is documented of the service.
//   - One limit of 256 KiB counts for all that is sent in one piece, requests
//     to schedule messages among it. Descriptions of errors are worded anew.
//   - How long AcceptNextSession waits on the bus is measured by the bus's
//     clock. With one that stands still, the caller's context ends the wait.
//   - AMQP that Service Bus's clients do not use is missing: resuming links,
//     decimal numbers, arrays of values that have no bytes. A peer that breaks
//     the protocol is cut off without a close frame.
package simbus
