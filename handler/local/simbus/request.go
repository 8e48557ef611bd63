package simbus

// service answers requests: it returns the status and the body of its answer.
type service func(request) (status int32, body any, no *refusal)

// request is a message to a service, taken apart.
type request struct {
	properties  list
	application mapping
	body        mapping
}

func readRequest(encoded []byte) (request, error) {
	var r request
	d := decoder{rest: encoded}
	for len(d.rest) > 0 {
		section, _ := d.value().(described)
		switch code(section) {
		case sectionProperties:
			r.properties, _ = section.value.(list)
		case sectionApplication:
			r.application, _ = section.value.(mapping)
		case sectionValue:
			r.body, _ = section.value.(mapping)
		}
	}
	return r, d.err
}

func (r request) id() any           { return at[any](r.properties, 0) }
func (r request) replyTo() string   { return at[string](r.properties, 4) }
func (r request) operation() string { return value[string](r.application, "operation") }
func (r request) link() string      { return value[string](r.application, "associated-link-name") }
func (r request) session() string   { return value[string](r.body, "session-id") }
func (r request) many(key string) []any {
	v, _ := r.body.lookup(key)
	return elements(v)
}

// serve has a request answered on the link of the same channel that the
// request names. Without such a link nobody waits for the answer.
func (k *link) serve(encoded []byte) *refusal {
	r, err := readRequest(encoded)
	if err != nil {
		return malformed(err)
	}
	status, body, no := k.service(r)
	description := "OK"
	if no != nil {
		status, description, body = no.status, no.description, nil
	}
	for _, to := range k.channel.links {
		if to.service != nil && !to.peerSends && to.address == k.address && to.replyTo == r.replyTo() {
			const correlation = 5
			properties := append(make(list, correlation), r.id())
			answer := encode(nil, described{uint64(sectionProperties), properties})
			answer = encode(answer, described{uint64(sectionApplication),
				mapping{"status-code", status, "status-description", description}})
			to.answer(encode(answer, described{uint64(sectionValue), body}))
			break
		}
	}
	return nil
}
