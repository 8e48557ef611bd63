package commerce

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// collectionsAtOnce is how many collections are read side by side. F&O serves
// each page from one query; more of them at once makes all of them slower.
const collectionsAtOnce = 4

// Snapshot reads every collection to its end. What can be left out is left out
// and said in the snapshot: a row that cannot be understood, an optional
// collection that this environment does not have. Anything else that goes wrong
// fails the whole reading with an error that names the collection:
//
//   - fault.Incomplete: a page that is no OData page or breaks off, or links
//     that lead in a circle;
//   - fault.NotFound: a required collection is not published here; the error
//     names the setting that tells another name;
//   - fault.Denied: no permission, or a link that leads to another host;
//   - fault.Invalid: the server refuses the request, as it does when it lacks an
//     attribute;
//   - otherwise the kind of what became of the request, see package outbound.
//
// Of each collection at most 1,000 bad rows are listed, followed by one that
// counts the others, and at most 100 unknown values.
func (c *Client) Snapshot(ctx context.Context) (org.Snapshot, error) {
	s := org.Snapshot{ReadAt: time.Now().UTC(), Rows: map[string]int{}}
	table := collections(&s)
	reports := make([]report, len(table))
	readers, ctx := errgroup.WithContext(ctx)
	readers.SetLimit(collectionsAtOnce)
	for i, col := range table {
		readers.Go(func() (err error) {
			reports[i], err = col.read(ctx, c, col)
			return err
		})
	}
	if err := readers.Wait(); err != nil {
		return org.Snapshot{}, err
	}
	for _, r := range reports {
		if r.missing {
			s.Missing = append(s.Missing, r.collection)
			continue
		}
		s.Rows[r.collection] = r.rows
		s.BadRows = append(s.BadRows, r.badRows()...)
		s.Unknowns = append(s.Unknowns, r.sortedUnknowns()...)
	}
	s.Share()
	return s, nil
}
