package simcommerce

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// flushAt is how many encoded bytes are gathered before they are written.
const flushAt = 32 << 10

// serveRow answers a keyed GET.
func (c *call) serveRow(t *table, key []string) error {
	o, err := t.readOptions(c.r.URL.RawQuery)
	if err != nil {
		return err
	}
	i := t.find(key)
	if i < 0 || !t.visible(c.options.Company, o)(t.rows[i]) {
		return c.noRow()
	}
	return c.sendRow(http.StatusOK, t, t.rows[i], o.columns)
}

func (c *call) noRow() error {
	return refuse(http.StatusNotFound, "No row of '%s' has the key %s.", c.collection, c.predicate)
}

// sendRow writes one row as a document of its own.
func (c *call) sendRow(status int, t *table, r *row, columns []int) error {
	return c.send(status, func(w io.Writer) error {
		out := fmt.Appendf(nil, `{"@odata.context":%q,`, c.base()+"$metadata#"+c.collection+"/$entity")
		out = append(out, t.appendRow(nil, r, columns)[1:]...)
		_, err := w.Write(out)
		return err
	})
}

// servePage answers a GET of a collection with one page.
func (c *call) servePage(t *table) error {
	o, err := t.readOptions(c.r.URL.RawQuery)
	if err != nil {
		return err
	}
	if o.skipToken != "" {
		return c.serveNextPage(t, o)
	}
	rows := t.result(c.options.Company, o)
	total := len(rows)
	rows = rows[min(o.skip, len(rows)):]
	if o.top >= 0 {
		rows = rows[:min(o.top, len(rows))]
	}
	p := page{table: t, columns: o.columns, rows: rows}
	if o.count {
		p.total = &total
	}
	if len(rows) > c.options.PageSize {
		p.rows = rows[:c.options.PageSize]
		p.next = c.nextLink(c.remember(&reading{collection: t.name, rows: rows}), c.options.PageSize)
	}
	return c.sendPage(p)
}

// serveNextPage goes on with a reading.
func (c *call) serveNextPage(t *table, o options) error {
	id, offset, err := parseSkipToken(o.skipToken)
	if err != nil {
		return err
	}
	rows, err := c.recall(t.name, id, offset)
	if err != nil {
		return err
	}
	p := page{table: t, columns: o.columns, rows: rows}
	if len(p.rows) > c.options.PageSize {
		p.rows = p.rows[:c.options.PageSize]
		p.next = c.nextLink(id, offset+c.options.PageSize)
	}
	return c.sendPage(p)
}

// page is what one answer holds of a collection.
type page struct {
	table   *table
	columns []int
	rows    []*row
	total   *int // for $count
	next    string
}

// sendPage encodes the page as a stream: the rows are held as raw JSON.
func (c *call) sendPage(p page) error {
	if c.broken.NextLink != "" {
		p.next = c.broken.NextLink
	}
	p.rows = p.rows[:max(0, len(p.rows)-c.broken.DropRows)]
	return c.send(http.StatusOK, func(w io.Writer) error {
		out := fmt.Appendf(nil, `{"@odata.context":%q,`, c.base()+"$metadata#"+c.collection)
		if p.total != nil {
			out = fmt.Appendf(out, `"@odata.count":%d,`, *p.total)
		}
		out = append(out, `"value":[`...)
		for i, r := range p.rows {
			if i > 0 {
				out = append(out, ',')
			}
			out = p.table.appendRow(out, r, p.columns)
			if len(out) < flushAt {
				continue
			}
			if _, err := w.Write(out); err != nil {
				return err
			}
			out = out[:0]
		}
		out = append(out, ']')
		if p.next != "" {
			link, err := json.Marshal(p.next)
			if err != nil {
				return err
			}
			out = append(append(out, `,"@odata.nextLink":`...), link...)
		}
		_, err := w.Write(append(out, '}'))
		return err
	})
}
