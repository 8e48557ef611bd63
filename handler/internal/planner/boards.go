package planner

import (
	"context"
	"net/url"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/pages"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

type plannerPlan struct {
	ID        string     `json:"id"`
	Title     string     `json:"title"`
	CreatedBy identities `json:"createdBy"`
}

func (p *plannerPlan) valid() bool { return p.ID != "" }

type plannerBucket struct {
	ETag string `json:"@odata.etag"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (b *plannerBucket) valid() bool { return b.ID != "" && b.ETag != "" }

func (c *Client) plan(p plannerPlan) tasksync.Plan {
	return tasksync.Plan{ID: p.ID, Title: p.Title, ByUs: c.ours(p.CreatedBy)}
}

// Plans implements tasksync.Boards. Planner may answer 403 for a group too young
// for it, which cannot be told from a missing permission: that is fault.Denied.
func (c *Client) Plans(ctx context.Context, group org.TeamID) ([]tasksync.Plan, error) {
	const op = "planner: list plans"
	var plans []tasksync.Plan
	ref := "groups/" + url.PathEscape(string(group)) + "/planner/plans?$select=id,title,createdBy"
	_, err := pages.Read(ctx, c.out, op, ref, func(p plannerPlan) error {
		if !p.valid() {
			return fault.Newf(fault.Incomplete, op, "a plan without an id")
		}
		plans = append(plans, c.plan(p))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return plans, nil
}

// CreatePlan implements tasksync.Boards.
func (c *Client) CreatePlan(ctx context.Context, group org.TeamID, title string) (tasksync.Plan, error) {
	var made plannerPlan
	err := c.post(ctx, "planner: create a plan", "planner/plans", map[string]any{
		// The published example names the group by its address below the root.
		"container": map[string]any{"url": c.root + "/groups/" + string(group)},
		"title":     title,
	}, &made)
	if err != nil {
		return tasksync.Plan{}, err
	}
	return c.plan(made), nil
}

// Buckets implements tasksync.Boards.
func (c *Client) Buckets(ctx context.Context, plan string) ([]tasksync.Bucket, error) {
	const op = "planner: list buckets"
	var buckets []tasksync.Bucket
	_, err := pages.Read(ctx, c.out, op, planAt(plan)+"/buckets?$select=id,name", func(b plannerBucket) error {
		if !b.valid() {
			return fault.Newf(fault.Incomplete, op, "a bucket without an id or an ETag")
		}
		buckets = append(buckets, tasksync.Bucket{ID: b.ID, Name: b.Name, Version: b.ETag})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return buckets, nil
}

// CreateBucket implements tasksync.Boards. The bucket becomes the first.
func (c *Client) CreateBucket(ctx context.Context, plan, name string) (tasksync.Bucket, error) {
	var made plannerBucket
	err := c.post(ctx, "planner: create a bucket", "planner/buckets", map[string]any{
		"name": name, "planId": plan, "orderHint": " !",
	}, &made)
	if err != nil {
		return tasksync.Bucket{}, err
	}
	return tasksync.Bucket{ID: made.ID, Name: made.Name, Version: made.ETag}, nil
}

// DeleteBucket implements tasksync.Boards. A bucket that has gone is fine.
func (c *Client) DeleteBucket(ctx context.Context, b tasksync.Bucket) error {
	return c.remove(ctx, "planner: delete a bucket", bucketAt(b.ID), b.Version)
}

// Move implements tasksync.Boards. A fault.NotFound: the task has gone, or the
// bucket.
func (c *Client) Move(ctx context.Context, item tasksync.Item, bucket string) (tasksync.Item, error) {
	if item.Group == bucket {
		return item, nil
	}
	return c.changeTask(ctx, "planner: move a task", item, map[string]any{"bucketId": bucket})
}
