package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// documentFile is the OpenAPI document of Operations, read as any client of it
// would read it.
const documentFile = "../internal/desk/openapi.yaml"

// operations is where Operations is, below the app's address.
const operations = "/api/ops/"

// inspector is the transport of every request that these tests make. It holds
// those to Operations, and what comes back, against the document. What is not as
// documented fails the request, and with it the test that made it. Because some
// tests expect requests to fail, TestMain asks for the faults as well.
type inspector struct {
	next   http.RoundTripper
	doc    *openapi3.T
	router routers.Router

	mu     sync.Mutex
	faults []string
}

// readDocument reads the document.
func readDocument() (*openapi3.T, error) {
	text, err := os.ReadFile(documentFile)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
}

// inspect returns an inspector in front of a transport.
func inspect(next http.RoundTripper) (*inspector, error) {
	doc, err := readDocument()
	if err != nil {
		return nil, err
	}
	router, err := gorillamux.NewRouter(doc)
	return &inspector{next: next, doc: doc, router: router}, err
}

// RoundTrip implements http.RoundTripper.
func (i *inspector) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(req.URL.Path, operations) {
		return i.next.RoundTrip(req)
	}
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := i.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(got))
	if err := i.check(req, sent, resp, got); err != nil {
		err = fmt.Errorf("%s %s: not as documented: %w; it answered %s: %.2000s", req.Method, req.URL.Path, err, resp.Status, got)
		i.mu.Lock()
		i.faults = append(i.faults, err.Error())
		i.mu.Unlock()
		return nil, err
	}
	return resp, nil
}

// found returns what was not as documented.
func (i *inspector) found() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.faults)
}

// check holds a request and its answer against the document.
func (i *inspector) check(req *http.Request, sent []byte, resp *http.Response, got []byte) error {
	route, holes, err := i.router.FindRoute(req)
	if hosts(resp, route != nil) {
		return nil
	}
	switch {
	case errors.Is(err, routers.ErrMethodNotAllowed):
		return i.isError(req, resp, got, "MethodNotAllowed", http.StatusMethodNotAllowed)
	case err != nil:
		return i.isError(req, resp, got, "NotFound", http.StatusNotFound)
	}
	asked := req.Clone(req.Context())
	asked.Body = io.NopCloser(bytes.NewReader(sent))
	input := &openapi3filter.RequestValidationInput{
		Request: asked, PathParams: holes, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc, // the host's to judge, and tests ask without a key on purpose
			SkipSettingDefaults: true,
		},
	}
	if wrong := errors.Join(openapi3filter.ValidateRequest(req.Context(), input), known(req, route)); wrong != nil && resp.StatusCode < http.StatusBadRequest {
		return fmt.Errorf("a request was answered that the document does not have: %w", wrong)
	}
	return openapi3filter.ValidateResponse(req.Context(), answered(input, resp, got))
}

// answered is an answer as it is to be validated.
func answered(input *openapi3filter.RequestValidationInput, resp *http.Response, got []byte) *openapi3filter.ResponseValidationInput {
	return &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header,
		Body:    io.NopCloser(bytes.NewReader(got)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
}

// hosts reports whether the host itself gave an answer, about which the document
// has nothing to say: there is no function for the method or address, no key, or
// no handler just now. What the handler says is JSON.
func hosts(resp *http.Response, documented bool) bool {
	kind := resp.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "application/json") {
		return false
	}
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusBadGateway, http.StatusServiceUnavailable:
		return true
	}
	return resp.StatusCode == http.StatusNotFound && !documented
}

// known refuses what a query has and the document has not, which the validation
// lets pass.
func known(req *http.Request, route *routers.Route) error {
	for name, values := range req.URL.Query() {
		parameter := route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name)
		if name != "code" && parameter == nil {
			return fmt.Errorf("the query parameter %q is not in the document", name)
		}
		if len(values) > 1 {
			return fmt.Errorf("the query parameter %q is there twice", name)
		}
	}
	return nil
}

// isError checks an answer where the document has no operation: it has to be the
// shared error of that name.
func (i *inspector) isError(req *http.Request, resp *http.Response, got []byte, name string, status int) error {
	if resp.StatusCode != status {
		return errors.New("the document does not have this path and method")
	}
	shared := i.doc.Components.Responses[name]
	responses := openapi3.NewResponses(openapi3.WithStatus(status, shared))
	input := &openapi3filter.RequestValidationInput{
		Request: req,
		Route:   &routers.Route{Spec: i.doc, Operation: &openapi3.Operation{Responses: responses}},
	}
	return openapi3filter.ValidateResponse(req.Context(), answered(input, resp, got))
}
