// Package batch asks Microsoft Graph for several things with one call, a $batch
// (JSON batching). It owns the batch's shape and the patience with items that
// were throttled: a 200 around them tells outbound's retry layer nothing. It
// refuses to know what is asked for, and it only reads: a write that was
// throttled beside others that were not is a matter for its caller.
//
// A $batch is written and read as plain JSON. The SDK's batch would make the
// same body from request informations, but it reads every item twice through a
// map, matches header names with their case, dereferences a missing status and
// an empty body, and registers its error types globally.
package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// Limit is how many requests a $batch takes (JSON batching).
const Limit = 20

// How patient a batch is with items that were throttled.
const (
	attempts   = 6
	firstDelay = time.Second
	maxDelay   = 5 * time.Minute
)

// request is an item of a $batch.
type request struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	URL    string `json:"url"`
}

// Get reads up to Limit addresses, each relative to the API's root and with a
// slash before it, with one call, and with further ones whatever of them was
// throttled. The result has one answer for each address, in that order, of any
// status: of 429, 503 or 504 if it stayed so to the end, of 0 if the batch left
// it out. The error says that the batch as a whole did not work.
func Get(ctx context.Context, out *outbound.Client, op string, urls []string) ([]Answer, error) {
	answers := make([]Answer, len(urls))
	pending := make([]int, len(urls))
	for i := range pending {
		pending[i] = i
	}
	for attempt := 1; len(pending) > 0; attempt++ {
		served, err := ask(ctx, out, op, urls, pending)
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
		if len(throttled) == 0 || attempt == attempts || delay > maxDelay {
			break
		}
		if err := pause(ctx, delay); err != nil {
			return nil, fault.New(fault.KindOf(err), op, err)
		}
		pending = throttled
	}
	return answers, nil
}

// ask asks for the pending ones of urls in one $batch and returns the answers by
// id, which is the index in urls: they come in any order.
func ask(ctx context.Context, out *outbound.Client, op string, urls []string, pending []int) (map[string]Answer, error) {
	resp, err := send(ctx, out, urls, pending) //nolint:bodyclose // in memory since the pipeline
	if err != nil {
		return nil, fault.New(fault.KindOf(err), op, err)
	}
	if err := outbound.CheckStatus(op, resp); err != nil {
		return nil, err
	}
	served, err := decode(resp.Body)
	if err != nil {
		return nil, fault.New(fault.Incomplete, op, err)
	}
	return served, nil
}

// Probe asks for one address in a $batch of its own, once, and returns the answer
// around it, of whatever status. Answered says what is in its body.
func Probe(ctx context.Context, out *outbound.Client, url string) (*http.Response, error) {
	return send(ctx, out, []string{url}, []int{0})
}

// Answered returns the answer to the one request of a Probe; its Status is 0 if
// the batch left it out.
func Answered(body io.Reader) (Answer, error) {
	served, err := decode(body)
	return served["0"], err
}

// send sends a $batch and returns its answer, of whatever status.
func send(ctx context.Context, out *outbound.Client, urls []string, pending []int) (*http.Response, error) {
	requests := make([]request, 0, len(pending))
	for _, i := range pending {
		requests = append(requests, request{ID: strconv.Itoa(i), Method: http.MethodGet, URL: urls[i]})
	}
	body, err := json.Marshal(map[string]any{"requests": requests})
	if err != nil {
		return nil, err
	}
	req, err := out.NewRequest(ctx, http.MethodPost, "$batch")
	if err != nil {
		return nil, err
	}
	if err := req.SetBody(streaming.NopCloser(bytes.NewReader(body)), "application/json"); err != nil {
		return nil, err
	}
	return out.Do(req)
}

// decode reads the answers of a $batch by id.
func decode(body io.Reader) (map[string]Answer, error) {
	var served struct {
		Responses []struct {
			ID string `json:"id"`
			Answer
		} `json:"responses"`
	}
	if err := json.NewDecoder(body).Decode(&served); err != nil {
		return nil, err
	}
	byID := make(map[string]Answer, len(served.Responses))
	for _, answer := range served.Responses {
		byID[answer.ID] = answer.Answer
	}
	return byID, nil
}

// backOff returns a delay that doubles with each attempt, less up to half of it
// so that many do not come back at once.
func backOff(attempt int) time.Duration {
	full := firstDelay << (attempt - 1)
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
