package simbus

import "fmt"

// refusal is why the bus does not do something, in both languages that the SDK
// knows: the condition of an AMQP error, and the status of a management answer.
type refusal struct {
	condition   symbol
	status      int32
	description string
}

// amqp is the refusal as an AMQP error.
func (r *refusal) amqp() described {
	return composite(codeError, r.condition, r.description)
}

func notFound(address string) *refusal {
	return &refusal{"amqp:not-found", 404, fmt.Sprintf("The messaging entity '%s' could not be found.", address)}
}

func notAllowed(why string) *refusal { return &refusal{"amqp:not-allowed", 400, why} }

func lockLost() *refusal {
	return &refusal{"com.microsoft:message-lock-lost", 410,
		"The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue."}
}

func sessionLockLost() *refusal {
	return &refusal{"com.microsoft:session-lock-lost", 410,
		"The session lock has expired on the session. Accept a new session."}
}

func sessionTaken(id string) *refusal {
	return &refusal{"com.microsoft:session-cannot-be-locked", 409,
		fmt.Sprintf("The requested session '%s' cannot be accepted. It may be locked by another receiver.", id)}
}

func noSession() *refusal {
	return &refusal{"com.microsoft:timeout", 408, "No session became available in the time given."}
}

func tooLarge() *refusal {
	return &refusal{"amqp:link:message-size-exceeded", 413,
		fmt.Sprintf("The received message is over the limit (%d bytes) of the entity.", maxMessage)}
}

func malformed(err error) *refusal { return &refusal{"amqp:decode-error", 400, err.Error()} }
