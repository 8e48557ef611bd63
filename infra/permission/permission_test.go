package permission_test

import (
	"strings"
	"testing"

	"github.com/storeteams/storeteams/infra/permission"
)

// TestFor: no installation is given a permission to write that it does not use,
// nor a smaller one beside a larger.
func TestFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		extent permission.Extent
		tasks  bool
		want   string
	}{
		{permission.Plan, false, "User.Read.All Organization.Read.All Group.Read.All TeamMember.Read.All"},
		{permission.Add, false, "User.Read.All Organization.Read.All Group.ReadWrite.All Team.Create TeamMember.ReadWrite.All"},
		{permission.Full, true, "User.Read.All Organization.Read.All Group.ReadWrite.All Team.Create TeamMember.ReadWrite.All TeamSettings.ReadWrite.All Tasks.ReadWrite.All"},
		{"half", true, ""},
	} {
		var names []string
		for _, p := range permission.For(c.extent, c.tasks) {
			names = append(names, p.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s, tasks %t: %s, want %s", c.extent, c.tasks, got, c.want)
		}
	}
}
