package graph_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// probeNames are the calls of a probe, in order.
func probeNames() []string {
	return []string{
		"GET /groups", "GET /groups/delta", "GET /users/delta", "GET /groups/{id}", "GET /groups/{id}/members",
		"GET /groups/{id}/owners", "GET /groups(uniqueName='{marker}')", "GET /teams/{id}", "GET /teams/{id}/members",
		"GET /directory/deletedItems/microsoft.graph.group", "GET /organization", "POST /$batch",
	}
}

// probed makes a probe and returns its calls by name.
func probed(ctx context.Context, t *testing.T, c *graph.Client) map[string]doctor.Call {
	t.Helper()
	calls := map[string]doctor.Call{}
	var names []string
	for _, call := range c.Probe(ctx) {
		names = append(names, call.Name)
		calls[call.Name] = call
		if len(call.Needs) == 0 || call.For == "" {
			t.Errorf("%s does not say what it needs or what it is for", call.Name)
		}
	}
	if !slices.Equal(names, probeNames()) {
		t.Errorf("calls %q", names)
	}
	return calls
}

// bare is a tenant that answers everything with nothing.
func bare(r *http.Request) *http.Response {
	switch path := strings.TrimPrefix(r.URL.Path, "/v1.0"); {
	case path == "/groups/delta", path == "/users/delta":
		return answer(200, `{"value":[],"@odata.deltaLink":"`+root+`/next"}`)
	case path == "/organization":
		return answer(200, `{"value":[{"id":"t"}]}`)
	case path == "/$batch":
		return answer(200, `{"responses":[{"id":"0","status":404}]}`)
	case path == "/groups", strings.HasPrefix(path, "/directory/deletedItems"), strings.HasSuffix(path, "s") && strings.Count(path, "/") == 3:
		return answer(200, `{"value":[]}`)
	}
	return refusal(404, "Request_ResourceNotFound")
}

func TestProbeOfATenantWithNothingInIt(t *testing.T) {
	c := newClient(t, func(r *http.Request, _ string) *http.Response { return bare(r) })
	for name, call := range probed(t.Context(), t, c) {
		if call.Err != nil || call.Clock != (doctor.Clock{}) {
			t.Errorf("%s: %+v", name, call)
		}
	}
}

// TestProbeAsksAboutOurs: about a group and a team of ours before others, and
// about any before none.
func TestProbeAsksAboutOurs(t *testing.T) {
	const (
		others  = `{"id":"other","resourceProvisioningOptions":["Team"]}`
		plain   = `{"id":"plain","uniqueName":"x","resourceProvisioningOptions":[]}`
		unready = `{"id":"unready","uniqueName":"storeteams-p-s-1","resourceProvisioningOptions":[]}`
		ours    = `{"id":"ours","uniqueName":"storeteams-p-s-2","resourceProvisioningOptions":["Team"]}`
		second  = `{"id":"second","uniqueName":"storeteams-p-s-3","resourceProvisioningOptions":["Team"]}`
	)
	const nowhere = "00000000-0000-4000-8000-000000000000"
	tests := map[string]struct {
		groups              []string
		group, team, marker string
	}{
		"ours":       {[]string{plain, others, ours, second}, "ours", "ours", "storeteams-p-s-2"},
		"half a one": {[]string{others, unready}, "unready", "other", "storeteams-p-s-1"},
		"another's":  {[]string{plain, others}, "plain", "other", "storeteams-doctor"},
		"no team":    {[]string{plain}, "plain", nowhere, "storeteams-doctor"},
		"none":       {nil, nowhere, nowhere, "storeteams-doctor"},
		"no id":      {[]string{`{"id":""}`}, nowhere, nowhere, "storeteams-doctor"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var asked recorded
			c := newClient(t, func(r *http.Request, body string) *http.Response {
				asked.add(ask(r) + " " + body)
				if ask(r) == "GET /groups" {
					return answer(200, `{"value":[`+strings.Join(test.groups, ",")+`]}`)
				}
				return bare(r)
			})
			for name, call := range probed(t.Context(), t, c) {
				if call.Err != nil {
					t.Errorf("%s: %v", name, call.Err)
				}
			}
			for _, want := range []string{
				"GET /groups/" + test.group + " ", "GET /groups/" + test.group + "/members ", "GET /groups/" + test.group + "/owners ",
				"GET /groups(uniqueName='" + test.marker + "') ", "GET /teams/" + test.team + " ", "GET /teams/" + test.team + "/members ",
				`POST /$batch {"requests":[{"id":"0","method":"GET","url":"/groups/` + test.group + `?$select=id"}]}`,
			} {
				if !asked.has(want) {
					t.Errorf("not asked: %s", want)
				}
			}
		})
	}
}

// TestProbeJudgesAnswers: what is wrong with one answer is told of that call and
// of no other.
func TestProbeJudgesAnswers(t *testing.T) {
	batch, delta, organization := "POST /$batch", "GET /groups/delta", "GET /organization"
	tests := map[string]struct {
		call string
		resp func() *http.Response
		want fault.Kind
	}{
		"a list that is not there":   {"GET /groups", func() *http.Response { return refusal(404, "x") }, fault.NotFound},
		"a delta that is not there":  {delta, func() *http.Response { return refusal(404, "x") }, fault.NotFound},
		"a delta that leads nowhere": {delta, func() *http.Response { return answer(200, `{"value":[]}`) }, fault.Incomplete},
		"a delta of users refused":   {"GET /users/delta", func() *http.Response { return refusal(400, "Request_BadRequest") }, fault.Invalid},
		"no batch":                   {batch, func() *http.Response { return refusal(404, "x") }, fault.NotFound},
		"a batch refused":            {batch, func() *http.Response { return refusal(403, "x") }, fault.Denied},
		"a batch without answers":    {batch, func() *http.Response { return answer(200, `{"responses":[]}`) }, fault.Incomplete},
		"a batch that is a page":     {batch, func() *http.Response { return answer(200, `<html>`) }, fault.Incomplete},
		"a sign-in page":             {"GET /groups/{id}", func() *http.Response { return answer(200, `<html>`) }, fault.Incomplete},
		"a thing without an id":      {"GET /teams/{id}", func() *http.Response { return answer(200, `{}`) }, fault.Incomplete},
		"a list that is none":        {"GET /teams/{id}/members", func() *http.Response { return answer(200, `{"id":"x"}`) }, fault.Incomplete},
		"no token":                   {organization, func() *http.Response { return refusal(401, "InvalidAuthenticationToken") }, fault.Denied},
		"no organization":            {organization, func() *http.Response { return answer(200, `{"value":[]}`) }, fault.Incomplete},
		"down":                       {"GET /groups/{id}/owners", func() *http.Response { return refusal(503, "x") }, fault.Unavailable},
		"throttled":                  {"GET /groups/{id}/members", func() *http.Response { return refusal(429, "x") }, fault.Throttled},
		"cut off":                    {"GET /directory/deletedItems/microsoft.graph.group", func() *http.Response { return nil }, fault.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, func(r *http.Request, _ string) *http.Response {
					if template(r) == test.call {
						return test.resp()
					}
					return bare(r)
				})
				for name, call := range probed(t.Context(), t, c) {
					switch {
					case name != test.call && call.Err != nil:
						t.Errorf("%s: %v", name, call.Err)
					case name == test.call && (call.Err == nil || fault.KindOf(call.Err) != test.want):
						t.Errorf("error %v of kind %v, want %v", call.Err, fault.KindOf(call.Err), test.want)
					case call.Err != nil && strings.Contains(call.Err.Error(), "Secret"):
						t.Errorf("the error says too much: %v", call.Err)
					}
				}
			})
		})
	}
}

// template is the name of a probe's call.
func template(r *http.Request) string {
	parts := strings.Split(ask(r), "/")
	switch {
	case strings.HasPrefix(parts[1], "groups("):
		parts[1] = "groups(uniqueName='{marker}')"
	case len(parts) > 2 && strings.HasPrefix(parts[2], "00000000-"):
		parts[2] = "{id}"
	}
	return strings.Join(parts, "/")
}

func TestProbeComparesTenants(t *testing.T) {
	const tenant = "5A1E0C6E-3f4b-4c1d-9a57-6f1d2b8e7c10"
	for name, test := range map[string]struct {
		expected string
		other    bool
	}{
		"that one":     {strings.ToLower(tenant), false},
		"any":          {"", false},
		"another one":  {"00000000-3f4b-4c1d-9a57-6f1d2b8e7c10", true},
		"another text": {"contoso", true},
	} {
		t.Run(name, func(t *testing.T) {
			base, err := url.Parse(root)
			if err != nil {
				t.Fatal(err)
			}
			out, err := outbound.New(outbound.Options{Name: "graph", Base: base, Transport: server(func(r *http.Request, _ string) *http.Response {
				if ask(r) == "GET /organization" {
					return answer(200, `{"value":[{"id":"`+tenant+`"}]}`)
				}
				return bare(r)
			})})
			if err != nil {
				t.Fatal(err)
			}
			c, err := graph.New(out, base, graph.Options{TenantID: test.expected})
			if err != nil {
				t.Fatal(err)
			}
			call := probed(t.Context(), t, c)["GET /organization"]
			var other doctor.OtherTenant
			if is := errors.As(call.Err, &other); is != test.other || is && (other.ID != tenant || !fault.Is(call.Err, fault.Invalid)) {
				t.Errorf("error %v, want one of another tenant: %v", call.Err, test.other)
			}
			if !test.other && call.Err != nil {
				t.Error(call.Err)
			}
		})
	}
}

func TestProbeComparesClocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, func(r *http.Request, _ string) *http.Response {
			resp := bare(r)
			if r.URL.Path == "/v1.0/organization" {
				resp = refusal(403, "Authorization_RequestDenied")
			}
			resp.Header.Set("Date", time.Now().Add(10*time.Minute).UTC().Format(http.TimeFormat))
			return resp
		})
		for name, call := range probed(t.Context(), t, c) {
			if call.Clock != (doctor.Clock{Known: true, Ahead: 10 * time.Minute}) {
				t.Errorf("%s: clock %+v", name, call.Clock)
			}
		}
	})
}

// TestProbeGivesUpOnASilentServer: after half a minute for each, four at once.
func TestProbeGivesUpOnASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newUncheckedClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}), nil)
		began := time.Now()
		for name, call := range probed(t.Context(), t, c) {
			if !fault.Is(call.Err, fault.Unavailable) {
				t.Errorf("%s: error %v, want unavailable", name, call.Err)
			}
		}
		if took := time.Since(began); took != 2*time.Minute { // of the bubble's clock
			t.Errorf("took %v", took)
		}
	})
}

func TestProbeEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := newClient(t, func(r *http.Request, _ string) *http.Response { return bare(r) })
	for name, call := range probed(ctx, t, c) {
		if !fault.Is(call.Err, fault.Canceled) {
			t.Errorf("%s: error %v, want canceled", name, call.Err)
		}
	}
	if _, err := c.Licences(ctx); !fault.Is(err, fault.Canceled) {
		t.Errorf("licences: error %v, want canceled", err)
	}
}

// TestRolesTowardASimulator: there is no token to read. Tokens are package
// outbound's tests.
func TestRolesTowardASimulator(t *testing.T) {
	c := newClient(t, func(r *http.Request, _ string) *http.Response { return bare(r) })
	if roles, known, err := c.Roles(t.Context()); roles != nil || known || err != nil {
		t.Errorf("roles %v, known %v, error %v", roles, known, err)
	}
}
