package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// A $batch is written and read as plain JSON. The SDK's batch would make the
// same body from request informations, but it reads every item twice through a
// map, matches header names with their case, dereferences a missing status and
// an empty body, and registers its error types globally.

// batchLimit is how many requests a $batch takes (JSON batching).
const batchLimit = 20

// How patient a batch is with items that were throttled. A 200 around them
// tells outbound's retry layer nothing, so they are asked for again here.
const (
	batchAttempts   = 6
	batchFirstDelay = time.Second
	batchMaxDelay   = 5 * time.Minute
)

type batchRequest struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	URL    string `json:"url"` // relative to the API's root, with a slash
}

type batchAnswer struct {
	ID      string          `json:"id"`
	Status  int             `json:"status"`
	Headers map[string]any  `json:"headers"`
	Body    json.RawMessage `json:"body"`
}

// getAll reads up to batchLimit addresses with one call, and with further ones
// whatever of them was throttled. The result has one answer for each address,
// in that order, of any status: of 429, 503 or 504 if it stayed so to the end,
// of 0 if the batch left it out.
func (c *Client) getAll(ctx context.Context, op string, urls []string) ([]batchAnswer, error) {
	answers := make([]batchAnswer, len(urls))
	pending := make([]int, len(urls))
	for i := range pending {
		pending[i] = i
	}
	for attempt := 1; ; attempt++ {
		served, err := c.postBatch(ctx, op, urls, pending)
		if err != nil {
			return nil, err
		}
		var throttled []int
		delay := time.Duration(0)
		for _, i := range pending {
			answers[i] = served[strconv.Itoa(i)]
			if answers[i].throttled() {
				throttled = append(throttled, i)
				delay = max(delay, answers[i].retryAfter())
			}
		}
		if delay == 0 {
			delay = backOff(attempt)
		}
		if len(throttled) == 0 || attempt == batchAttempts || delay > batchMaxDelay {
			return answers, nil
		}
		if err := pause(ctx, delay); err != nil {
			return nil, during(op, err)
		}
		pending = throttled
	}
}

// postBatch asks for the pending ones of urls in one $batch and returns the
// answers by id, which is the index in urls: they come in any order.
func (c *Client) postBatch(ctx context.Context, op string, urls []string, pending []int) (map[string]batchAnswer, error) {
	resp, err := c.doBatch(ctx, urls, pending)
	if err != nil {
		return nil, during(op, err)
	}
	if err := outbound.CheckStatus(op, resp); err != nil {
		return nil, err
	}
	served, err := decodeBatch(resp.Body)
	if err != nil {
		return nil, fault.New(fault.Incomplete, op, err)
	}
	return served, nil
}

// doBatch sends that $batch and returns its answer, of whatever status.
func (c *Client) doBatch(ctx context.Context, urls []string, pending []int) (*http.Response, error) {
	requests := make([]batchRequest, 0, len(pending))
	for _, i := range pending {
		requests = append(requests, batchRequest{ID: strconv.Itoa(i), Method: http.MethodGet, URL: urls[i]})
	}
	body, err := json.Marshal(map[string]any{"requests": requests})
	if err != nil {
		return nil, err
	}
	req, err := c.out.NewRequest(ctx, http.MethodPost, "$batch")
	if err != nil {
		return nil, err
	}
	if err := req.SetBody(streaming.NopCloser(bytes.NewReader(body)), "application/json"); err != nil {
		return nil, err
	}
	return c.out.Do(req)
}

// decodeBatch reads the answers of a $batch by id.
func decodeBatch(body io.Reader) (map[string]batchAnswer, error) {
	var served struct {
		Responses []batchAnswer `json:"responses"`
	}
	if err := json.NewDecoder(body).Decode(&served); err != nil {
		return nil, err
	}
	byID := make(map[string]batchAnswer, len(served.Responses))
	for _, answer := range served.Responses {
		byID[answer.ID] = answer
	}
	return byID, nil
}

// throttled reports whether the same request may do better later.
func (a batchAnswer) throttled() bool {
	return a.Status == http.StatusTooManyRequests ||
		a.Status == http.StatusServiceUnavailable || a.Status == http.StatusGatewayTimeout
}

// header returns a header's value. Names come in any case.
func (a batchAnswer) header(name string) string {
	for key, value := range a.Headers {
		if strings.EqualFold(key, name) {
			return fmt.Sprint(value)
		}
	}
	return ""
}

// retryAfter returns how long the item asks to wait: seconds, or until a date.
// 0: it does not say.
func (a batchAnswer) retryAfter() time.Duration {
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

// fault classifies an answer that is no success, as outbound.CheckStatus does
// for those outside a batch.
func (a batchAnswer) fault(op string) error {
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

// backOff returns a delay that doubles with each attempt, less up to half of it
// so that many do not come back at once.
func backOff(attempt int) time.Duration {
	full := batchFirstDelay << (attempt - 1)
	return full - rand.N(full/2)
}

// pause waits, or returns the context's error if it ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
