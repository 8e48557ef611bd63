package graph_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/storeteams/storeteams/infra/permission"
)

// TestGrantedIsEnough: what infra/grant grants lets every read through, whatever
// MODE it is asked for.
func TestGrantedIsEnough(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(r *http.Request, _ string) *http.Response { return bare(r) })
	calls := probed(t.Context(), t, c)
	for _, extent := range []permission.Extent{permission.Plan, permission.Add, permission.Full} {
		var granted []string
		for _, p := range permission.For(extent, false) {
			granted = append(granted, p.Name)
		}
		for name, call := range calls {
			if !slices.ContainsFunc(call.Needs, func(p string) bool { return slices.Contains(granted, p) }) {
				t.Errorf("-mode %s: %s needs one of %q, granted are %q", extent, name, call.Needs, granted)
			}
		}
	}
}
