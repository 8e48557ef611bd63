package simcommerce

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// readingLife is how long a reading is kept after its last page was asked for.
const readingLife = time.Hour

// reading is a result that did not fit on one page: the rows as they were when
// the first page was asked for.
type reading struct {
	collection string
	rows       []*row
	used       time.Time
}

// nextLink is this request's address with the place to go on at.
func (c *call) nextLink(id uint64, offset int) string {
	var query []string
	for option := range strings.SplitSeq(c.r.URL.RawQuery, "&") {
		name, _, _ := strings.Cut(option, "=")
		if plain, err := url.QueryUnescape(name); err == nil && plain != "" && plain != "$skiptoken" {
			query = append(query, option)
		}
	}
	token := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d:%d", id, offset))
	query = append(query, "$skiptoken="+token)
	return c.base() + c.collection + "?" + strings.Join(query, "&")
}

func parseSkipToken(token string) (id uint64, offset int, err error) {
	plain, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		_, err = fmt.Sscanf(string(plain), "%d:%d", &id, &offset)
	}
	if err != nil || offset < 0 {
		return 0, 0, invalid("The $skiptoken '%s' is not valid.", token)
	}
	return id, offset, nil
}

// remember keeps a reading for its next pages and forgets old ones.
func (e *Environment) remember(r *reading) uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.options.Now()
	for id, old := range e.readings {
		if now.Sub(old.used) > readingLife {
			delete(e.readings, id)
		}
	}
	r.used = now
	e.lastRead++
	e.readings[e.lastRead] = r
	return e.lastRead
}

// recall returns the rows behind offset of a reading that is still known.
func (e *Environment) recall(collection string, id uint64, offset int) ([]*row, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.readings[id]
	now := e.options.Now()
	if r == nil || r.collection != collection || now.Sub(r.used) > readingLife || offset > len(r.rows) {
		return nil, invalid("The $skiptoken is not known any more.")
	}
	r.used = now
	return r.rows[offset:], nil
}
