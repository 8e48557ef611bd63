package commerce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// opPage is what a fault of this file says was being done.
const opPage = "commerce: read a page"

// firstPage reads a collection's first page and returns the link to the next.
// Only here can it show that the environment lacks the collection (404), or an
// attribute: F&O refuses to $select what it does not have (400), so the
// attributes known to come and go are then done without.
func (c *Client) firstPage(ctx context.Context, col collection, attributes []string, seen map[string]bool, element elementFunc) (next string, err error) {
	next, err = c.page(ctx, c.reference(col, attributes), seen, element)
	if len(col.newer) > 0 && hasStatus(err, http.StatusBadRequest) {
		c.log.InfoContext(ctx, "read again without newer attributes", "collection", col.name, "attributes", col.newer)
		next, err = c.page(ctx, c.reference(col, without(attributes, col.newer)), seen, element)
	}
	return next, err
}

// reference is the address of a collection's first page below the environment's
// root. Without attributes F&O serves all it has.
func (c *Client) reference(col collection, attributes []string) string {
	ref := "data/" + url.PathEscape(c.actualName(col.name)) + "?cross-company=true"
	if len(attributes) > 0 {
		ref += "&$select=" + strings.Join(attributes, ",")
	}
	if col.filter != "" {
		ref += "&$filter=" + strings.ReplaceAll(url.QueryEscape(col.filter), "+", "%20")
	}
	return ref
}

// question says what reference asks for, for people.
func (c *Client) question(col collection, attributes []string) string {
	text := strings.Join(attributes, ",") + " from " + c.actualName(col.name)
	if col.filter != "" {
		text += " where " + col.filter
	}
	return text
}

// laterPages follows the links from page to page. Its requests are the server's
// own links: they carry the options of the first one.
func (c *Client) laterPages(ctx context.Context, link string, seen map[string]bool, element elementFunc) error {
	for link != "" {
		next, err := c.page(ctx, link, seen, element)
		if hasStatus(err, http.StatusNotFound) {
			return fault.New(fault.Incomplete, opPage, err) // it was there a page ago
		}
		if err != nil {
			return err
		}
		link = next
	}
	return nil
}

// page reads the page at ref and returns the absolute link to the next, or "". A
// page that was seen before is not read again: its rows would count twice, and
// half a table twice over looks like a whole one.
func (c *Client) page(ctx context.Context, ref string, seen map[string]bool, element elementFunc) (next string, err error) {
	req, err := c.http.NewRequest(ctx, http.MethodGet, ref)
	if err != nil {
		return "", err
	}
	if seen[req.Raw().URL.String()] {
		return "", fault.Newf(fault.Incomplete, opPage, "the links from page to page lead in a circle")
	}
	seen[req.Raw().URL.String()] = true
	req.Raw().Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }() // the body is in memory
	if err := outbound.CheckStatus(opPage, resp); err != nil {
		return "", err
	}
	link, err := decodePage(resp.Body, element)
	if err != nil || link == "" {
		return "", err
	}
	target, err := req.Raw().URL.Parse(link)
	if err != nil {
		return "", fault.Newf(fault.Incomplete, opPage, "the link to the next page is no URL")
	}
	return target.String(), nil
}

func hasStatus(err error, status int) bool {
	var answer *outbound.StatusError
	return errors.As(err, &answer) && answer.Status == status
}

// elementFunc consumes one element of a page's value array, with one call of
// Decode. Its error says that the page cannot be read on.
type elementFunc func(*json.Decoder) error

// decodePage walks through a page ({"value":[…],"@odata.nextLink":…}), calls
// element for each row and returns the link. A page that breaks off, or is no
// such object, is fault.Incomplete, though its first rows were handed over.
func decodePage(body io.Reader, element elementFunc) (next string, err error) {
	w := &pageWalk{dec: json.NewDecoder(body), element: element}
	if err := w.page(); err != nil {
		return "", fault.New(fault.Incomplete, opPage, err)
	}
	return w.next, nil
}

// pageWalk is the state of decodePage.
type pageWalk struct {
	dec     *json.Decoder
	element elementFunc
	valued  bool // value was there
	next    string
}

func (w *pageWalk) page() error {
	if err := w.delimiter('{', "an object"); err != nil {
		return err
	}
	for w.dec.More() {
		name, err := w.dec.Token()
		if err != nil {
			return err
		}
		if err := w.member(name); err != nil {
			return err
		}
	}
	if _, err := w.dec.Token(); err != nil { // the closing brace
		return err
	}
	if _, err := w.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("expected nothing after the object")
	}
	if !w.valued {
		return errors.New("expected an array named value")
	}
	return nil
}

func (w *pageWalk) member(name json.Token) error {
	switch name {
	case "value":
		if w.valued {
			return errors.New("expected one array named value")
		}
		w.valued = true
		return w.rows()
	case "@odata.nextLink":
		var link *string
		if err := w.dec.Decode(&link); err != nil {
			return err
		}
		if link != nil {
			w.next = *link
		}
		return nil
	}
	var other json.RawMessage
	return w.dec.Decode(&other)
}

func (w *pageWalk) rows() error {
	if err := w.delimiter('[', "an array named value"); err != nil {
		return err
	}
	for w.dec.More() {
		if err := w.element(w.dec); err != nil {
			return err
		}
	}
	_, err := w.dec.Token() // the closing bracket
	return err
}

func (w *pageWalk) delimiter(want json.Delim, what string) error {
	token, err := w.dec.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("expected %s", what)
	}
	return nil
}
