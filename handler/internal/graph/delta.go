package graph

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/pages"
)

// What delta reads ask for. A property that is not selected is not watched
// either; users leave out accountEnabled and assignedPlans unless selected.
// "members" turns on members@delta. Delta takes no $top, $expand or $orderby.
const (
	groupProperties = "id,displayName,uniqueName,groupTypes,onPremisesSyncEnabled,resourceProvisioningOptions"
	userProperties  = "id,userPrincipalName,accountEnabled,userType,assignedPlans"

	groupsDelta = "groups/delta?$select=" + groupProperties + ",members"
	usersDelta  = "users/delta?$select=" + userProperties
)

// GroupChanges implements orgsync.Directory. The cursor is Graph's deltaLink,
// whole and unread; it dies after seven days.
func (c *Client) GroupChanges(ctx context.Context, cursor string, visit func(orgsync.GroupChange) error) (string, error) {
	const op = "graph: read changed groups"
	strays := 0
	next, err := readDelta(ctx, c, op, groupsDelta, cursor, func(item groupItem) error {
		if item.ID == "" {
			return fault.Newf(fault.Incomplete, op, "a group without an id")
		}
		return visit(item.change(&strays))
	})
	c.reportStrays(ctx, op, strays)
	return next, err
}

// UserChanges implements orgsync.Directory, as GroupChanges.
func (c *Client) UserChanges(ctx context.Context, cursor string, visit func(orgsync.UserChange) error) (string, error) {
	const op = "graph: read changed users"
	strays := 0
	next, err := readDelta(ctx, c, op, usersDelta, cursor, func(item userItem) error {
		change, ok := item.change()
		if !ok {
			strays++
			return nil
		}
		return visit(change)
	})
	c.reportStrays(ctx, op, strays)
	return next, err
}

// reportStrays logs, in one line, how many ids were passed over for being no
// GUID. Nothing of ours has such an id.
func (c *Client) reportStrays(ctx context.Context, op string, strays int) {
	if strays > 0 {
		c.log.WarnContext(ctx, "ids that are no GUID were passed over", "op", op, "count", strays)
	}
}

func readDelta[T any](ctx context.Context, c *Client, op, first, cursor string, visit func(T) error) (string, error) {
	if cursor != "" {
		first = cursor
	}
	visited := false
	next, err := pages.Read(ctx, c.out, op, first, func(item T) error {
		visited = true
		return visit(item)
	})
	// Graph names the codes of a dead cursor by example only ("a code such as"):
	// a stored one that is refused before it brought anything is dead too.
	switch {
	case cursorDied(err) || cursor != "" && !visited && refused(err):
		return "", fault.New(fault.Gone, op, err)
	case err != nil:
		return "", err
	case next == "":
		return "", fault.Newf(fault.Incomplete, op, "the last page has neither nextLink nor deltaLink")
	}
	return next, nil
}

// refused reports whether Graph answered 400 or 404.
func refused(err error) bool {
	var status *outbound.StatusError
	return errors.As(err, &status) && (status.Status == http.StatusBadRequest || status.Status == http.StatusNotFound)
}

// cursorDied reports whether an error's code says that Graph will not go on from
// where a link points. Such a code comes with a 410, which is fault.Gone by
// itself, or with another status: an expired token is a "40X" (delta query
// overview).
func cursorDied(err error) bool {
	var status *outbound.StatusError
	if !errors.As(err, &status) {
		return false
	}
	dead := []string{"syncStateNotFound", "resyncRequired"}
	return slices.Contains(dead, status.Code) || slices.Contains(dead, status.InnerCode)
}
