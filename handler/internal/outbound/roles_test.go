package outbound_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// credential is a function that gives tokens.
type credential func(context.Context, policy.TokenRequestOptions) (string, error)

// GetToken implements azcore.TokenCredential.
func (c credential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := c(ctx, o)
	return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(time.Hour)}, err
}

// roles asks a client with that credential.
func roles(ctx context.Context, t *testing.T, c azcore.TokenCredential) ([]string, bool, error) {
	t.Helper()
	base, err := url.Parse("https://127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	client, err := outbound.New(outbound.Options{
		Name: "test", Base: base, Credential: c, Scope: "https://graph.test/.default",
		Transport: server(func(*http.Request) *http.Response {
			t.Error("a request was sent")
			return answer(200, "")
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client.Roles(ctx)
}

func jwt(payload string) string {
	return "eyJ0eXAiOiJKV1QifQ." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2lnbmF0dXJl"
}

func TestRolesOfAToken(t *testing.T) {
	tests := map[string]struct {
		token string
		roles []string
		known bool
	}{
		"sorted, each once":      {jwt(`{"aud":"x","roles":["User.Read.All","Group.Read.All","User.Read.All"]}`), []string{"Group.Read.All", "User.Read.All"}, true},
		"none":                   {jwt(`{"aud":"x"}`), nil, true},
		"padded":                 {strings.Replace(jwt(`{"roles":["R"]}`), ".c2", "=.c2", 1), []string{"R"}, true},
		"opaque":                 {"EwB4A8l6BAAU", nil, false},
		"two parts":              {"a.b", nil, false},
		"encrypted":              {"a.b.c.d.e", nil, false},
		"no base64":              {"a.!.c", nil, false},
		"no JSON":                {"a." + base64.RawURLEncoding.EncodeToString([]byte("roles")) + ".c", nil, false},
		"no object":              {jwt(`null`), nil, false},
		"roles of another shape": {jwt(`{"roles":"R"}`), nil, false},
		"no token":               {"", nil, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, known, err := roles(t.Context(), t, credential(func(_ context.Context, o policy.TokenRequestOptions) (string, error) {
				if !slices.Equal(o.Scopes, []string{"https://graph.test/.default"}) || !o.EnableCAE {
					t.Errorf("asked for another token than requests are sent with: %+v", o)
				}
				return test.token, nil
			}))
			if err != nil || known != test.known || !slices.Equal(got, test.roles) {
				t.Errorf("roles %v, known %v, error %v; want %v, %v", got, known, err, test.roles, test.known)
			}
		})
	}
}

func TestRolesWithoutCredential(t *testing.T) {
	if got, known, err := roles(t.Context(), t, nil); known || err != nil || got != nil {
		t.Errorf("roles %v, known %v, error %v", got, known, err)
	}
}

// hopeless is how credentials say that asking again cannot help.
type hopeless struct{ error }

// NonRetriable implements azcore's marker.
func (hopeless) NonRetriable() {}

func TestRolesWithoutToken(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	late, done := context.WithTimeout(t.Context(), 0)
	defer done()
	tests := map[string]struct {
		ctx  context.Context
		err  error
		want fault.Kind
	}{
		"refused":     {t.Context(), hopeless{errors.New("unknown client")}, fault.Denied},
		"not reached": {t.Context(), errors.New("connection reset"), fault.Unavailable},
		"canceled":    {ended, hopeless{context.Canceled}, fault.Canceled},
		"too late":    {late, hopeless{context.DeadlineExceeded}, fault.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, known, err := roles(test.ctx, t, credential(func(context.Context, policy.TokenRequestOptions) (string, error) {
				return jwt(`{"roles":["R"]}`), test.err
			}))
			if !fault.Is(err, test.want) || !errors.Is(err, test.err) || known || got != nil {
				t.Errorf("roles %v, known %v, error %v of kind %v; want %v", got, known, err, fault.KindOf(err), test.want)
			}
		})
	}
}
