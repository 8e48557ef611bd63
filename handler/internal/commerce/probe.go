package commerce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

var _ doctor.Commerce = (*Client)(nil)

// probesAtOnce is how many collections are probed at a time.
const probesAtOnce = 4

// Probe implements doctor.Commerce. It takes one request for most collections.
// Where F&O refuses the attributes together it is asked for each alone, since
// what it lacks is only in the text of its refusal, and nothing may depend on
// that. A collection is given up on after half a minute.
func (c *Client) Probe(ctx context.Context) []doctor.Collection {
	table := collections(new(org.Snapshot))
	found := make([]doctor.Collection, len(table))
	var probes errgroup.Group
	probes.SetLimit(probesAtOnce)
	for i, col := range table {
		probes.Go(func() error {
			found[i] = c.probe(ctx, col)
			return nil
		})
	}
	_ = probes.Wait() // what went wrong is in found
	return found
}

func (c *Client) probe(ctx context.Context, col collection) doctor.Collection {
	ctx, cancel := outbound.Probing(ctx)
	defer cancel()
	p := prober{client: c, col: col, found: doctor.Collection{
		Name: col.name, Actual: c.actualName(col.name), Optional: col.optional,
	}}
	attributes := col.attributes
	err := p.read(ctx, attributes)
	if len(col.newer) > 0 && hasStatus(err, http.StatusBadRequest) {
		attributes = without(attributes, col.newer)
		err = p.read(ctx, attributes)
	}
	if hasStatus(err, http.StatusBadRequest) {
		err = p.readEach(ctx, attributes, err)
	}
	p.found.Err = err
	return p.found
}

// prober probes one collection.
type prober struct {
	client *Client
	col    collection
	found  doctor.Collection
}

// readEach asks for attributes that were refused together one by one, notes
// which are refused alone, and reads without those. If that is refused too,
// none of them is to blame, and the error is the refusal there was.
func (p *prober) readEach(ctx context.Context, attributes []string, refused error) error {
	var lacks []string
	for _, attribute := range attributes {
		err := p.read(ctx, []string{attribute})
		switch {
		case hasStatus(err, http.StatusBadRequest):
			lacks = append(lacks, attribute)
		case err != nil:
			return err
		}
	}
	if len(lacks) == 0 {
		return refused
	}
	err := p.read(ctx, without(attributes, lacks))
	if hasStatus(err, http.StatusBadRequest) {
		return refused
	}
	p.found.Lacks = lacks
	return err
}

// read asks for one row with these attributes, or with all there are if there is
// none of them.
func (p *prober) read(ctx context.Context, attributes []string) error {
	op := "commerce: probe " + p.col.name
	req, err := p.client.http.NewRequest(ctx, http.MethodGet, p.client.reference(p.col, attributes)+"&$top=1")
	if err != nil {
		return err
	}
	req.Raw().Header.Set("Accept", "application/json")
	asked := time.Now()
	resp, err := p.client.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	defer func() { _ = resp.Body.Close() }() // the body is in memory
	if ahead, known := outbound.Ahead(resp, asked); known {
		p.found.Clock = doctor.Clock{Known: true, Ahead: ahead}
	}
	if err := outbound.CheckStatus(op, resp); err != nil {
		return err
	}
	rows := 0
	_, err = decodePage(resp.Body, func(dec *json.Decoder) error {
		rows++
		return dec.Decode(new(json.RawMessage))
	})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	p.found.Rows = rows
	return nil
}

// without returns the attributes that are not among others.
func without(attributes, others []string) []string {
	return slices.DeleteFunc(slices.Clone(attributes), func(a string) bool { return slices.Contains(others, a) })
}
