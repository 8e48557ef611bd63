package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/world"
)

// maxShownName is how much of a team's name a table has room for.
const maxShownName = 44

// namesOf maps the tenant's users to what people call them.
func namesOf(w world.World) (map[string]string, error) {
	names := map[string]string{}
	for _, row := range w.Graph.Users {
		var user struct {
			ID   string `json:"id"`
			Name string `json:"displayName"`
		}
		if err := json.Unmarshal(row, &user); err != nil {
			return nil, fmt.Errorf("read the world's users: %w", err)
		}
		names[strings.ToLower(user.ID)] = user.Name
	}
	return names, nil
}

// userID matches an object id where a plan has a user.
var userID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// showRun shows what a run planned and what became of it. The handler writes
// object ids only; here, where the people are invented, names read better.
func showRun(w io.Writer, round int, run environment.Run, names map[string]string) {
	plan := userID.ReplaceAllStringFunc(strings.TrimRight(run.Plan, "\n"), func(id string) string {
		if name := names[id]; name != "" {
			return name
		}
		return id
	})
	fmt.Fprintf(w, "Run %d (%s)\n\n%s\n", round, run.Outcome, plan)
	for _, note := range run.Notes {
		if note.Kind == "failed" || note.Kind == "waiting" {
			fmt.Fprintf(w, "  %s %s: %s\n", note.Kind, note.Team, note.Text)
		}
	}
	fmt.Fprintln(w)
}

// showTeams shows the tenant's teams.
func showTeams(w io.Writer, teams []simgraph.TeamState, names map[string]string) {
	fmt.Fprintln(w, "Teams in the tenant")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nNAME\tMARKER\tMEMBERS\tOWNERS")
	slices.SortFunc(teams, func(a, b simgraph.TeamState) int { return strings.Compare(a.Name, b.Name) })
	for _, team := range teams {
		if !team.HasTeam {
			continue
		}
		var owners []string
		for _, id := range team.Owners {
			owners = append(owners, names[id])
		}
		slices.Sort(owners)
		name := short(team.Name)
		if team.Archived {
			name += ", archived"
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", name, team.UniqueName, len(team.Members), strings.Join(owners, ", "))
	}
	_ = table.Flush() // what w says, the other lines to it do not ask either
}

func short(name string) string {
	if utf8.RuneCountInString(name) <= maxShownName {
		return name
	}
	return string([]rune(name)[:maxShownName-1]) + "…"
}

// showReport shows what a person should look at.
func showReport(w io.Writer, run environment.Run) {
	fmt.Fprintf(w, "\n%d stores, %d memberships wanted\n", run.Stores, run.People)
	show := func(title string, counts map[string]int) {
		if len(counts) == 0 {
			return
		}
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
		}
		fmt.Fprintf(w, "%s: %s\n", title, strings.Join(parts, ", "))
	}
	show("Workers who cannot be added", run.Unmapped)
	show("To look at", run.Findings)
	for _, note := range run.Notes {
		fmt.Fprintf(w, "  %s\n", strings.TrimSpace(note.Team+" "+note.Kind+": "+note.Text))
	}
	show("Requests to Graph in the last run", run.GraphCalls)
}
