package tasklist

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// Status says how far campaigns are, store by store and task by task: those of
// that id or name, and the stores of that region; empty is all. fault.NotFound:
// there is no such campaign, or no store in such a region.
func (e *Engine) Status(ctx context.Context, campaign, region string) (task.Overview, error) {
	const op = "tasks: status"
	dir, err := e.Directory(ctx)
	if err != nil {
		return task.Overview{}, err
	}
	rows, err := e.Book.Campaigns(ctx)
	if err != nil {
		return task.Overview{}, err
	}
	question := task.Question{
		Stores: whereabouts(dir), Commerce: true, Standings: true, Campaign: campaign, Region: region, Now: e.Now(),
	}
	if !inSomeRegion(question.Stores, region) {
		return task.Overview{}, fault.Newf(fault.NotFound, op, "no open store is in a region %q", region)
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		question.Campaigns = append(question.Campaigns, rows[id].Campaign)
	}
	var failed error
	overview := task.RollUp(boards(e.Book.Boards(ctx), &failed, func(*task.Board) {}), question)
	if failed != nil {
		return task.Overview{}, failed
	}
	if campaign != "" && len(overview.Campaigns) == 0 {
		return task.Overview{}, fault.Newf(fault.NotFound, op, "there is no campaign %q", campaign)
	}
	return overview, nil
}

// inSomeRegion reports whether a store is in the region; empty is all.
func inSomeRegion(stores map[org.StoreNumber]task.Whereabouts, region string) bool {
	for _, where := range stores {
		if strings.EqualFold(where.Region, region) {
			return true
		}
	}
	return region == ""
}
