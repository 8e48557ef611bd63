package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// Deleted items are asked for with raw requests: the SDK's package of the
// directory is large, and these two would be all we use of it.

func deletedItem(id org.TeamID) string { return "directory/deletedItems/" + url.PathEscape(string(id)) }

// DeletedGroup implements orgsync.Directory. Graph keeps a deleted group among
// the deleted items for as long as it can be restored, and no longer.
func (c *Client) DeletedGroup(ctx context.Context, id org.TeamID) (bool, error) {
	const op = "graph: look for a deleted group"
	resp, err := c.call(ctx, op, http.MethodGet, deletedItem(id)+"?$select=id")
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var item objectItem
	if err := json.NewDecoder(resp.Body).Decode(&item); err != nil {
		return false, fault.New(fault.Incomplete, op, err)
	}
	return item.Type == "" || item.Type == "#microsoft.graph.group", nil
}

// RestoreGroup implements orgsync.Provisioner. It asks once: a second try after
// a lost answer would find nothing to restore, and a replica that lags nothing
// restored, which together look like a group that is nowhere.
func (c *Client) RestoreGroup(ctx context.Context, id org.TeamID) error {
	const op = "graph: restore a group"
	_, err := c.call(sentOnce(ctx), op, http.MethodPost, deletedItem(id)+"/restore")
	if err == nil {
		return nil
	}
	_, lookup := c.call(ctx, op, http.MethodGet, "groups/"+url.PathEscape(string(id))+"?$select=id")
	switch {
	case lookup == nil:
		return nil
	case fault.Is(err, fault.NotFound) && !fault.Is(lookup, fault.NotFound):
		return lookup // it may well be there
	}
	return err
}
