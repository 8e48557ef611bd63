package simcommerce

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Fault is what goes wrong with one request. The zero value is nothing.
type Fault struct {
	// Status, if not 0, is the answer, with F&O's error body; the request is not
	// carried out. 429 and 503 may come with RetryAfter, sent in whole seconds.
	Status     int
	RetryAfter time.Duration

	// Truncate cuts the answer off in the middle of its body. A POST is carried
	// out first: its answer is what gets lost. An answer without a body, to PATCH
	// or DELETE, has no middle and stays whole.
	Truncate bool

	// NextLink, if not empty, takes the place of a page's @odata.nextLink, also
	// where there would be none.
	NextLink string

	// DropRows is how many rows are missing at the end of a page, which says
	// nothing about them: its nextLink goes on behind them.
	DropRows int
}

// Intercept sets what decides, for every request from now on, what goes wrong
// with it; nil ends it. The hook is called concurrently, before anything else
// happens, and may read the request's body.
func (e *Environment) Intercept(hook func(*http.Request) Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.intercept = hook
}

func (f Fault) refuse(w http.ResponseWriter) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
	writeError(w, refuse(f.Status, "%s.", http.StatusText(f.Status)))
}

// truncated sends the first half of what write produces under the length of the
// whole, which makes the server hang up behind it.
func truncated(w http.ResponseWriter, status int, write func(io.Writer) error) error {
	var whole bytes.Buffer
	if err := write(&whole); err != nil {
		return err
	}
	w.Header().Set("Content-Length", strconv.Itoa(whole.Len()))
	w.WriteHeader(status)
	// A client that hung up is nobody to tell.
	_, _ = w.Write(whole.Bytes()[:whole.Len()/2])
	return nil
}
