package commerce

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Workers reads the rows that say who these workers are and where they belong:
// of Workers, RetailChannelWorkers, Employees, RetailStaff and
// PositionWorkerAssignmentsV2, then of PersonUsers and SystemUsers. It takes seven
// requests for every twenty workers. Nothing may be concluded from a row that is
// not among them: the reading is made right after a change, and F&O may answer
// from a replica that lags.
//
// The errors are those of [Client.Snapshot]. Rows of others, served because the
// filter was not obeyed, and rows that cannot be understood are left out.
func (c *Client) Workers(ctx context.Context, workers []org.PersonnelNumber) (org.Snapshot, error) {
	all := org.Snapshot{ReadAt: time.Now().UTC()}
	for some := range slices.Chunk(workers, workersAtOnce) {
		if err := c.readWorkers(ctx, &all, some); err != nil {
			return org.Snapshot{}, fmt.Errorf("commerce: read some workers: %w", err)
		}
	}
	return all, nil
}

// readWorkers is Workers for as many as one request can ask about.
func (c *Client) readWorkers(ctx context.Context, all *org.Snapshot, workers []org.PersonnelNumber) error {
	var s org.Snapshot
	filter := anyOf("PersonnelNumber", workers)
	err := c.readSome(ctx, []collection{
		{name: "Workers", reading: into(&s.Workers, (*workerRow).decode), filter: filter},
		{name: "RetailChannelWorkers", reading: into(&s.ChannelWorkers, (*channelWorkerRow).decode), filter: filter},
		{name: "Employees", reading: into(&s.Employments, (*employmentRow).decode), filter: filter, optional: true},
		{name: "RetailStaff", reading: into(&s.Staff, (*staffRow).decode), filter: filter},
		{name: "PositionWorkerAssignmentsV2", reading: into(&s.Assignments, (*assignmentRow).decode), filter: filter},
	})
	if err != nil {
		return err
	}
	all.Workers = append(all.Workers, only(s.Workers, workers, func(r org.Worker) org.PersonnelNumber { return r.Number })...)
	all.ChannelWorkers = append(all.ChannelWorkers, only(s.ChannelWorkers, workers, func(r org.ChannelWorker) org.PersonnelNumber { return r.Worker })...)
	all.Employments = append(all.Employments, only(s.Employments, workers, func(r org.Employment) org.PersonnelNumber { return r.Worker })...)
	all.Staff = append(all.Staff, only(s.Staff, workers, func(r org.Staff) org.PersonnelNumber { return r.Worker })...)
	all.Assignments = append(all.Assignments, only(s.Assignments, workers, func(r org.Assignment) org.PersonnelNumber { return r.Worker })...)
	var parties []string
	for _, worker := range s.Workers {
		if worker.Party != "" {
			parties = append(parties, worker.Party)
		}
	}
	return c.readAccounts(ctx, all, parties)
}

// readAccounts reads the second source of identity of some parties.
func (c *Client) readAccounts(ctx context.Context, all *org.Snapshot, parties []string) error {
	if len(parties) == 0 {
		return nil
	}
	var s org.Snapshot
	err := c.readSome(ctx, []collection{
		{name: "PersonUsers", reading: into(&s.PersonUsers, (*personUserRow).decode), filter: anyOf("PartyNumber", parties)},
	})
	if err != nil {
		return err
	}
	s.PersonUsers = alike(s.PersonUsers, parties, func(r org.PersonUser) string { return r.Party })
	var users []string
	for _, row := range s.PersonUsers {
		users = append(users, row.User)
	}
	all.PersonUsers = append(all.PersonUsers, s.PersonUsers...)
	for some := range slices.Chunk(users, workersAtOnce) {
		err := c.readSome(ctx, []collection{{
			name: "SystemUsers", reading: into(&s.SystemUsers, (*systemUserRow).decode),
			newer: []string{"UserObjectId"}, filter: anyOf("UserID", some),
		}})
		if err != nil {
			return err
		}
		all.SystemUsers = append(all.SystemUsers, alike(s.SystemUsers, some, func(r org.SystemUser) string { return r.ID })...)
	}
	return nil
}

// readSome reads collections side by side.
func (c *Client) readSome(ctx context.Context, table []collection) error {
	readers, ctx := errgroup.WithContext(ctx)
	readers.SetLimit(collectionsAtOnce)
	for _, col := range table {
		readers.Go(func() error {
			_, err := col.read(ctx, c, col)
			return err
		})
	}
	return readers.Wait()
}

// only keeps the rows of those who were asked for.
func only[T any, K comparable](rows []T, wanted []K, of func(T) K) []T {
	return slices.DeleteFunc(rows, func(row T) bool { return !slices.Contains(wanted, of(row)) })
}

// alike is only for keys that F&O compares without case.
func alike[T any](rows []T, wanted []string, of func(T) string) []T {
	return slices.DeleteFunc(rows, func(row T) bool {
		return !slices.ContainsFunc(wanted, func(key string) bool { return strings.EqualFold(key, of(row)) })
	})
}

// anyOf is the filter for rows whose attribute is one of some texts. In a text a
// quote is written twice.
func anyOf[T ~string](attribute string, values []T) string {
	terms := make([]string, len(values))
	for i, value := range values {
		terms[i] = attribute + " eq '" + strings.ReplaceAll(string(value), "'", "''") + "'"
	}
	return strings.Join(terms, " or ")
}
