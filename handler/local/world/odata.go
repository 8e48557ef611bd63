package world

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Headquarters makes edits in a running Commerce the way a person at its screens
// would: one row at a time, over OData. An edit of several rows writes the one
// that makes it count last, so that half of it means nothing. The zero value
// with a URL is usable, and safe for concurrent use.
type Headquarters struct {
	URL  string       // the environment's address, e.g. http://127.0.0.1:8081
	HTTP *http.Client // nil is http.DefaultClient

	// bearer is the token sent; "" is "local", which the handler sends too where
	// the address is a loopback one.
	bearer string
}

// within returns the same Headquarters at screens whose edits OData does not
// take, such as those of tasks. The simulated Commerce knows them by their token.
func (h Headquarters) within() Headquarters {
	h.bearer = "hq"
	return h
}

// attributes are those of a row to write, or as read.
type attributes map[string]any

// text returns an attribute that is text, or "".
func (a attributes) text(name string) string {
	s, _ := a[name].(string)
	return s
}

// errNoRow says that what a request addressed is not there.
var errNoRow = errors.New("no such row")

// do makes one request and decodes its answer, if there is one to decode.
func (h Headquarters) do(ctx context.Context, method, path string, body attributes, answer any) error {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(h.URL, "/")+"/data/"+path, content)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+cmp.Or(h.bearer, "local"))
	r.Header.Set("Content-Type", "application/json")
	client := h.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return fmt.Errorf("read the answer: %w", err)
	case resp.StatusCode == http.StatusNotFound && strings.Contains(path, "("): // a key; queries are escaped
		return errNoRow
	case resp.StatusCode >= 300:
		return fmt.Errorf("commerce answered %d: %s", resp.StatusCode, explanation(data))
	case answer == nil:
		return nil
	}
	return json.Unmarshal(data, answer)
}

// explanation finds what F&O says is wrong.
func explanation(data []byte) string {
	var body struct {
		Error struct {
			Inner struct {
				Message string `json:"message"`
			} `json:"innererror"`
		} `json:"error"`
	}
	if json.Unmarshal(data, &body) != nil || body.Error.Inner.Message == "" {
		return fmt.Sprintf("%.200s", data)
	}
	return body.Error.Inner.Message
}

// first reads the first row a filter finds, or errNoRow.
func (h Headquarters) first(ctx context.Context, collection, filter string) (attributes, error) {
	query := url.Values{"$filter": {filter}, "$top": {"1"}, "cross-company": {"true"}}
	var page struct {
		Value []attributes `json:"value"`
	}
	if err := h.do(ctx, http.MethodGet, collection+"?"+query.Encode(), nil, &page); err != nil {
		return nil, fmt.Errorf("read %s: %w", collection, err)
	}
	if len(page.Value) == 0 {
		return nil, errNoRow
	}
	return page.Value[0], nil
}

// all reads every row a filter finds, page by page.
func (h Headquarters) all(ctx context.Context, collection, filter string) ([]attributes, error) {
	query := url.Values{"$filter": {filter}, "cross-company": {"true"}}
	var rows []attributes
	for path := collection + "?" + query.Encode(); path != ""; {
		var page struct {
			Value []attributes `json:"value"`
			Next  string       `json:"@odata.nextLink"`
		}
		if err := h.do(ctx, http.MethodGet, path, nil, &page); err != nil {
			return nil, fmt.Errorf("read %s: %w", collection, err)
		}
		rows = append(rows, page.Value...)
		path = ""
		if page.Next != "" {
			var below bool
			if _, path, below = strings.Cut(page.Next, "/data/"); !below {
				return nil, fmt.Errorf("read %s: the next page is at %q, which is no address of a collection", collection, page.Next)
			}
		}
	}
	return rows, nil
}

// read reads the row with that key predicate, or errNoRow.
func (h Headquarters) read(ctx context.Context, row string) (attributes, error) {
	var found attributes
	err := h.do(ctx, http.MethodGet, row+"?cross-company=true", nil, &found)
	return found, err
}

// optional is read, where a row that is not there has no attributes.
func (h Headquarters) optional(ctx context.Context, row string) (attributes, error) {
	found, err := h.read(ctx, row)
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	return found, err
}

// create makes a row.
func (h Headquarters) create(ctx context.Context, collection string, row attributes) error {
	if err := h.do(ctx, http.MethodPost, collection, row, nil); err != nil {
		return fmt.Errorf("create a row of %s: %w", collection, err)
	}
	return nil
}

// update changes attributes of a row as read; its others stay.
func (h Headquarters) update(ctx context.Context, collection string, row, changes attributes) error {
	if err := h.do(ctx, http.MethodPatch, address(collection, row), changes, nil); err != nil {
		return fmt.Errorf("change a row of %s: %w", collection, err)
	}
	return nil
}

// remove deletes a row as read.
func (h Headquarters) remove(ctx context.Context, collection string, row attributes) error {
	if err := h.do(ctx, http.MethodDelete, address(collection, row), nil, nil); err != nil {
		return fmt.Errorf("delete a row of %s: %w", collection, err)
	}
	return nil
}

// exists reports whether there is a row with that key predicate.
func (h Headquarters) exists(ctx context.Context, row string) (bool, error) {
	_, err := h.read(ctx, row)
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

// quote writes a text as an OData literal.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// row addresses a row by a key of one or more texts: name, value, name, value…
func row(collection string, key ...string) string {
	var parts []string
	for i := 0; i+1 < len(key); i += 2 {
		parts = append(parts, key[i]+"="+url.PathEscape(quote(key[i+1])))
	}
	return collection + "(" + strings.Join(parts, ",") + ")"
}

// address addresses a row as read by its key: F&O wants every attribute of it,
// and no quotes around a date or a GUID.
func address(collection string, of attributes) string {
	var parts []string
	for _, name := range keyOf(collection) {
		value := of.text(name)
		if _, err := time.Parse(time.RFC3339, value); err != nil && collection != taskReport {
			value = quote(value)
		}
		parts = append(parts, name+"="+url.PathEscape(value))
	}
	return collection + "(" + strings.Join(parts, ",") + ")"
}

// keyOf lists the key attributes of the collections whose rows are changed.
func keyOf(collection string) []string {
	switch collection {
	case "Employees":
		return []string{"PersonnelNumber", "EmploymentLegalEntityId", "EmploymentStartDate"}
	case "OperatingUnits":
		return []string{"OperatingUnitNumber"}
	case "OrganizationHierarchyPublishedV2":
		return []string{"HierarchyType", "ChildOrganizationPartyNumber", "validFrom"}
	case "PositionWorkerAssignmentsV2":
		return []string{"PositionId", "ValidFrom"}
	case "RetailChannelWorkers":
		return []string{"PersonnelNumber", "RetailChannelId"}
	case "RetailStores":
		return []string{"RetailChannelId"}
	case taskReport:
		return []string{"Process_ProcessId", "TaskId"}
	}
	return nil
}
