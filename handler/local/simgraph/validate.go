package simgraph

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// postable reports whether the service would post to an address: the real one
// takes https only; here this machine's own are taken too.
func postable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && ip.IsLoopback())
}

// validate asks an address whether it wants notifications.
func (t *Tenant) validate(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	t.mu.Lock()
	token := "Validation: Testing client application reachability for subscription Request-Id: " + t.guid() + " + & %"
	t.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	u, err := url.Parse(address)
	if err != nil {
		return badSubscription("The notification URL is not well-formed.")
	}
	query := u.Query()
	query.Set("validationToken", token)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), nil)
	if err != nil {
		return badSubscription("The notification URL is not well-formed.")
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	resp, err := t.opts.Client.Do(req)
	if err != nil {
		return badSubscription("Subscription validation request failed: the endpoint did not answer in time.")
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") || string(body) != token {
		return badSubscription("Subscription validation request failed. Must respond with 200 OK to this request; status %d.", resp.StatusCode)
	}
	return nil
}
