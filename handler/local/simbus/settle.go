package simbus

// verdict is what a receiver decides about a message.
type verdict int

const (
	released verdict = iota // handed back untried: counts as no delivery
	completed
	abandoned
	deadLettered
	deferred
)

// outcome is a verdict with what goes with it.
type outcome struct {
	verdict             verdict
	reason, description string
	changes             mapping // of application properties
}

// Descriptors of delivery states (part 3 of the standard, section 3.4).
const (
	stateAccepted = 0x24
	stateRejected = 0x25
	stateReleased = 0x26
	stateModified = 0x27
)

// readOutcome reads a delivery state. As in Service Bus a rejected message is
// a dead letter, and a modified one is abandoned, whatever delivery-failed
// says (the SDK says false).
func readOutcome(state any) (outcome, bool) {
	f := fields(state)
	switch code(state) {
	case stateAccepted:
		return outcome{verdict: completed}, true
	case stateReleased:
		return outcome{verdict: released}, true
	case stateModified:
		const undeliverableHere = 1
		o := outcome{verdict: abandoned, changes: at[mapping](f, 2)}
		if at[bool](f, undeliverableHere) {
			o.verdict = deferred
		}
		return o, true
	case stateRejected:
		o := outcome{verdict: deadLettered}
		info := at[mapping](fields(at[any](f, 0)), 2)
		o.reason, o.description = value[string](info, deadLetterReason), value[string](info, deadLetterDescription)
		for i := 0; i+1 < len(info); i += 2 {
			if key := name(info[i]); key != deadLetterReason && key != deadLetterDescription {
				o.changes = append(o.changes, key, info[i+1])
			}
		}
		return o, true
	}
	return outcome{}, false
}

// settle ends the lock with which a message was handed out.
func (q *queue) settle(lock uuid, o outcome) *refusal {
	m := q.locked[lock]
	switch {
	case m == nil:
		return lockLost()
	case o.verdict == deferred:
		return notAllowed("This stand-in does not defer messages.")
	case o.verdict == deadLettered && q.dead == nil:
		return notAllowed("A message in a dead-letter queue cannot be dead-lettered.")
	}
	if q.bus.ask(o.verdict.event(), q, m).RefuseLock {
		q.revoke(m)
		return lockLost()
	}
	q.unlock(m)
	for i := 0; i+1 < len(o.changes); i += 2 {
		m.set(name(o.changes[i]), o.changes[i+1])
	}
	switch o.verdict {
	case completed:
		q.drop(m)
		q.completed++
	case abandoned:
		q.fail(m)
	case deadLettered:
		q.bury(m, o.reason, o.description)
	default:
		q.ready(m)
	}
	q.pump(q.lane(m.session))
	return nil
}

// event is what fault injection hears of a verdict; nothing of releases, since
// the SDK sends them on its own account.
func (v verdict) event() EventKind {
	switch v {
	case completed:
		return Completing
	case abandoned:
		return Abandoning
	case deadLettered:
		return DeadLettering
	}
	return 0
}

// revoke ends a lock before its time, as if it had just expired.
func (q *queue) revoke(m *message) {
	l := q.lane(m.session)
	if q.rules.Sessions {
		q.expire(l)
		return
	}
	q.unlock(m)
	q.fail(m)
	q.pump(l)
}
