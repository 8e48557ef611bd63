package graph_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// FuzzDeltaPage serves any bytes as a page. Whatever they are, the reading ends
// with a classified error or with every item of the page and its cursor.
func FuzzDeltaPage(f *testing.F) {
	for _, seed := range []string{
		page(),
		page(`{"id":"g"}`, `{"id":"h","@removed":{"reason":"deleted"}}`),
		page(`{"id":"g","displayName":null,"groupTypes":["Unified"],"members@delta":[` + linkTo(1) + `,{"id":"x"}]}`),
		`{"value":[],"@odata.nextLink":"` + root + `/groups/delta?$skiptoken=1"}`,
		`{"value":[{"id":"g"}]}`,
		`{"value":[{"id":"g"`,
		`{"value":null}`,
		`[]`,
		``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c := newUncheckedClient(t, server(func(*http.Request, string) *http.Response {
			return answer(200, string(text))
		}), nil)
		visited := 0
		next, err := c.GroupChanges(t.Context(), root+"/groups/delta?$deltatoken=0", func(change orgsync.GroupChange) error {
			visited++
			if change.ID == "" {
				t.Error("a change without an id")
			}
			return nil
		})
		if err != nil {
			if kind := fault.KindOf(err); kind == fault.Internal || next != "" {
				t.Errorf("error %v of kind %v, cursor %q", err, kind, next)
			}
			return
		}
		var whole map[string]json.RawMessage
		if err := json.NewDecoder(bytes.NewReader(text)).Decode(&whole); err != nil {
			t.Fatalf("a page that is no JSON was read: %v", err)
		}
		var items []json.RawMessage
		if err := json.Unmarshal(whole["value"], &items); err != nil {
			t.Fatalf("a page whose value is no list was read: %v", err)
		}
		if next == "" || visited < len(items) {
			t.Errorf("cursor %q after %d of %d items", next, visited, len(items))
		}
	})
}
