package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/pages"
	"github.com/storeteams/storeteams/handler/internal/subscription"
)

var _ subscription.Graph = (*Client)(nil)

// subscriptionItem is a subscription on the wire ("subscription resource type").
type subscriptionItem struct {
	ID        string    `json:"id,omitempty"`
	Resource  string    `json:"resource,omitempty"`
	Changes   string    `json:"changeType,omitempty"`
	URL       string    `json:"notificationUrl,omitempty"`
	Lifecycle string    `json:"lifecycleNotificationUrl,omitempty"`
	State     string    `json:"clientState,omitempty"`
	Expires   time.Time `json:"expirationDateTime"`
}

func (i subscriptionItem) held() subscription.Held {
	return subscription.Held{
		ID: strings.ToLower(i.ID), Resource: strings.TrimPrefix(i.Resource, "/"), URL: i.URL, Expires: i.Expires.UTC(),
	}
}

// Subscriptions implements subscription.Graph.
func (c *Client) Subscriptions(ctx context.Context) (all []subscription.Held, err error) {
	_, err = pages.Read(ctx, c.out, "graph: list subscriptions", "subscriptions", func(item subscriptionItem) error {
		all = append(all, item.held())
		return nil
	})
	return all, err
}

// Subscribe implements subscription.Graph. The lifecycle address is always given:
// it cannot be added later, and Graph asks for it where a life is longer than an
// hour.
func (c *Client) Subscribe(ctx context.Context, w subscription.Wanted) (subscription.Held, error) {
	return c.sendSubscription(sentOnce(ctx), "graph: subscribe", http.MethodPost, "subscriptions", subscriptionItem{
		Resource: w.Resource, Changes: w.Changes, URL: w.URL, Lifecycle: w.URL, State: w.State, Expires: w.Expires.UTC(),
	})
}

// Renew implements subscription.Graph. It reauthorizes the subscription as well.
func (c *Client) Renew(ctx context.Context, id string, expires time.Time) (subscription.Held, error) {
	return c.sendSubscription(ctx, "graph: renew a subscription", http.MethodPatch, "subscriptions/"+url.PathEscape(id),
		subscriptionItem{Expires: expires.UTC()})
}

func (c *Client) sendSubscription(ctx context.Context, op, method, ref string, body subscriptionItem) (subscription.Held, error) {
	var item subscriptionItem
	if err := c.exchange(ctx, op, method, ref, nil, body, &item); err != nil {
		return subscription.Held{}, err
	}
	if item.ID == "" || item.Expires.IsZero() {
		return subscription.Held{}, fault.Newf(fault.Incomplete, op, "the answer has no id or no expiration")
	}
	return item.held(), nil
}

// Unsubscribe implements subscription.Graph.
func (c *Client) Unsubscribe(ctx context.Context, id string) error {
	err := c.exchange(ctx, "graph: unsubscribe", http.MethodDelete, "subscriptions/"+url.PathEscape(id), nil, nil, nil)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// beatItem is what is written of the canary's group.
type beatItem struct {
	Name        string   `json:"displayName,omitempty"`
	Description string   `json:"description"`
	Nickname    string   `json:"mailNickname,omitempty"`
	Mail        *bool    `json:"mailEnabled,omitempty"`
	Security    *bool    `json:"securityEnabled,omitempty"`
	Types       []string `json:"groupTypes,omitempty"`
}

// Beat implements subscription.Graph.
func (c *Client) Beat(ctx context.Context, marker, name, text string) (org.TeamID, error) {
	const op = "graph: touch the canary"
	id, err := c.idOf(ctx, op, marker)
	if err == nil {
		return id, c.exchange(ctx, op, http.MethodPatch, "groups/"+url.PathEscape(string(id)), nil, beatItem{Description: text}, nil)
	}
	if !fault.Is(err, fault.NotFound) {
		return "", err
	}
	mail, security := false, true
	var made struct {
		ID string `json:"id"`
	}
	err = c.exchange(ctx, op, http.MethodPatch, "groups(uniqueName='"+url.PathEscape(marker)+"')",
		http.Header{"Prefer": {"create-if-missing"}},
		beatItem{Name: name, Description: text, Nickname: marker, Mail: &mail, Security: &security}, &made)
	if err != nil || made.ID != "" {
		return org.NormalTeamID(made.ID), err
	}
	return c.idOf(ctx, op, marker) // somebody else made it since
}

// exchange sends a request with a body, if there is one, and reads the answer's,
// if there is one and it is wanted.
func (c *Client) exchange(ctx context.Context, op, method, ref string, header http.Header, body, into any) error {
	req, err := c.out.NewRequest(ctx, method, ref)
	if err != nil {
		return fault.New(fault.KindOf(err), op, err)
	}
	for name, values := range header {
		req.Raw().Header[name] = values
	}
	if body != nil {
		if err := runtime.MarshalAsJSON(req, body); err != nil {
			return fault.New(fault.Invalid, op, err)
		}
	}
	resp, err := c.out.Do(req)
	if err != nil {
		return fault.New(fault.KindOf(err), op, err)
	}
	if err := outbound.CheckStatus(op, resp); err != nil {
		return err
	}
	if into == nil || resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fault.New(fault.Incomplete, op, err)
	}
	return nil
}
