package simcommerce

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// call is one request on its way to an answer.
type call struct {
	*Environment
	w          http.ResponseWriter
	r          *http.Request
	collection string // as asked for
	predicate  string // the key predicate with its parentheses, or ""
	body       []byte
	broken     Fault
	inside     bool // whether it stands for what happens within Commerce
}

// serve answers, or returns why not; then nothing has been written.
func (c *call) serve() error {
	t, err := c.table()
	if err == nil {
		err = c.allowed()
	}
	if err != nil {
		return err
	}
	if c.predicate == "" {
		switch c.r.Method {
		case http.MethodGet:
			return c.servePage(t)
		case http.MethodPost:
			return c.create()
		}
		return refuse(http.StatusMethodNotAllowed, "%s is not allowed on a collection.", c.r.Method)
	}
	key, err := t.parseKey(c.predicate)
	if err != nil {
		return err
	}
	switch c.r.Method {
	case http.MethodGet:
		return c.serveRow(t, key)
	case http.MethodPatch:
		return c.update(key)
	case http.MethodDelete:
		return c.remove(key)
	}
	return refuse(http.StatusMethodNotAllowed, "%s is not allowed on a row.", c.r.Method)
}

// base is the address of the environment as the client knows it.
func (c *call) base() string {
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.r.Host + "/data/"
}

// send writes a JSON body, compressed where the client takes it, and cut off
// where the fault says so.
func (c *call) send(status int, write func(io.Writer) error) error {
	h := c.w.Header()
	h.Set("Content-Type", jsonType)
	h.Set("OData-Version", "4.0")
	if c.broken.Truncate {
		return truncated(c.w, status, write)
	}
	if !acceptsGzip(c.r) {
		c.w.WriteHeader(status)
		// The status is out: a client that hung up is nobody to tell.
		_ = write(c.w)
		return nil
	}
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept-Encoding")
	c.w.WriteHeader(status)
	z := gzip.NewWriter(c.w)
	if write(z) == nil {
		_ = z.Close()
	}
	return nil
}

// acceptsGzip reads Accept-Encoding. A weight of 0 is a refusal.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, weighted := strings.Cut(strings.ReplaceAll(part, " ", ""), ";q=")
		if strings.EqualFold(coding, "gzip") {
			q, err := strconv.ParseFloat(weight, 64)
			return !weighted || err == nil && q > 0
		}
	}
	return false
}
