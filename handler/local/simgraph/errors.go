package simgraph

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Error codes. The directory and Teams each have their own words for the same.
const (
	directoryBad     = "Request_BadRequest"
	directoryMissing = "Request_ResourceNotFound"
	teamsBad         = "BadRequest"
	teamsMissing     = "NotFound"
	teamsConflict    = "Conflict"
	teamsForbidden   = "Forbidden"
)

// refusal is an answer that says no. It is an error inside the handlers and
// becomes Graph's error body at the edge.
type refusal struct {
	status  int
	code    string
	message string
	header  map[string]string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.status, r.code, r.message) }

func refuse(status int, code, format string, args ...any) error {
	return &refusal{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

func badDirectory(format string, args ...any) error {
	return refuse(http.StatusBadRequest, directoryBad, format, args...)
}

func badTeams(format string, args ...any) error {
	return refuse(http.StatusBadRequest, teamsBad, format, args...)
}

// missing is the directory's 404, worded as the service words it.
func missing(key string) error {
	return refuse(http.StatusNotFound, directoryMissing,
		"Resource '%s' does not exist or one of its queried reference-property objects are not present.", key)
}

func missingTeam(key string) error {
	return refuse(http.StatusNotFound, teamsMissing, "No team found with Group Id %s", key)
}

// refused is the answer for an error. Every error of a handler is a refusal; any
// other is a defect of the simulator and says so with a 500.
func refused(err error, now time.Time, requestID, clientID string) reply {
	var no *refusal
	if !errors.As(err, &no) {
		no = &refusal{status: http.StatusInternalServerError, code: "generalException", message: err.Error()}
	}
	return reply{status: no.status, header: no.header, body: map[string]any{"error": map[string]any{
		"code":    no.code,
		"message": no.message,
		"innerError": map[string]any{
			"date":              now.UTC().Format("2006-01-02T15:04:05"),
			"request-id":        requestID,
			"client-request-id": clientID,
		},
	}}}
}
