package simgraph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

func TestSameSeedSameIDs(t *testing.T) {
	ids := func(seed uint64) string {
		r := newRig(t, simgraph.Options{Seed: seed})
		made := r.want(201, "POST", "/groups", newGroup("n", nil)).text("id")
		return made + r.membership(anna)
	}
	equal(t, "same seed", ids(4), ids(4))
	if ids(4) == ids(5) {
		t.Error("the seed changes nothing")
	}
}

// TestScale reads fifty thousand people through delta and writes from many
// clients at once; run with -race it is the test of the locks too.
func TestScale(t *testing.T) {
	r := rigOf(t, crowd(1000, 50), simgraph.Options{ReadLag: time.Second, DeltaOwners: true})
	items, link := r.round("/users/delta?$select=id,accountEnabled")
	equal(t, "users", len(items), 50_000)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			for j := range 20 {
				id := fmt.Sprintf("bbbbbbbb-0000-4000-8000-%012d", i*50+j)
				person := fmt.Sprintf("aaaaaaaa-0000-4000-8000-%06d%06d", 999-i, j)
				body, err := json.Marshal(values(member(person)))
				if err != nil {
					t.Error(err)
					return
				}
				request := httptest.NewRequestWithContext(t.Context(), "POST", root+"/teams/"+id+"/members/add", bytes.NewReader(body))
				request.Header.Set("Authorization", "Bearer x")
				request.Header.Set("Content-Type", "application/json")
				recorder := httptest.NewRecorder()
				r.tenant.ServeHTTP(recorder, request)
				if recorder.Code != http.StatusOK {
					t.Error(recorder.Code, recorder.Body)
				}
			}
		})
	}
	group.Wait()
	total := 0
	for _, state := range r.tenant.Teams() {
		total += len(state.Owners) + len(state.Members)
	}
	equal(t, "memberships", total, 50_400)
	if err := r.tenant.SetUser("aaaaaaaa-0000-4000-8000-000000000000", func(u *simgraph.User) { u.AccountEnabled = false }); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(time.Minute)
	items, _ = r.round(link)
	equal(t, "changed users", len(items), 1)
	items, _ = r.round(membersDelta)
	equal(t, "groups", len(items), 1000)
}
