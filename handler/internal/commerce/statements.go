package commerce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// Statements asks for the rows alone that say that somebody left: those of
// RetailChannelWorkers that are not active, and those of Employees whose end is
// from since to now, both included. It takes one request each as a rule, where a
// snapshot takes many, and so suits the time between two snapshots.
//
// A row is taken by what it says, not because the server served it: one that is
// not understood, or states no leave because the filter was not obeyed, is left
// out without a word. Each row is a statement by itself, so that a reading that
// fails on its way keeps what it has read. The collections cost each other
// nothing: unread has one sentence for each that could not be read, or not to
// its end. An environment that does not publish Employees, which is optional,
// has nothing to say there; that is no failure, and the next snapshot tells it.
//
// The error is only for a ctx that ended.
func (c *Client) Statements(ctx context.Context, since, now time.Time) (st org.Statements, unread []string, err error) {
	table := statements(&st, since, now)
	failures := make([]error, len(table))
	var readers errgroup.Group
	for i, col := range table {
		readers.Go(func() error {
			if _, failures[i] = col.read(ctx, c, col); failures[i] != nil {
				return ctx.Err()
			}
			return nil
		})
	}
	if err := readers.Wait(); err != nil {
		return org.Statements{}, nil, fmt.Errorf("commerce: read statements: %w", err)
	}
	for i, col := range table {
		if failures[i] != nil {
			c.log.WarnContext(ctx, "statements not read to the end", "collection", col.name, "error", failures[i])
			unread = append(unread, unreadSentence(col.name, failures[i]))
		}
	}
	return st, unread, nil
}

// statements is the table of what Statements reads. F&O compares an enum only
// with a literal of the enum's type, and takes dates without quotes.
func statements(st *org.Statements, since, now time.Time) []collection {
	return []collection{
		{
			name: "RetailChannelWorkers", reading: into(&st.Inactive, inactive),
			filter: "IsActive eq Microsoft.Dynamics.DataEntities.NoYes'No'",
		},
		{
			name: "Employees", reading: into(&st.Ended, ended(since, now)), optional: true,
			filter: fmt.Sprintf("EmploymentEndDate ge %s and EmploymentEndDate le %s", dateLiteral(since), dateLiteral(now)),
		},
	}
}

// workersAtOnce is how many workers one request asks about: the filter is part
// of an address, and of those servers take some thousand characters.
const workersAtOnce = 20

// Employments reads every row that Employees has of these workers, each named
// once, in one request for every twenty of them. It returns all of them or an
// error: rows that are missing might be the ones that say that somebody is still
// employed. For the same reason there is nothing of a worker of whom a row cannot
// be understood. Rows that were not asked for, because the filter was not obeyed
// or F&O found a number to be alike, are left out.
//
// The errors are those of [Client.Snapshot]; a row that does not say whom it is
// about is fault.Incomplete.
func (c *Client) Employments(ctx context.Context, workers []org.PersonnelNumber) (rows []org.Employment, err error) {
	for some := range slices.Chunk(workers, workersAtOnce) {
		more, err := c.employmentsOf(ctx, some)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// employmentsOf is Employments for as many as one request can ask about.
func (c *Client) employmentsOf(ctx context.Context, workers []org.PersonnelNumber) (rows []org.Employment, err error) {
	col := collection{name: "Employees", reading: into(&rows, ofWorkers(workers)), filter: anyOf("PersonnelNumber", workers)}
	rep, err := col.read(ctx, c, col)
	if err != nil {
		return nil, err
	}
	unclear := map[org.PersonnelNumber]bool{}
	for _, bad := range rep.bad {
		unclear[bad.Worker] = true
	}
	if unclear[""] || rep.unlisted > 0 {
		return nil, fault.Newf(fault.Incomplete, "commerce: read "+col.name, "a row does not say whom it is about")
	}
	return slices.DeleteFunc(rows, func(row org.Employment) bool { return unclear[row.Worker] }), nil
}

// ofWorkers returns what decodes a row of one of the workers, and skips others.
func ofWorkers(workers []org.PersonnelNumber) func(*employmentRow, *decoder) org.Employment {
	return func(r *employmentRow, d *decoder) org.Employment {
		employment := r.decode(d)
		if employment.Worker != "" && !slices.Contains(workers, employment.Worker) {
			d.skip()
		}
		return employment
	}
}

// dateLiteral writes a moment as F&O's filters take it, in whole seconds.
func dateLiteral(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// inactive decodes a row that says that a worker is not active, and skips others.
func inactive(r *channelWorkerRow, d *decoder) org.ChannelWorker {
	worker := r.decode(d)
	if worker.Active != org.No {
		d.skip()
	}
	return worker
}

// ended returns what decodes a row whose employment ended from since to now, and
// skips others. One that goes on has the zero time, which a since of long ago
// would take for an end.
func ended(since, now time.Time) func(*employmentRow, *decoder) org.Employment {
	return func(r *employmentRow, d *decoder) org.Employment {
		employment := r.decode(d)
		if end := employment.End; end.IsZero() || end.Before(since) || end.After(now) {
			d.skip()
		}
		return employment
	}
}

// unreadSentence says that a collection's statements could not be read, or not
// all of them. The log has the details.
func unreadSentence(name string, err error) string {
	why := fault.KindOf(err).String()
	if answer := (*outbound.StatusError)(nil); errors.As(err, &answer) {
		why = fmt.Sprintf("%s, status %d", why, answer.Status)
	}
	return fmt.Sprintf("%s could not be asked to the end who left (%s); the next snapshot tells", name, why)
}
