package trigger

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Hook takes what Graph posts.
type Hook interface {
	// Accept takes a body of notifications, which may be anybody's. Once it
	// returns nil, they are kept. A fault.Invalid: the body is none of Graph's.
	Accept(ctx context.Context, body []byte) error
}

// What a notification may cost. Graph waits ten seconds for an answer, and counts
// slow ones against the address; what is turned away it sends again.
const (
	maxNotification   = 1 << 20
	maxToken          = 4096
	notificationTime  = 8 * time.Second
	notificationsOnce = 32 // bodies in memory at once, of 1 MiB each
	comeAgain         = 10 * time.Second
)

// graphNotification answers Graph: the validation of an address, which comes
// while a subscription is made, and notifications. The path is open to anybody,
// so the cheapest checks come first, and only so many bodies are read at once.
//
// Graph takes 202 for kept, and sends again what is answered with anything but
// 2xx, for hours: so a body of which nothing is ours is answered 202 as well, and
// only what cannot be of Graph's is refused with 4xx.
func (f *front) graphNotification(c call) (answer, error) {
	if query := c.URL.Query(); query.Has("validationToken") {
		return validation(query.Get("validationToken"))
	}
	if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || media != jsonKind {
		return answer{}, notJSON()
	}
	if c.ContentLength > maxNotification {
		return answer{}, &http.MaxBytesError{Limit: maxNotification}
	}
	if !f.notices.TryAcquire(1) {
		return answer{}, tooManyNotifications()
	}
	defer f.notices.Release(1)
	ctx, cancel := context.WithTimeout(c.Context(), notificationTime)
	defer cancel()
	body, err := readBody(c.Request, maxNotification)
	if err != nil {
		return answer{}, fault.New(fault.Invalid, "read a notification", err)
	}
	if err := f.functions.GraphNotification.Accept(ctx, body); err != nil {
		if fault.Is(err, fault.Invalid) {
			return answer{}, err
		}
		return answer{}, errors.Join(notKept(), err)
	}
	return answer{status: http.StatusAccepted, kind: jsonKind, body: []byte("{}\n")}, nil
}

// validation gives Graph's token back, decoded, as text that no browser takes for
// a page ("Receive change notifications through webhooks", validation).
func validation(token string) (answer, error) {
	if token == "" || len(token) > maxToken {
		return answer{}, fault.Newf(fault.Invalid, "read validation", "expected a validationToken of at most %d characters", maxToken)
	}
	return answer{status: http.StatusOK, kind: "text/plain; charset=utf-8", body: []byte(token)}, nil
}

func tooManyNotifications() error {
	return &refusal{
		status: http.StatusServiceUnavailable, code: "busy", message: "Too many notifications at once: send this one again.",
		header: map[string]string{"Retry-After": strconv.Itoa(int(comeAgain.Seconds()))},
	}
}

// notKept has Graph send the notifications again.
func notKept() error {
	return &refusal{
		status: http.StatusServiceUnavailable, code: "unavailable", message: "The notifications could not be kept: send them again.",
		header: map[string]string{"Retry-After": strconv.Itoa(int(comeAgain.Seconds()))},
	}
}

// subscriptionRenew carries out one tick of the SubscriptionRenew timer.
func (f *front) subscriptionRenew(c call) (answer, error) {
	return f.tick(c, f.functions.SubscriptionRenew)
}

// orgChanged hands over one message of the queue org-hints.
func (f *front) orgChanged(c call) (answer, error) { return f.receive(c, f.functions.OrgChanged) }

// commerceEvent hands over one message of the queue commerce-events.
func (f *front) commerceEvent(c call) (answer, error) { return f.receive(c, f.functions.CommerceEvent) }

func newNotices() *semaphore.Weighted { return semaphore.NewWeighted(notificationsOnce) }
