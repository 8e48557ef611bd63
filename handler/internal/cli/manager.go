package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// publicManager is Azure Resource Manager in the public cloud. Elsewhere
// AZURE_AUTHORITY_HOST names the login's address, as for every Azure tool.
const publicManager = "https://management.azure.com"

// webVersion is the version of Microsoft.Web asked for.
const webVersion = "2024-04-01"

// siteID is the resource id of a function app, or of one of its slots.
var siteID = regexp.MustCompile(`(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[-\w.()\p{L}\p{N}]*[-\w()\p{L}\p{N}]` +
	`/providers/Microsoft\.Web/sites/[-a-z0-9]{1,60}(/slots/[-a-z0-9]{1,60})?$`)

// needRights says what the login has to be allowed.
const needRights = "The login needs Microsoft.Web/sites/read and Microsoft.Web/sites/functions/listkeys/action on the app; " +
	"the role Website Contributor has both."

// resourceTarget asks Azure Resource Manager for the address of an app and the
// key of its function Operations, as the operator's login. So no key passes
// through hands, and who may operate is a matter of Azure roles.
func (s *seat) resourceTarget(ctx context.Context, id string, key secret) (target, error) {
	if !siteID.MatchString(id) {
		return target{}, wrong("--app is no resource id of a function app, expected " +
			"/subscriptions/GUID/resourceGroups/GROUP/providers/Microsoft.Web/sites/NAME")
	}
	m, err := s.newManager()
	if err != nil {
		return target{}, err
	}
	base, err := m.address(ctx, id)
	if err != nil || key != "" {
		return target{base: base, key: key}, err
	}
	key, err = m.operationsKey(ctx, id)
	return target{base: base, key: key}, err
}

// manager is Azure Resource Manager.
type manager struct {
	base     *url.URL
	pipeline runtime.Pipeline
}

func (s *seat) newManager() (manager, error) {
	base, err := parseAddress("--resource-manager", cmp.Or(s.flags.manager, s.Getenv(armVariable), publicManager))
	if err != nil {
		return manager{}, err
	}
	authorize := policy.Policy(localBearer{})
	if !isLoopback(base.Hostname()) {
		credential, err := azidentity.NewDefaultAzureCredential(nil)
		if err != nil {
			return manager{}, &failure{kind: fault.Denied, text: "there is no Azure login: " + firstLine(err), hint: "Log in with: az login", err: err}
		}
		authorize = runtime.NewBearerTokenPolicy(credential, []string{base.String() + "/.default"}, nil)
	}
	return manager{base: base, pipeline: s.pipeline(authorize)}, nil
}

// localBearer sends the fixed token that stand-ins on this machine expect.
type localBearer struct{}

// Do implements policy.Policy.
func (localBearer) Do(req *policy.Request) (*http.Response, error) {
	req.Raw().Header.Set("Authorization", "Bearer local")
	return req.Next()
}

// address asks for the app's own address. Its custom domains may be anybody's
// front door; the default host name is always the app.
func (m manager) address(ctx context.Context, id string) (*url.URL, error) {
	var site struct {
		Properties struct {
			DefaultHostName string `json:"defaultHostName"`
		} `json:"properties"`
	}
	if err := m.call(ctx, http.MethodGet, id, &site); err != nil {
		return nil, err
	}
	scheme := "https://"
	if isLoopback(m.base.Hostname()) {
		scheme = m.base.Scheme + "://"
	}
	base, err := parseAddress("the app's host name", scheme+site.Properties.DefaultHostName)
	if err != nil {
		return nil, &failure{kind: fault.Unavailable, text: "Azure Resource Manager names no address for the app", err: err}
	}
	return base, nil
}

// operationsKey asks for the key of the function. The answer is an object of
// keys by name, "default" first of all. (Microsoft describes it as a
// StringDictionary, with the keys under "properties"; it never was, see
// https://github.com/Azure/azure-rest-api-specs/issues/12889. Both are read.)
func (m manager) operationsKey(ctx context.Context, id string) (secret, error) {
	var flat map[string]json.RawMessage
	if err := m.call(ctx, http.MethodPost, id+"/functions/Operations/listkeys", &flat); err != nil {
		return "", err
	}
	keys := map[string]string{}
	for name, raw := range flat {
		var value string
		if json.Unmarshal(raw, &value) == nil {
			keys[name] = value
		}
	}
	if nested, there := flat["properties"]; there {
		var described map[string]string
		if json.Unmarshal(nested, &described) == nil {
			keys = described
		}
	}
	names := slices.Sorted(maps.Keys(keys))
	if _, there := keys["default"]; there {
		names = []string{"default"}
	}
	if len(names) == 0 || keys[names[0]] == "" {
		return "", &failure{kind: fault.NotFound, text: "the app's function Operations has no key"}
	}
	return secret(keys[names[0]]), nil
}

func (m manager) call(ctx context.Context, method, path string, into any) error {
	target := m.base.JoinPath(path)
	target.RawQuery = url.Values{"api-version": {webVersion}}.Encode()
	req, err := runtime.NewRequest(ctx, method, target.String())
	if err != nil {
		return &failure{kind: fault.Invalid, text: "cannot ask Azure Resource Manager for the app", err: err}
	}
	resp, err := m.pipeline.Do(req) //nolint:bodyclose // in memory since the pipeline
	if err != nil {
		return m.unanswered(ctx, err)
	}
	body, err := runtime.Payload(resp)
	if err != nil {
		return m.unanswered(ctx, err)
	}
	if resp.StatusCode != http.StatusOK {
		return managerRefusal(resp.StatusCode, body)
	}
	if json.Unmarshal(body, into) != nil {
		return &failure{kind: fault.Unavailable, text: "Azure Resource Manager's answer cannot be read"}
	}
	return nil
}

// unanswered says why there is no answer: no login, or no way.
func (m manager) unanswered(ctx context.Context, err error) error {
	var (
		login  *azidentity.AuthenticationFailedError
		absent interface{ NonRetriable() } // azidentity's way to say that no kind of login is there
	)
	switch {
	case ctx.Err() != nil:
		return interrupted(ctx, "", "")
	case errors.As(err, &login) || errors.As(err, &absent) && !errors.As(err, new(*tooLong)):
		return &failure{kind: fault.Denied, text: "Azure does not know who you are: " + firstLine(err), hint: "Log in with: az login", err: err}
	}
	return &failure{
		kind: fault.Unavailable, err: err,
		text: "cannot reach Azure Resource Manager at " + m.base.String() + ": " + cause(err),
	}
}

// managerRefusal says what a status of Azure Resource Manager means here.
func managerRefusal(status int, body []byte) error {
	said := saidBy(body)
	f := &failure{kind: fault.OfStatus(status), text: "Azure Resource Manager answered " + statusText(status)}
	if said.Message != "" {
		f.text += ": " + said.Message
	}
	switch status {
	case http.StatusUnauthorized:
		f.hint = "Log in with: az login"
	case http.StatusForbidden:
		f.hint = needRights
	case http.StatusNotFound:
		f.hint = "Check the resource id: there is no such app, it has no function Operations, or the login may not see it."
	}
	if f.kind == fault.Invalid {
		f.kind = fault.Unavailable // our request was wrong, not the operator's use
	}
	return f
}
