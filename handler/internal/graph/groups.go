package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/microsoftgraph/msgraph-sdk-go/groupswithuniquename"
	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/batch"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/pages"
)

// How groups are read whole: three requests each (the group, its members, its
// owners), as many groups as fit in one $batch, a few batches at a time.
const (
	requestsPerGroup = 3
	groupsPerBatch   = batch.Limit / requestsPerGroup
	batchesAtOnce    = 4
)

// Groups implements orgsync.Directory. A 404 for a group's members or owners
// beside a 200 for the group is a replica that lags, not a group that is gone.
func (c *Client) Groups(ctx context.Context, ids []org.TeamID) (found map[org.TeamID]orgsync.Group, failed map[org.TeamID]error, err error) {
	const op = "graph: read groups"
	wanted := slices.Clone(ids)
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)

	var mu sync.Mutex
	found = make(map[org.TeamID]orgsync.Group, len(wanted))
	failed = make(map[org.TeamID]error)
	batches, ctx := errgroup.WithContext(ctx)
	batches.SetLimit(batchesAtOnce)
	for chunk := range slices.Chunk(wanted, groupsPerBatch) {
		batches.Go(func() error {
			answers, err := c.askForGroups(ctx, op, chunk)
			if err != nil {
				return err
			}
			for i, parts := range slices.Collect(slices.Chunk(answers, requestsPerGroup)) {
				group, err := c.assemble(ctx, op, parts[0], parts[1], parts[2])
				mu.Lock()
				switch {
				case parts[0].Status == http.StatusNotFound:
				case err != nil:
					failed[chunk[i]] = err
				default:
					found[group.ID] = group
				}
				mu.Unlock()
			}
			return ctx.Err()
		})
	}
	if err := batches.Wait(); err != nil {
		return nil, nil, during(op, err)
	}
	return found, failed, nil
}

// askForGroups asks for requestsPerGroup answers for each id, in order.
func (c *Client) askForGroups(ctx context.Context, op string, ids []org.TeamID) ([]batch.Answer, error) {
	urls := make([]string, 0, requestsPerGroup*len(ids))
	for _, id := range ids {
		group := "/groups/" + url.PathEscape(string(id))
		urls = append(urls, group+"?$select="+groupProperties, group+"/members?"+peopleQuery, group+"/owners?"+peopleQuery)
	}
	return batch.Get(ctx, c.out, op, urls)
}

// peopleQuery asks for ids only. Whether an object is a user is told by its
// @odata.type, which comes along unselected.
const peopleQuery = "$select=id&$top=999"

// assemble makes a group of its three answers.
func (c *Client) assemble(ctx context.Context, op string, whole, members, owners batch.Answer) (orgsync.Group, error) {
	if whole.Status != http.StatusOK {
		return orgsync.Group{}, whole.Fault(op)
	}
	var item groupItem
	if err := json.Unmarshal(whole.Body, &item); err != nil {
		return orgsync.Group{}, fault.New(fault.Incomplete, op, err)
	}
	group := item.group()
	if group.ID == "" {
		return orgsync.Group{}, fault.Newf(fault.Incomplete, op, "a group without an id")
	}
	roles := map[org.UserID]org.Role{}
	// Owners last: most of them are members too, and the stronger role counts.
	if err := c.collect(ctx, op, members, org.Member, roles); err != nil {
		return orgsync.Group{}, err
	}
	if err := c.collect(ctx, op, owners, org.Owner, roles); err != nil {
		return orgsync.Group{}, err
	}
	group.People = people(roles)
	return group, nil
}

// collect notes role for every user in answer and in the pages after it.
func (c *Client) collect(ctx context.Context, op string, answer batch.Answer, role org.Role, roles map[org.UserID]org.Role) error {
	if answer.Status == http.StatusNotFound {
		return fault.New(fault.Incomplete, op, answer.Fault(op))
	}
	if answer.Status != http.StatusOK {
		return answer.Fault(op)
	}
	strays := 0
	note := func(item objectItem) error {
		if user, ok := item.user(&strays); ok {
			roles[user] = role
		}
		return nil
	}
	first, err := pages.Decode(bytes.NewReader(answer.Body), note)
	if err != nil {
		return fault.New(fault.Incomplete, op, err)
	}
	_, err = pages.Read(ctx, c.out, op, first.Next, note)
	c.reportStrays(ctx, op, strays)
	return err
}

// people lists roles by user.
func people(roles map[org.UserID]org.Role) []orgsync.Person {
	list := make([]orgsync.Person, 0, len(roles))
	for user, role := range roles {
		list = append(list, orgsync.Person{User: user, Role: role})
	}
	slices.SortFunc(list, func(a, b orgsync.Person) int { return bytes.Compare(a.User[:], b.User[:]) })
	return list
}

// GroupByMarker implements orgsync.Directory.
func (c *Client) GroupByMarker(ctx context.Context, marker string) (orgsync.Group, error) {
	const op = "graph: read a group by its marker"
	id, err := c.idOf(ctx, op, marker)
	if err != nil {
		return orgsync.Group{}, err
	}
	found, failed, err := c.Groups(ctx, []org.TeamID{id})
	if err = errors.Join(err, failed[id]); err != nil {
		return orgsync.Group{}, err
	}
	group, ok := found[id]
	if !ok {
		return orgsync.Group{}, fault.Newf(fault.NotFound, op, "group %s is gone", id)
	}
	return group, nil
}

// idOf returns the id of the group with that marker, or a fault.NotFound.
func (c *Client) idOf(ctx context.Context, op, marker string) (org.TeamID, error) {
	group, err := c.marked(marker).Get(ctx, &groupswithuniquename.GroupsWithUniqueNameRequestBuilderGetRequestConfiguration{
		QueryParameters: &groupswithuniquename.GroupsWithUniqueNameRequestBuilderGetQueryParameters{Select: []string{"id"}},
	})
	if err != nil {
		return "", during(op, err)
	}
	return idIn(op, group)
}
