package environment

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// NotificationURL is where the simulated tenant posts changes to, if it is the
// setting of that name: whatever port the host has.
const NotificationURL = "https://" + appHost + "/api/graph/notifications"

const appHost = "storeteams.example"

// deliveryInterval is how often notifications are posted.
const deliveryInterval = 100 * time.Millisecond

// deliver posts notifications until the environment is closed.
func (e *Environment) deliver() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.Tenant.KeepDelivering(ctx, deliveryInterval)
	}()
	e.stop = append(e.stop, func() error {
		cancel()
		<-ended
		return nil
	})
}

// toHost sends what is for the app to the host, whatever address that has now.
type toHost struct{ e *Environment }

// RoundTrip implements [http.RoundTripper].
func (t toHost) RoundTrip(r *http.Request) (*http.Response, error) {
	host := t.e.host.Load()
	if host == nil || r.URL.Host != appHost {
		return nil, errors.New("environment: nobody listens at " + r.URL.Host)
	}
	sent := r.Clone(r.Context())
	to, err := url.Parse(host.URL())
	if err != nil {
		return nil, err
	}
	sent.URL.Scheme, sent.URL.Host, sent.Host = to.Scheme, to.Host, ""
	return http.DefaultTransport.RoundTrip(sent)
}
