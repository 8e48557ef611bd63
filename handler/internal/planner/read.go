package planner

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/batch"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/pages"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// How many batches are under way at once, and how much fits into one: a task is
// read with its details, a plan is one listing.
const (
	batchesAtOnce = 4
	tasksPerBatch = batch.Limit / 2
)

// List implements tasksync.Side.
func (c *Client) List(ctx context.Context, at tasksync.Place) ([]tasksync.Item, error) {
	const op = "planner: list tasks"
	if at.Plan == "" {
		return nil, fault.Newf(fault.Invalid, op, "no plan is named")
	}
	var items []tasksync.Item
	_, err := pages.Read(ctx, c.out, op, planAt(at.Plan)+"/tasks?$select="+taskProperties, func(t plannerTask) error {
		if !t.valid() {
			return fault.Newf(fault.Incomplete, op, "a task without an id or an ETag")
		}
		items = append(items, c.item(t))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// Read implements tasksync.Side, with one call for every ten tasks. An id that
// cannot be one of Planner's is missing in the result. A task whose details are
// not there yet, because it is young, is not Whole.
func (c *Client) Read(ctx context.Context, _ tasksync.Place, ids []string) (map[string]tasksync.Item, error) {
	wanted := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !isID(id) })
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	var mu sync.Mutex
	found := make(map[string]tasksync.Item, len(wanted))
	batches, ctx := errgroup.WithContext(ctx)
	batches.SetLimit(batchesAtOnce)
	for chunk := range slices.Chunk(wanted, tasksPerBatch) {
		batches.Go(func() error {
			items, err := c.readBatch(ctx, chunk)
			mu.Lock()
			defer mu.Unlock()
			for _, item := range items {
				found[item.ID] = item
			}
			return err
		})
	}
	if err := batches.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}

// readBatch reads up to tasksPerBatch tasks.
func (c *Client) readBatch(ctx context.Context, ids []string) ([]tasksync.Item, error) {
	const op = "planner: read tasks"
	var urls []string
	for _, id := range ids {
		urls = append(urls, "/"+taskAt(id)+"?$select="+taskProperties, "/"+detailsAt(id))
	}
	answers, err := batch.Get(ctx, c.out, op, urls)
	if err != nil {
		return nil, err
	}
	var items []tasksync.Item
	for i := range ids {
		if answers[2*i].Status == http.StatusNotFound {
			continue
		}
		var t plannerTask
		if err := decode(op, answers[2*i], &t); err != nil {
			return nil, err
		}
		item := c.item(t)
		var d plannerDetails
		switch err := decode(op, answers[2*i+1], &d); {
		case err == nil:
			item = withDetails(item, d)
		case fault.Is(err, fault.NotFound):
			item = bare(item)
		default:
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// bare returns an item that shows nothing of its details.
func bare(item tasksync.Item) tasksync.Item {
	for f := range detailFields().All() {
		delete(item.State.Values, f)
	}
	item.Whole, item.DetailsVersion = false, ""
	return item
}

// decode reads an entity out of a batch's answer.
func decode(op string, answer batch.Answer, into entity) error {
	if answer.Status != http.StatusOK {
		return answer.Fault(op)
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		return fault.New(fault.Incomplete, op, err)
	}
	if !into.valid() {
		return fault.Newf(fault.Incomplete, op, "an answer has no id or no ETag")
	}
	return nil
}

// Versions implements tasksync.Boards.
func (c *Client) Versions(ctx context.Context, plans []string) (listed map[string]map[string]string, failed map[string]error, err error) {
	const op = "planner: list versions"
	wanted := slices.Clone(plans)
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	var mu sync.Mutex
	listed, failed = make(map[string]map[string]string, len(wanted)), map[string]error{}
	batches, ctx := errgroup.WithContext(ctx)
	batches.SetLimit(batchesAtOnce)
	for chunk := range slices.Chunk(wanted, batch.Limit) {
		batches.Go(func() error {
			var urls []string
			for _, plan := range chunk {
				urls = append(urls, "/"+planAt(plan)+"/tasks?$select=id")
			}
			answers, err := batch.Get(ctx, c.out, op, urls)
			if err != nil {
				return err
			}
			for i, plan := range chunk {
				versions, err := c.versions(ctx, op, answers[i])
				mu.Lock()
				if err != nil {
					failed[plan] = err
				} else {
					listed[plan] = versions
				}
				mu.Unlock()
			}
			return ctx.Err()
		})
	}
	if err := batches.Wait(); err != nil {
		return nil, nil, fault.New(fault.KindOf(err), op, err)
	}
	return listed, failed, nil
}

// versions reads one listing, whose first page is a batch's answer.
func (c *Client) versions(ctx context.Context, op string, answer batch.Answer) (map[string]string, error) {
	if answer.Status != http.StatusOK {
		return nil, answer.Fault(op)
	}
	versions := map[string]string{}
	note := func(t struct { // a plannerTask's first two: there are many
		ETag string `json:"@odata.etag"`
		ID   string `json:"id"`
	}) error {
		if t.ID == "" || t.ETag == "" {
			return fault.Newf(fault.Incomplete, op, "a task without an id or an ETag")
		}
		versions[t.ID] = t.ETag
		return nil
	}
	first, err := pages.Decode(bytes.NewReader(answer.Body), note)
	if err != nil {
		return nil, fault.New(fault.Incomplete, op, err)
	}
	// An empty link is no further page.
	if _, err := pages.Read(ctx, c.out, op, first.Next, note); err != nil {
		return nil, err
	}
	return versions, nil
}
