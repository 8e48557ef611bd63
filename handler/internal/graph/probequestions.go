package graph

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/batch"
	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/pages"
)

// The application permissions any one of which is enough for a kind of read, by
// how much they allow, the least first. The pages on each request say so
// (group-delta, group-list-members, user-delta, team-get, team-list-members,
// organization-get). Of deleted items the page names the least one alone; who may
// restore a group may see it. Of lists of groups it names one first that is for
// writing, which is left out.
func readsGroups() []string {
	return []string{"GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"}
}

func readsPeopleOfGroups() []string {
	return []string{"GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Directory.Read.All", "Group.ReadWrite.All"}
}

func readsDeletedGroups() []string { return []string{"Group.Read.All", "Group.ReadWrite.All"} }

func readsUsers() []string {
	return []string{"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
}

func readsTeams() []string {
	return []string{
		"Team.ReadBasic.All", "TeamSettings.Read.All", "TeamSettings.ReadWrite.All",
		"Group.Read.All", "Directory.Read.All", "Group.ReadWrite.All", "Directory.ReadWrite.All",
	}
}

func readsPeopleOfTeams() []string {
	return []string{"TeamMember.Read.All", "TeamMember.ReadWrite.All"}
}

func readsOrganization() []string {
	return []string{"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
}

// What a tenant without groups is asked about. No marker of ours is like this one.
const (
	nowhere  = "00000000-0000-4000-8000-000000000000"
	unmarked = org.MarkerPrefix + "doctor"
)

// sample is what to ask about. The zero value is what is nowhere.
type sample struct {
	group, team groupItem
}

// question asks for groups and fills the sample. One page of them has to do.
func (s *sample) question() question {
	return question{
		name: "GET /groups", needs: readsGroups(), reason: "find a group and a team to try the other reads on",
		ref: "groups?$select=id,uniqueName,resourceProvisioningOptions&$top=100",
		answer: func(body io.Reader) error {
			_, err := pages.Decode(body, func(item groupItem) error {
				s.see(item)
				return nil
			})
			return err
		},
	}
}

// see takes a group into the sample that suits better than the ones so far.
func (s *sample) see(item groupItem) {
	better := func(than groupItem) bool { return than.ID == "" || ours(item) && !ours(than) }
	switch {
	case item.ID == "":
		return
	case hasTeam(item.Provisioning.value) && better(s.team):
		s.team = item
	}
	if better(s.group) {
		s.group = item
	}
}

// ours reports whether a group is storeteams', of any instance.
func ours(item groupItem) bool { return strings.HasPrefix(item.Marker.value, org.MarkerPrefix) }

// orNowhere returns a group's id as it stands in an address.
func orNowhere(item groupItem) string {
	if item.ID == "" {
		return nowhere
	}
	return url.PathEscape(item.ID)
}

// questions are what a probe asks beside the sample's.
func (c *Client) questions(s sample) []question {
	group, team, marker := "groups/"+orNowhere(s.group), "teams/"+orNowhere(s.team), unmarked
	if ours(s.group) {
		marker = s.group.Marker.value
	}
	return []question{
		{name: "GET /groups/delta", needs: readsGroups(), reason: "see which groups and members changed",
			ref: groupsDelta + "&$deltatoken=latest", answer: readsDelta},
		{name: "GET /users/delta", needs: readsUsers(), reason: "see which accounts were disabled, deleted or licensed",
			ref: usersDelta + "&$deltatoken=latest", answer: readsDelta},
		{name: "GET /groups/{id}", needs: readsGroups(), reason: "read a group whole",
			ref: group + "?$select=" + groupProperties, absent: true, answer: readsObject},
		{name: "GET /groups/{id}/members", needs: readsPeopleOfGroups(), reason: "read who is in a group",
			ref: group + "/members?$select=id&$top=1", absent: true, answer: readsList},
		{name: "GET /groups/{id}/owners", needs: readsPeopleOfGroups(), reason: "read who owns a group",
			ref: group + "/owners?$select=id&$top=1", absent: true, answer: readsList},
		{name: "GET /groups(uniqueName='{marker}')", needs: readsGroups(), reason: "find a store's group by its marker",
			ref: "groups(uniqueName='" + url.PathEscape(marker) + "')?$select=id", absent: true, answer: readsObject},
		{name: "GET /teams/{id}", needs: readsTeams(), reason: "see whether a team is there, and whether it is archived",
			ref: team + "?$select=id,isArchived", absent: true, answer: readsObject},
		{name: "GET /teams/{id}/members", needs: readsPeopleOfTeams(), reason: "read who is in a team before changing it",
			ref: team + "/members", absent: true, answer: readsList},
		{name: "GET /directory/deletedItems/microsoft.graph.group", needs: readsDeletedGroups(), reason: "find teams that were deleted by hand",
			ref: "directory/deletedItems/microsoft.graph.group?$select=id&$top=1", answer: readsList},
		{name: "GET /organization", needs: readsOrganization(), reason: "check that TENANT_ID is the tenant that answers, and look at its licences",
			ref: "organization?$select=id", answer: c.readsTenant},
		{name: "POST /$batch", needs: readsGroups(), reason: "read many groups at once",
			batch: "/" + group + "?$select=id", answer: readsBatch},
	}
}

// readsList wants a page of a collection.
func readsList(body io.Reader) error {
	_, err := pages.Decode(body, func(objectItem) error { return nil })
	return err
}

// readsDelta wants a page that says where to go on.
func readsDelta(body io.Reader) error {
	p, err := pages.Decode(body, func(objectItem) error { return nil })
	if err == nil && p.Next == "" && p.Delta == "" {
		err = errors.New("the page has neither nextLink nor deltaLink")
	}
	return err
}

// readsObject wants one thing.
func readsObject(body io.Reader) error {
	var item objectItem
	if err := json.NewDecoder(body).Decode(&item); err != nil {
		return err
	}
	if item.ID == "" {
		return errors.New("there is no id")
	}
	return nil
}

// readsBatch wants an answer to the one request. What it says is told by the
// question that asks the same alone.
func readsBatch(body io.Reader) error {
	answer, err := batch.Answered(body)
	if err == nil && answer.Status == 0 {
		err = errors.New("the request was left out")
	}
	return err
}

// readsTenant wants the organization, of which there is one, to be the one that
// is expected.
func (c *Client) readsTenant(body io.Reader) error {
	id := ""
	_, err := pages.Decode(body, func(item objectItem) error {
		id = item.ID
		return nil
	})
	switch {
	case err != nil:
		return err
	case id == "":
		return errors.New("there is no organization")
	case c.tenant != "" && !strings.EqualFold(id, c.tenant):
		return fault.New(fault.Invalid, "graph: compare tenants", doctor.OtherTenant{ID: id})
	}
	return nil
}
