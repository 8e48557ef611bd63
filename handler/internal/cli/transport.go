package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// maxAnswer bounds an answer, in bytes: the plan of a chain whose every team is
// still to be made is about half of it.
const maxAnswer = 64 << 20

// How patient a call is before it counts as failed. The one who waits is a
// person.
const (
	retries     = 3
	firstDelay  = time.Second
	longestWait = 30 * time.Second

	// tryTimeout is above the 230 s after which Azure's front end gives up.
	tryTimeout = 4 * time.Minute
)

// pipeline returns the way of requests: authorized by the policy, repeated where
// that is harmless, to where they are addressed and no further.
func (s *seat) pipeline(authorize policy.Policy) runtime.Pipeline {
	client := &http.Client{
		Transport:     s.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return runtime.NewPipeline("storeteams-cli", "v1",
		runtime.PipelineOptions{PerRetry: []policy.Policy{authorize}},
		&policy.ClientOptions{
			Transport: bounded{client},
			Retry: policy.RetryOptions{
				MaxRetries: retries, RetryDelay: firstDelay, MaxRetryDelay: longestWait, TryTimeout: tryTimeout,
				ShouldRetry: worthRepeating,
			},
		})
}

// worthRepeating reports whether the same request again may do better and can do
// no harm. A server that says when to come back has done nothing. Otherwise only
// reading is repeated, when the way failed: no answer, or one of the platform's
// where the app's was expected. What the app itself answered stands, and nobody
// waits for a server that is not there.
func worthRepeating(resp *http.Response, err error) bool {
	if err != nil {
		var dialed *net.OpError
		return !errors.As(err, &dialed) || dialed.Op != "dial" // that of a change never comes here: see onceOnly
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return resp.Header.Get("Retry-After") != ""
	case http.StatusServiceUnavailable:
		return resp.Header.Get("Retry-After") != "" || isRead(resp.Request) && !isJSON(resp)
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return isRead(resp.Request) && !isJSON(resp)
	}
	return false
}

func isRead(req *http.Request) bool { return req != nil && req.Method == http.MethodGet }

func isJSON(resp *http.Response) bool {
	return strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json")
}

// bounded is a client whose answers end.
type bounded struct{ client *http.Client }

// Do implements policy.Transporter. A change that found no answer is not sent
// again: it may have been carried out.
func (b bounded) Do(req *http.Request) (*http.Response, error) {
	resp, err := b.client.Do(req)
	if err != nil {
		if !isRead(req) {
			return nil, &onceOnly{err}
		}
		return nil, err
	}
	resp.Body = &boundedBody{ReadCloser: resp.Body, left: maxAnswer}
	return resp, nil
}

// onceOnly is the failure of a request that must not be repeated.
type onceOnly struct{ error }

// Unwrap returns the failure.
func (o *onceOnly) Unwrap() error { return o.error }

// NonRetriable tells azcore.
func (*onceOnly) NonRetriable() {}

// boundedBody fails once more than left was read. Cutting it off silently could
// leave JSON that is whole.
type boundedBody struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, &tooLong{}
	}
	return n, err
}

// tooLong is an answer that did not end.
type tooLong struct{}

// Error implements error.
func (*tooLong) Error() string { return fmt.Sprintf("the answer is longer than %d MiB", maxAnswer>>20) }

// NonRetriable tells azcore that it would be no shorter the next time.
func (*tooLong) NonRetriable() {}
