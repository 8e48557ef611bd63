// Package pages reads Microsoft Graph's collections: JSON objects with a "value"
// of items and a link to the next page. It owns that shape and the care it takes:
// one item in memory at a time, no page twice, nothing concluded from a part. It
// refuses to know what the items are.
//
// Links are followed through package outbound, and so to no other host.
package pages

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// Read reads a collection from the link first to its last page and calls visit
// for each item, in the order served. It returns the deltaLink of the last page,
// empty for a collection that is no delta. An empty first is a collection that
// has been read already. An error of visit is returned as it is; a page that
// cannot be read to its end, or a chain of links that bites its tail, is
// fault.Incomplete.
func Read[T any](ctx context.Context, out *outbound.Client, op, first string, visit func(T) error) (deltaLink string, err error) {
	// Delta links run to kilobytes and a full read follows thousands of them.
	seen := map[[sha256.Size]byte]bool{}
	for link := first; link != ""; {
		key := sha256.Sum256([]byte(link))
		if seen[key] {
			return "", fault.Newf(fault.Incomplete, op, "page %d links back to an earlier one", len(seen))
		}
		seen[key] = true
		resp, err := get(ctx, out, op, link) //nolint:bodyclose // in memory since the pipeline
		if err != nil {
			return "", err
		}
		p, err := Decode(resp.Body, visit)
		if err != nil {
			var bad malformed
			if errors.As(err, &bad) {
				return "", fault.New(fault.Incomplete, op, fmt.Errorf("page %d: %w", len(seen), err))
			}
			return "", err
		}
		link, deltaLink = p.Next, p.Delta
	}
	return deltaLink, nil
}

// get returns a 2xx answer, its body in memory.
func get(ctx context.Context, out *outbound.Client, op, link string) (*http.Response, error) {
	req, err := out.NewRequest(ctx, http.MethodGet, link)
	if err != nil {
		return nil, fault.New(fault.KindOf(err), op, err)
	}
	resp, err := out.Do(req)
	if err != nil {
		return nil, fault.New(fault.KindOf(err), op, err)
	}
	if err := outbound.CheckStatus(op, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// Links are what stands around a page's items.
type Links struct {
	Next  string // @odata.nextLink; empty: this is the last page
	Delta string // @odata.deltaLink
}

// malformed marks an error of reading a page, as opposed to one of visit.
type malformed struct{ error }

// Unwrap returns the cause.
func (m malformed) Unwrap() error { return m.error }

// Decode walks one page's tokens and calls visit for each item, which is all of
// the page that is held. Its errors are visit's, or say what is wrong with the
// page and are not classified. A page without a "value" is wrong: an empty page
// has an empty one, and everything else may be some proxy's idea of an answer.
func Decode[T any](body io.Reader, visit func(T) error) (Links, error) {
	var links Links
	dec := json.NewDecoder(body)
	if err := expect(dec, json.Delim('{')); err != nil {
		return Links{}, err
	}
	items := false
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return Links{}, malformed{err}
		}
		switch name {
		case "value":
			items = true
			err = decodeItems(dec, visit)
		case "@odata.nextLink":
			err = decodeInto(dec, &links.Next)
		case "@odata.deltaLink":
			err = decodeInto(dec, &links.Delta)
		default:
			err = decodeInto(dec, &json.RawMessage{})
		}
		if err != nil {
			return Links{}, err
		}
	}
	if err := expect(dec, json.Delim('}')); err != nil {
		return Links{}, err
	}
	if !items {
		return Links{}, malformed{errors.New(`there is no "value"`)}
	}
	return links, nil
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
