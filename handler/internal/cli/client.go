package cli

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// prefix is where Operations is, below the app's address.
const prefix = "/api/ops/"

// version is the version of Operations' answers that is understood.
const version = 1

// call is one question to Operations.
type call struct {
	method string
	path   string // below prefix
	query  url.Values
	body   any    // of a POST; nil: an empty object
	name   string // of the value in the answer; empty: whichever comes
}

func get(path, name string) call { return call{method: http.MethodGet, path: path, name: name} }

func post(path, name string, body any) call {
	if body == nil {
		body = struct{}{}
	}
	return call{method: http.MethodPost, path: path, name: name, body: body}
}

// answer is the value of an answer under its name.
type answer struct {
	name  string
	value json.RawMessage
}

// client asks Operations.
type client struct {
	target   target
	pipeline runtime.Pipeline
	watch    *watch
}

func (s *seat) client(ctx context.Context) (*client, error) {
	target, err := s.target(ctx)
	if err != nil {
		return nil, err
	}
	return &client{target: target, pipeline: s.pipeline(keyed{target.key}), watch: s.newWatch()}, nil
}

// keyed sends the function's key.
type keyed struct{ key secret }

// Do implements policy.Policy.
func (k keyed) Do(req *policy.Request) (*http.Response, error) {
	if k.key != "" {
		req.Raw().Header.Set("x-functions-key", string(k.key))
	}
	return req.Next()
}

// ask puts a question, waits for the answer as long as the app works on it, and
// returns it.
func (c *client) ask(ctx context.Context, what call) (answer, error) {
	resp, err := c.send(ctx, what, "") //nolint:bodyclose // in memory since the pipeline
	if err != nil {
		return answer{}, err
	}
	job, err := c.jobOf(what, resp)
	if err != nil {
		return answer{}, err
	}
	if job != "" {
		if resp, err = c.await(ctx, job, resp); err != nil { //nolint:bodyclose // likewise
			return answer{}, err
		}
	}
	body, err := runtime.Payload(resp)
	switch {
	case err != nil:
		return answer{}, c.unanswered(ctx, what, job, err)
	case resp.StatusCode != http.StatusOK:
		return answer{}, c.leaving(job, resp, c.refused(resp, body))
	}
	return open(body, what.name)
}

// send sends one request and returns the response, its body in memory.
func (c *client) send(ctx context.Context, what call, job string) (*http.Response, error) {
	u := *c.target.base
	u.Path, u.RawQuery = prefix+what.path, what.query.Encode()
	req, err := runtime.NewRequest(ctx, what.method, u.String())
	if err == nil && what.body != nil {
		err = runtime.MarshalAsJSON(req, what.body)
	}
	if err != nil {
		return nil, &failure{kind: fault.Internal, text: "cannot write the request: " + err.Error(), err: err}
	}
	req.Raw().Header.Set("Accept", "application/json")
	resp, err := c.pipeline.Do(req)
	if err != nil {
		return nil, c.unanswered(ctx, what, job, err)
	}
	return resp, nil
}

// open takes the value out of an answer's envelope.
func open(body []byte, name string) (answer, error) {
	unreadable := &failure{
		kind: fault.Unavailable, text: "the app's answer is not what this command line understands",
		hint: "Check that --app is storeteams; if it is newer than this command line, update this.",
	}
	var envelope map[string]json.RawMessage
	var v int
	if json.Unmarshal(body, &envelope) != nil || json.Unmarshal(envelope["v"], &v) != nil || v != version {
		return answer{}, unreadable
	}
	delete(envelope, "v")
	if name == "" && len(envelope) == 1 {
		for only := range envelope {
			name = only
		}
	}
	value, there := envelope[name]
	if !there {
		return answer{}, unreadable
	}
	return answer{name: name, value: value}, nil
}

// said is what the body of a refusal says.
type said struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func saidBy(body []byte) said {
	var refusal struct {
		Error said `json:"error"`
	}
	if json.Unmarshal(body, &refusal) != nil {
		return said{} // the platform's page, say
	}
	return refusal.Error
}

// refused says what an answer without a value means.
func (c *client) refused(resp *http.Response, body []byte) *failure {
	said := saidBy(body)
	f := &failure{kind: fault.Unavailable, text: "the app answered " + statusText(resp.StatusCode)}
	if resp.StatusCode >= http.StatusBadRequest {
		f.kind = fault.OfStatus(resp.StatusCode)
	}
	if said.Message != "" {
		f.text = strings.TrimSuffix(said.Message, ".")
	}
	switch status := resp.StatusCode; {
	case status < http.StatusBadRequest:
		f.text = "the app sends us elsewhere (" + statusText(status) + "), and nobody is followed with a key"
		f.hint = "Give the address it is really at with --app."
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		f.text, f.hint = "the app refused: "+statusText(status), c.keyHint()
	case status == http.StatusNotFound && said.Message == "":
		f.hint = "Check that --app is storeteams; an app older than this command line does not know every command (handler status shows its version)."
	case status == http.StatusTooManyRequests:
		f.hint = "The app answers only so many operators at once, so that its own work goes on. Try again in a minute."
	case status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented:
		f.kind, f.hint = fault.Unavailable, "The app and this command line are of different versions: handler status, handler version."
	case f.kind == fault.Unavailable && said.Message == "":
		f.hint = "It may be starting, or restarting. Try again in a minute."
	}
	return f
}

func (c *client) keyHint() string {
	if c.target.key == "" {
		return "It wants the key of its function Operations: set " + keyVariable + ", or name the app by its Azure resource id and log in with az login."
	}
	return "The key is not one of its function Operations, or the app's network rules keep you out."
}

// unanswered says why there is no answer.
func (c *client) unanswered(ctx context.Context, what call, job string, err error) error {
	switch {
	case ctx.Err() != nil && what.method == http.MethodGet:
		return interrupted(ctx, "", "")
	case ctx.Err() != nil:
		return interrupted(ctx, "; the app may carry it out all the same", "Look at: "+program+" status")
	}
	if errors.As(err, new(*tooLong)) {
		return &failure{kind: fault.Unavailable, text: err.Error(), hint: "Ask for less: one store, or fewer runs.", err: err}
	}
	f := &failure{
		kind: fault.Unavailable, err: err, nobody: true,
		text: "cannot reach the app at " + c.target.base.String() + ": " + cause(err),
		hint: "Check the address (--app or " + appVariable + ") and that the app runs.",
	}
	if isLoopback(c.target.base.Hostname()) {
		f.hint += " The local environment starts with: go run ./handler/local"
	}
	if job != "" {
		f.hint += "\n" + goesOn(job)
	}
	return f
}
