package tableledger

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

var errNoETag = errors.New("the table service listed a row without its ETag")

// List implements ledger.Store. The service returns a partition's rows in the
// order of their row keys, which escape keeps as the order of the rows, and a
// page at a time: at most 1,000 rows, 4 MiB, five seconds, or a partition's
// border, so a page may be short or empty and still not the last.
func (s *Store) List(ctx context.Context, partition, prefix string) iter.Seq2[ledger.Row, error] {
	const op = "tables: list rows"
	return func(yield func(ledger.Row, error) bool) {
		if err := ledger.CheckPartition(op, partition); err != nil {
			yield(ledger.Row{}, err)
			return
		}
		if len(prefix) > ledger.MaxKeyPart {
			return // no row is so long, and the request would have no limit
		}
		if err := s.make(ctx); err != nil {
			yield(ledger.Row{}, err)
			return
		}
		pager := s.table.NewListEntitiesPager(&aztables.ListEntitiesOptions{
			Filter: to.Ptr(filter(partition, prefix)),
			// Only with full metadata are entities promised to carry ETags, see
			// learn.microsoft.com/rest/api/storageservices/query-entities.
			Format: to.Ptr(aztables.MetadataFormatFull),
		})
		for pager.More() {
			page, err := pager.NextPage(ctx)
			if err != nil {
				yield(ledger.Row{}, classify(ctx, op, err))
				return
			}
			for _, body := range page.Entities {
				found, err := decode(body)
				if err == nil && found.etag == "" {
					err = errNoETag // passed on, it would mean "create" to Put
				}
				if err != nil {
					yield(ledger.Row{}, fault.New(fault.Invalid, op, err))
					return
				}
				if !yield(ledger.Row{Key: found.key, Value: found.value, ETag: found.etag}, nil) {
					return
				}
			}
		}
	}
}

// filter returns the query for a partition's rows with a prefix. There is no
// "starts with" in the service's language, so it asks for a range: from the
// prefix to the first text after everything that begins with it. Escaped text
// never holds a quote.
func filter(partition, prefix string) string {
	query := fmt.Sprintf("PartitionKey eq '%s'", escape(partition))
	if prefix == "" {
		return query
	}
	from := escape(prefix)
	end := len(from) - 1
	return fmt.Sprintf("%s and RowKey ge '%s' and RowKey lt '%s%c'", query, from, from[:end], from[end]+1)
}
