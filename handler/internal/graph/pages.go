package graph

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// readPages reads a collection from the link first to its last page and calls
// visit for each item, in the order served. It returns the deltaLink of the
// last page, empty for a collection that is no delta. An error of visit is
// returned as it is; a page that cannot be read to its end, or a chain of links
// that bites its tail, is fault.Incomplete.
func readPages[T any](ctx context.Context, c *Client, op, first string, visit func(T) error) (deltaLink string, err error) {
	// Delta links run to kilobytes and a full read follows thousands of them.
	seen := map[[sha256.Size]byte]bool{}
	for link := first; link != ""; {
		key := sha256.Sum256([]byte(link))
		if seen[key] {
			return "", fault.Newf(fault.Incomplete, op, "page %d links back to an earlier one", len(seen))
		}
		seen[key] = true
		resp, err := c.call(ctx, op, http.MethodGet, link)
		if err != nil {
			return "", err
		}
		p, err := decodePage(resp.Body, visit)
		if err != nil {
			var bad malformed
			if errors.As(err, &bad) {
				return "", fault.New(fault.Incomplete, op, fmt.Errorf("page %d: %w", len(seen), err))
			}
			return "", err
		}
		link, deltaLink = p.next, p.delta
	}
	return deltaLink, nil
}

// page is what stands around a page's items.
type page struct {
	next  string // @odata.nextLink
	delta string // @odata.deltaLink
}

// malformed marks an error of reading a page, as opposed to one of visit.
type malformed struct{ error }

// Unwrap returns the cause.
func (m malformed) Unwrap() error { return m.error }

// decodePage walks one page's tokens and holds one item at a time. A page
// without a "value" is malformed: an empty page has an empty one, and
// everything else may be some proxy's idea of an answer.
func decodePage[T any](body io.Reader, visit func(T) error) (page, error) {
	var p page
	dec := json.NewDecoder(body)
	if err := expect(dec, json.Delim('{')); err != nil {
		return page{}, err
	}
	items := false
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return page{}, malformed{err}
		}
		switch name {
		case "value":
			items = true
			err = decodeItems(dec, visit)
		case "@odata.nextLink":
			err = decodeInto(dec, &p.next)
		case "@odata.deltaLink":
			err = decodeInto(dec, &p.delta)
		default:
			err = decodeInto(dec, &json.RawMessage{})
		}
		if err != nil {
			return page{}, err
		}
	}
	if err := expect(dec, json.Delim('}')); err != nil {
		return page{}, err
	}
	if !items {
		return page{}, malformed{errors.New(`there is no "value"`)}
	}
	return p, nil
}

func decodeItems[T any](dec *json.Decoder, visit func(T) error) error {
	if err := expect(dec, json.Delim('[')); err != nil {
		return err
	}
	for dec.More() {
		var item T
		if err := dec.Decode(&item); err != nil {
			return malformed{err}
		}
		if err := visit(item); err != nil {
			return err
		}
	}
	return expect(dec, json.Delim(']'))
}

func decodeInto(dec *json.Decoder, into any) error {
	if err := dec.Decode(into); err != nil {
		return malformed{err}
	}
	return nil
}

func expect(dec *json.Decoder, want json.Delim) error {
	got, err := dec.Token()
	if err != nil {
		return malformed{err}
	}
	if got != want {
		// The token itself may be anything of the server's; it stays unsaid.
		return malformed{fmt.Errorf("%q was expected at byte %d", want.String(), dec.InputOffset())}
	}
	return nil
}
