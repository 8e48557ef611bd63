package graph

import (
	"net/http"

	"github.com/microsoft/kiota-abstractions-go/authentication"
	kiota "github.com/microsoft/kiota-http-go"
	kiotajson "github.com/microsoft/kiota-serialization-json-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/groupswithuniquename"
	"github.com/microsoftgraph/msgraph-sdk-go/teams"

	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// newAdapter assembles the SDK's request adapter over transport. JSON is given
// to it by hand, so nothing is registered in kiota's global factories, and the
// authentication is anonymous: the token is added below, once per attempt.
//
// Of kiota's middleware only the decoding of "%24select" to "$select" is kept.
// Left out are its retries and redirects (outbound has the only retry layer and
// follows no redirect), compression (it sends again by itself after a 415),
// Graph's telemetry headers, and the time limit of 100 s of kiota's HTTP client,
// which would count the waits for a 429. Kiota's spans go to OpenTelemetry's
// global tracer, which is a no-op as long as nobody sets one; we do not.
func newAdapter(transport http.RoundTripper, root string) (*core.GraphRequestAdapterBase, error) {
	names := kiota.NewParametersNameDecodingHandlerWithOptions(kiota.ParametersNameDecodingOptions{
		Enable: true, ParametersToDecode: []byte{'$'},
	})
	client := &http.Client{Transport: kiota.NewCustomTransportWithParentTransport(transport, names, refusals{})}
	adapter, err := core.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		&authentication.AnonymousAuthenticationProvider{}, core.GraphClientOptions{},
		kiotajson.NewJsonParseNodeFactory(), kiotajson.NewJsonSerializationWriterFactory(), client)
	if err != nil {
		return nil, err
	}
	adapter.SetBaseUrl(root)
	return adapter, nil
}

// refusals is a kiota middleware that turns every answer outside 2xx into a
// classified error. Kiota's own errors will not do: they carry Graph's text,
// they lose the status when the body is no JSON (a gateway's 502 page), a
// redirect passes for a success, and a 401 with a challenge kiota sends again by
// itself, or panics over it when the challenge is malformed.
type refusals struct{}

// Intercept implements kiota's Middleware.
func (refusals) Intercept(p kiota.Pipeline, index int, r *http.Request) (*http.Response, error) {
	resp, err := p.Next(r, index)
	if err != nil {
		return nil, err
	}
	if err := outbound.CheckStatus("graph: "+routeOf(r).label(), resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// The builders below are made anew for each call: a request made from a builder
// shares its map of path parameters and writes to it when sent, so a builder
// kept for many goroutines is a data race.

func (c *Client) groups() *groups.GroupsRequestBuilder {
	return groups.NewGroupsRequestBuilderInternal(c.parameters(), c.adapter)
}

func (c *Client) teams() *teams.TeamsRequestBuilder {
	return teams.NewTeamsRequestBuilderInternal(c.parameters(), c.adapter)
}

func (c *Client) marked(marker string) *groupswithuniquename.GroupsWithUniqueNameRequestBuilder {
	return groupswithuniquename.NewGroupsWithUniqueNameRequestBuilderInternal(c.parameters(), c.adapter, &marker)
}

func (c *Client) parameters() map[string]string { return map[string]string{"baseurl": c.root} }
