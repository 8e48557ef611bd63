package simbus

// formatBatch is the message format of a batch: each data section is an
// encoded message.
const formatBatch = 0x80013700

// transfer takes a frame of a delivery in and answers once it is whole.
func (ch *channel) transfer(t transfer, payload []byte) {
	ch.received()
	k := ch.links[t.handle]
	if k == nil || !k.peerSends {
		return // under way when the link was closed
	}
	if !k.receiving {
		k.first, k.receiving = t, true
	}
	k.partial = append(k.partial, payload...)
	if len(k.partial) > maxMessage {
		k.close(tooLarge())
		return
	}
	if t.more {
		return
	}
	encoded := k.partial
	k.partial, k.receiving = nil, false
	k.deliveryCount++
	if k.credit = max(k.credit, 1) - 1; k.credit < creditForSenders/2 {
		k.grant()
	}
	state := composite(stateAccepted)
	if no := k.take(encoded, k.first.format); no != nil {
		state = composite(stateRejected, no.amqp())
	}
	if !k.first.settled && !t.settled {
		ch.send(composite(codeDisposition, true, k.first.id, k.first.id, true, state), nil)
	}
}

// take stores a message or a batch, or serves a request.
func (k *link) take(encoded []byte, format uint32) *refusal {
	switch {
	case k.service != nil:
		return k.serve(encoded)
	case format == formatBatch:
		return k.takeBatch(encoded)
	}
	m, err := parseMessage(encoded)
	if err != nil {
		return malformed(err)
	}
	_, no := k.queue.send(m)
	return no
}

// takeBatch stores all messages of a batch, or none if one is refused.
func (k *link) takeBatch(encoded []byte) *refusal {
	var batch []*message
	d := decoder{rest: encoded}
	for len(d.rest) > 0 {
		section, _ := d.value().(described)
		data, isData := section.value.([]byte)
		if code(section) != sectionData || !isData {
			continue
		}
		m, err := parseMessage(data)
		if err != nil {
			return malformed(err)
		}
		batch = append(batch, m)
	}
	if d.err != nil {
		return malformed(d.err)
	}
	_, no := k.queue.send(batch...)
	return no
}
