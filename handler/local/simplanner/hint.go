package simplanner

import (
	"fmt"
	"strings"
)

// The characters the service makes its order hints of: those of the format
// without the space and the exclamation mark, which have a meaning in what
// clients send.
const (
	hintFirst = '#'
	hintLast  = '~'
)

// order works out the order hint that the service stores for what a client
// sent: "<previous> <next>!", either of which may be empty or itself such an
// expression. A plain value, as the service returns them, is refused.
func (s *Service) order(sent string) (string, error) {
	bad := invalid("The order hint '%s' does not have the correct format.", sent)
	for _, letter := range []byte(sent) {
		if letter < ' ' || letter > '~' {
			return "", bad
		}
	}
	p := &hintParser{rest: sent, service: s}
	hint := ""
	if strings.HasSuffix(sent, "!") {
		hint = p.between()
	}
	if hint == "" || p.failed || p.rest != "" {
		return "", bad
	}
	return hint, nil
}

// newestFirst is the order hint of something a client gave no place: before
// everything that is older, as Planner places new tasks.
func (s *Service) newestFirst() string {
	return fmt.Sprintf("%019dP]", 8_587_094_707_721_254_251-s.number())
}

// hintParser reads an expression from its end, where it is not ambiguous.
type hintParser struct {
	rest    string
	service *Service
	failed  bool
}

// between reads "<previous> <next>!" and is a hint that lies between the two;
// empty if there is none.
func (p *hintParser) between() string {
	p.rest = strings.TrimSuffix(p.rest, "!")
	next := p.operand()
	var spaced bool
	if p.rest, spaced = strings.CutSuffix(p.rest, " "); !spaced {
		p.failed = true
	}
	if p.failed {
		return ""
	}
	previous := p.operand()
	if p.failed {
		return ""
	}
	hint := p.service.place(previous, next)
	p.failed = hint == ""
	return hint
}

// operand reads one side: an expression, a hint of the service, or nothing.
func (p *hintParser) operand() string {
	if strings.HasSuffix(p.rest, "!") {
		return p.between()
	}
	start := strings.LastIndexAny(p.rest, " !") + 1
	hint := p.rest[start:]
	p.rest = p.rest[:start]
	return hint
}

// place is a fresh hint after previous and before next, either of which may be
// empty; empty if next does not come after previous.
func (s *Service) place(previous, next string) string {
	if previous == "" && next == "" {
		return s.newestFirst()
	}
	// Two letters of a running number keep two things apart that were put into
	// the same place.
	const span = hintLast - hintFirst
	n := s.number()
	unique := string([]byte{hintFirst + byte(n/span%span), hintFirst + 1 + byte(n%span)})
	hint := middle(previous, next) + unique
	if hint <= previous || next != "" && hint >= next {
		return ""
	}
	return hint
}

// middle is a string above low and below high, such that whatever is appended
// to it stays there. An empty high has nothing above it.
func middle(low, high string) string {
	var mid []byte
	for i := 0; ; i++ {
		above, below := byte(hintFirst), byte(hintLast+1)
		if i < len(low) {
			above = low[i]
		}
		if i < len(high) {
			below = high[i]
		}
		if below > above+1 {
			return string(append(mid, above+(below-above)/2))
		}
		mid = append(mid, above)
		if below > above {
			high = ""
		}
	}
}
