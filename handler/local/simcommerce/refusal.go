package simcommerce

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// refusal is an error that is answered with a status of its own.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, message: fmt.Sprintf(format, args...)}
}

// invalid refuses what the request says: 400.
func invalid(format string, args ...any) error {
	return refuse(http.StatusBadRequest, format, args...)
}

// unknownAttribute refuses a name the collection does not have, in the words
// of Microsoft's OData library.
func unknownAttribute(t *table, name string) error {
	return invalid("Could not find a property named '%s' on type '%s%s'.", name, entities, t.name)
}

// writeError answers with F&O's error body.
func writeError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if r := (*refusal)(nil); errors.As(err, &r) {
		status = r.status
	}
	type inner struct {
		Message    string `json:"message"`
		Type       string `json:"type"`
		Stacktrace string `json:"stacktrace"`
	}
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			Inner   inner  `json:"innererror"`
		} `json:"error"`
	}
	body.Error.Message = "An error has occurred."
	body.Error.Inner = inner{Message: err.Error(), Type: "Microsoft.OData.ODataException"}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	// A client that hung up is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}

const jsonType = "application/json; odata.metadata=minimal; odata.streaming=true"
