package batch

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// Answer is what became of one request of a batch.
type Answer struct {
	Status  int             `json:"status"`
	Headers map[string]any  `json:"headers"` // their names in any case
	Body    json.RawMessage `json:"body"`
}

// Fault classifies an answer that is not the success that was hoped for, as
// outbound.CheckStatus does for those outside a batch. What is no refusal either
// is fault.Incomplete.
func (a Answer) Fault(op string) error {
	if a.Status < http.StatusBadRequest {
		return fault.Newf(fault.Incomplete, op, "a batch item of status %d", a.Status)
	}
	var body struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	// A body that is no such JSON leaves the code empty; the status is enough.
	_ = json.Unmarshal(a.Body, &body)
	return fault.New(fault.OfStatus(a.Status), op, &outbound.StatusError{
		Status: a.Status, Code: body.Error.Code, RequestID: a.header("request-id"),
	})
}

// throttled reports whether the same request may do better later.
func (a Answer) throttled() bool {
	return a.Status == http.StatusTooManyRequests ||
		a.Status == http.StatusServiceUnavailable || a.Status == http.StatusGatewayTimeout
}

// header returns a header's value.
func (a Answer) header(name string) string {
	for key, value := range a.Headers {
		if strings.EqualFold(key, name) {
			return fmt.Sprint(value)
		}
	}
	return ""
}

// retryAfter returns how long the item asks to wait: seconds, or until a date.
// 0: it does not say.
func (a Answer) retryAfter() time.Duration {
	text := a.header("Retry-After")
	if until, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(until))
	}
	seconds, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return max(0, time.Duration(seconds)*time.Second)
}
