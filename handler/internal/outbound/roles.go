package outbound

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Roles returns the application permissions in the token that requests are sent
// with, sorted. known is false where there is no such token, as toward a
// loopback address, or where it is none that says: an access token is opaque to
// all but the server it is for, and today's happen to be JWTs (access tokens in
// the Microsoft identity platform). So what this returns is to be shown, and
// nothing may be decided by it.
//
// The signature is not looked at: the token came from the credential, and only
// the server has to believe it. It appears in no result, error or log.
func (c *Client) Roles(ctx context.Context) (roles []string, known bool, err error) {
	if c.credential == nil {
		return nil, false, nil
	}
	token, err := c.credential.GetToken(ctx, policy.TokenRequestOptions{
		Scopes:    []string{c.scope},
		EnableCAE: true, // as azcore's bearer policy asks, whose cached token this is then
	})
	if err != nil {
		return nil, false, tokenFault(ctx, err)
	}
	roles, known = rolesIn(token.Token)
	return roles, known, nil
}

// rolesIn reads the claim of a JWT's middle part. A token of an app without
// any permission has no such claim.
func rolesIn(token string) (roles []string, known bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, false
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil, false
	}
	var claims *struct {
		Roles []string `json:"roles"`
	}
	if err := json.Unmarshal(text, &claims); err != nil || claims == nil {
		return nil, false
	}
	slices.Sort(claims.Roles)
	return slices.Compact(claims.Roles), true
}

// tokenFault classifies a token that could not be had. Credentials mark what
// asking again cannot help: a wrong client id, an identity that is not there.
func tokenFault(ctx context.Context, err error) error {
	const op = "outbound: get a token"
	var hopeless interface{ NonRetriable() }
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.New(fault.Canceled, op, err)
	case ctx.Err() == nil && errors.As(err, &hopeless):
		return fault.New(fault.Denied, op, err)
	}
	return fault.New(fault.Unavailable, op, err)
}
