package simbus

import (
	"fmt"
	"net/url"
	"strings"
)

// claim is $cbs, which takes a token for an address. Every token is good; an
// address that is not there is answered 404, which the SDK makes CodeNotFound.
func (b *Bus) claim(r request) (int32, any, *refusal) {
	if r.operation() != "put-token" {
		return 0, nil, notAllowed(fmt.Sprintf("$cbs knows no %q.", r.operation()))
	}
	audience, err := url.Parse(value[string](r.application, "name"))
	if err != nil {
		return 0, nil, malformed(err)
	}
	entity := strings.Trim(audience.Path, "/")
	if _, _, no := b.endpoint(entity); no != nil {
		return 0, nil, no
	}
	const accepted = 202
	return accepted, nil, nil
}
