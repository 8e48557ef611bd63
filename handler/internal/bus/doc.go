// Package bus sends hints to a queue of Service Bus, "task-hints" or "org-hints", and is what
// operators use to look at its dead letters. It owns what azservicebus does not
// take care of: what a hint's message looks like, which failures are whose, and
// how a hint gets into the dead-letter queue. It receives no hints: the Functions
// host does, and hands them to package trigger. It refuses to know what a hint
// is about.
//
// # Dead letters
//
// Two facts make this hard. A custom handler cannot settle the message it was
// called with: the host completes it when the function succeeds and abandons it
// at once when it fails, so that a message that fails again and again is back
// within a second and in the dead-letter queue, without a word why, after the
// queue's maximum of deliveries. And Service Bus lets nobody send to a
// dead-letter queue: the only way in is to receive a message and dead-letter it.
//
// So [Bus.DeadLetter] makes a message of its own and dead-letters that, while the
// host still holds the session of the message that the function was called with:
//
//  1. It accepts a session that nobody else can know the name of, "dead/" and
//     a random text. A session can be accepted before it has a message, and
//     whoever accepted it holds all messages that arrive in it later.
//  2. It sends a copy of the hint into that session.
//  3. It receives the copy and dead-letters it, with reason and description.
//
// Then the function succeeds, and the host completes the original.
//
// Whatever kills the process in between loses nothing. Before 2 nothing has
// happened, and the original is delivered again. After 2 the session's lock ends
// within a minute, and the host delivers the copy to the function like any
// message. The copy is a hint, so looking where it says is right; if that fails
// as it did before, its attempt says that there were enough, and it comes back
// here. The original is delivered again too: there may then be two dead letters
// of one hint, which costs a person a keystroke.
//
// A message that was dead-lettered because it was delivered too often has the
// reason that Service Bus gives it, MaxDeliveryCountExceeded.
//
// # Settling
//
// After a lost connection azservicebus tries for up to a minute to settle a
// message that cannot be settled any more, whatever the client's retry options
// are. So each settlement has a short time of its own, and one that failed is as
// good as one that never was: locks end by themselves.
package bus
