package simplanner

import (
	"errors"
	"fmt"
	"net/http"
)

// refusal is an answer that says no. It is an error inside the handlers and
// becomes Graph's error body at the edge.
type refusal struct {
	status  int
	code    string
	message string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.status, r.code, r.message) }

// refuse is a refusal with the empty code that Planner has for everything but
// its limits.
func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "The request is invalid: "+format, args...)
}

func missing() error {
	return refuse(http.StatusNotFound, "The requested item is not found.")
}

func forbidden() error {
	return refuse(http.StatusForbidden, "You do not have the required permissions to access this item.")
}

// exceeded refuses more than a limit allows. The code says which.
func exceeded(code string) error {
	return &refusal{
		status: http.StatusForbidden, code: code,
		message: "The request would exceed a limit of the service.",
	}
}

// refused is the answer for an error. Every error of a handler is a refusal; any
// other is a defect of the simulator and says so with a 500.
func (c *call) refused(err error) reply {
	var no *refusal
	if !errors.As(err, &no) {
		no = &refusal{status: http.StatusInternalServerError, code: "generalException", message: err.Error()}
	}
	header := map[string]string{"X-Tasks-CorrelationId": c.id}
	if no.status == http.StatusUnauthorized {
		header["WWW-Authenticate"] = `Bearer realm=""`
	}
	return reply{status: no.status, header: header, body: map[string]any{"error": map[string]any{
		"code":    no.code,
		"message": no.message,
		"innerError": map[string]any{
			"date":              c.now.UTC().Format("2006-01-02T15:04:05"),
			"request-id":        c.id,
			"client-request-id": c.request.Header.Get("client-request-id"),
		},
	}}}
}
