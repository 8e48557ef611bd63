package outbound

import (
	"context"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// How patient a probing call is: somebody waits for it, and that a server is
// slow or refuses for now is an answer too.
const (
	probeTime    = 30 * time.Second // of a whole call, the wait for our own rate included
	probeRetries = 1
	probeWait    = 5 * time.Second // a server that asks for more is not waited for
)

// Probing returns a context whose calls give up early: after one retry and after
// half a minute at the latest. The caller ends it with cancel.
func Probing(ctx context.Context) (probing context.Context, cancel context.CancelFunc) {
	options := Retries()
	options.MaxRetries, options.MaxRetryDelay = probeRetries, probeWait
	return context.WithTimeout(policy.WithRetryOptions(ctx, options), probeTime)
}

// Ahead returns how far a server's clock is ahead of ours, in whole seconds, by
// its answer to a request that was asked for at the time asked. What the way
// there and back may have taken is nobody's fault: a clock that shows a time in
// between is right. known is false where the answer does not tell the time.
func Ahead(resp *http.Response, asked time.Time) (ahead time.Duration, known bool) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, false
	}
	// Date has whole seconds, cut off.
	asked, now := asked.Truncate(time.Second), time.Now()
	switch {
	case date.Before(asked):
		ahead = date.Sub(asked)
	case date.After(now):
		ahead = date.Sub(now.Truncate(time.Second))
	}
	return ahead, true
}
