package org_test

import (
	"fmt"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Everybody is found, however many there are, and nobody else.
func TestUsersAreFound(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 1000} {
		var users []org.User
		for i := range n {
			name := fmt.Sprint(i)
			users = append(users, org.User{ID: id(name), UPN: upn(name), Guest: i%2 == 0, Deleted: i%7 == 6})
		}
		all := org.NewUsers(users)
		for _, want := range users {
			if got, ok := all.ByID(want.ID); !ok || got != want {
				t.Errorf("of %d users %v is %+v", n, want.ID, got)
			}
			if got, ok := all.ByUPN(want.UPN); ok == want.Deleted || ok && got != want {
				t.Errorf("of %d users %s is %+v, %v", n, want.UPN, got, ok)
			}
		}
		stranger := fmt.Sprint(n)
		if got, ok := all.ByID(id(stranger)); ok {
			t.Errorf("of %d users a stranger is %+v", n, got)
		}
		if got, ok := all.ByUPN(upn(stranger)); ok {
			t.Errorf("of %d users a stranger is %+v", n, got)
		}
	}
}
