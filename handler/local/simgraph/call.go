package simgraph

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// graphURL is where clients of the real service point their binds.
const graphURL = "https://graph.microsoft.com/v1.0"

// call is one routed request on its way through a handler.
type call struct {
	request *http.Request
	body    []byte
	now     time.Time
	root    string   // the path all of the service is below
	base    string   // this service's own URL, root included
	args    []string // what the path's parameters matched, in order
	query   url.Values

	departures []departure // whom the request took something from
}

// reply is an answer before it is written. A nil body sends none.
type reply struct {
	status int
	header map[string]string
	body   any
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

func done() reply { return reply{status: http.StatusNoContent} }

// preference reports whether the Prefer header names it.
func (c *call) preference(name string) bool {
	for _, line := range c.request.Header.Values("Prefer") {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), name) {
				return true
			}
		}
	}
	return false
}

// only refuses system query options other than these. Unknown options without
// a dollar sign are ignored, as the service does.
func (c *call) only(options ...string) error {
	for name := range c.query {
		if strings.HasPrefix(name, "$") && !slices.Contains(options, name) {
			return badDirectory("The query option '%s' is not supported here.", name)
		}
	}
	return nil
}

// top is the page size the request asks for; the service allows 1 to 999.
func (c *call) top(size int) (int, error) {
	raw := c.query.Get("$top")
	if raw == "" {
		return size, nil
	}
	n, err := strconv.Atoi(raw)
	if err != nil || n < 1 || n > 999 {
		return 0, badDirectory("Invalid page size specified: '%s'. Must be between 1 and 999 inclusive.", raw)
	}
	return n, nil
}

// object reads the body as a JSON object and refuses properties not allowed.
func (c *call) object(allowed nameSet) (map[string]json.RawMessage, error) {
	kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, refuse(http.StatusUnsupportedMediaType, directoryBad, "The content type must be application/json.")
	}
	return parseObject(c.body, allowed)
}

func parseObject(data []byte, allowed nameSet) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil || fields == nil {
		return nil, badDirectory("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	for name := range fields {
		if !allowed[name] && name != "@odata.type" {
			return nil, badDirectory("Invalid property '%s'.", name)
		}
	}
	return fields, nil
}

// field reads one property as T. Given tells whether it was there and not null.
func field[T any](fields map[string]json.RawMessage, name string) (value T, given bool, err error) {
	raw, found := fields[name]
	if !found || bytes.Equal(raw, []byte("null")) {
		return value, false, nil
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, false, badDirectory("Invalid value specified for property '%s' of resource.", name)
	}
	return value, true, nil
}

// bind takes a reference apart, e.g. .../users('id') into users and id. It must
// be absolute and below the real service or this one.
func (c *call) bind(raw string) (set, key string, err error) {
	for _, base := range []string{graphURL, c.base} {
		rest, below := strings.CutPrefix(raw, base+"/")
		if !below {
			continue
		}
		parts, err := splitPath(rest)
		if err != nil || len(parts) != 2 || parts[1].alternate != "" {
			break
		}
		return parts[0].text, parts[1].text, nil
	}
	return "", "", badDirectory("The reference '%s' is not an absolute URL of one object of this service.", raw)
}

// boundUser is the user a reference names.
func (t *Tenant) boundUser(c *call, raw string) (*user, string, error) {
	set, key, err := c.bind(raw)
	if err != nil {
		return nil, "", err
	}
	var u *user
	switch set {
	case "users":
		u = t.user(key)
	case "directoryObjects":
		if u = t.userByID[fold(key)]; u != nil && u.deleted {
			u = nil
		}
	default:
		return nil, "", badDirectory("The reference '%s' names no user.", raw)
	}
	if u == nil {
		return nil, key, missing(key)
	}
	return u, key, nil
}

// page cuts one page out of rows that follow each other in the order of a
// number, and links to the next. The token is opaque to the caller.
func (c *call) page(context string, size int, next func(after, size int) (rows []any, last int, more bool)) (reply, error) {
	size, err := c.top(size)
	if err != nil {
		return reply{}, err
	}
	after := 0
	if token := c.query.Get("$skiptoken"); token != "" {
		if after, err = readPageToken(token); err != nil {
			return reply{}, err
		}
	}
	rows, last, more := next(after, size)
	if rows == nil {
		rows = []any{}
	}
	body := map[string]any{"@odata.context": c.base + "/$metadata#" + context, "value": rows}
	if more {
		query := url.Values{"$skiptoken": {pageToken(last)}}
		for _, name := range []string{"$select", "$top"} {
			if c.query.Has(name) {
				query.Set(name, c.query.Get(name))
			}
		}
		body["@odata.nextLink"] = c.link(query)
	}
	return ok(body), nil
}

// link is this request's own URL with another query. Dollar signs stay as they
// are, as the service writes them.
func (c *call) link(query url.Values) string {
	path := strings.TrimPrefix(c.request.URL.EscapedPath(), c.root)
	return fmt.Sprintf("%s%s?%s", c.base, path, strings.ReplaceAll(query.Encode(), "%24", "$"))
}
