package targeting

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// Build makes the hierarchy of the stores in scope that are open: the
// communications team at the top, because its members are to publish to all
// stores and who publishes has to be in a team above; the nodes of Commerce's
// hierarchy, which only group; the stores, linked to their teams.
func Build(s *orgsync.Survey) Export {
	b := &builder{survey: s, tree: org.NewTree(s.Snapshot, s.Settings.Rules.Hierarchy, s.At), byParty: map[string]*node{}}
	b.shared = sharedGroups(s)
	b.doubtReading()
	if b.treeUsable() {
		for _, team := range s.Roster.Teams {
			if team.Key.IsStore() {
				b.placeStore(team)
			}
		}
		b.crown()
	}
	b.name()
	e := Export{Rows: b.rows(), Problems: b.problems}
	if e.Problems == nil {
		e.Problems = []Problem{}
	}
	return e
}

// node is a row in the making.
type node struct {
	subject string // as problems call it
	wish    string // the name it would have if there were no rules
	kind    string // what to call it if nothing of the wish can be written
	key     string // the store's number or the party: tells it from others of the name
	parent  *node
	team    org.TeamID
	store   org.StoreNumber

	name string
}

type builder struct {
	survey   *orgsync.Survey
	tree     *org.Tree
	shared   map[org.TeamID]bool // groups that several teams are linked to
	nodes    []*node             // parents before children
	byParty  map[string]*node
	problems []Problem
}

func (b *builder) wrong(subject, fix, format string, args ...any) {
	b.problems = append(b.problems, Problem{Level: Wrong, Subject: subject, Text: fmt.Sprintf(format, args...), Fix: fix})
}

func (b *builder) note(subject, fix, format string, args ...any) {
	b.problems = append(b.problems, Problem{Level: Note, Subject: subject, Text: fmt.Sprintf(format, args...), Fix: fix})
}

// doubtReading reports a reading that may lack stores: an upload replaces the
// whole hierarchy, and what it lacks can no longer be published to.
func (b *builder) doubtReading() {
	if short := b.survey.Source.Short; short != "" {
		b.wrong("file", "Wait for a complete reading, or accept the smaller one (baseline accept), and export again.",
			"stores may be missing, because Commerce's last reading was short: %s", short)
	}
}

// treeUsable reports whether there is a hierarchy to build from.
func (b *builder) treeUsable() bool {
	const fix = "Give a hierarchy the purpose RetailReporting in Commerce and publish it, or name one in HIERARCHY."
	switch {
	case b.tree.Name == "":
		b.wrong("hierarchy", fix, "Commerce has no hierarchy with the purpose RetailReporting")
	case b.tree.Empty():
		b.wrong("hierarchy", fix, "Commerce has published nothing of the hierarchy %q", b.tree.Name)
	default:
		if b.tree.Unclear {
			b.note("hierarchy", "Make one of them the default in Commerce, or name one in HIERARCHY.",
				"several hierarchies have the purpose RetailReporting; %q was taken", b.tree.Name)
		}
		return true
	}
	return false
}

// placeStore puts a store below the nodes above it.
func (b *builder) placeStore(team org.Team) {
	subject := team.Key.String()
	group, linked := b.teamOf(team.Key)
	place := b.tree.Place(team.Key.Store)
	switch {
	case place.Party == "":
		b.wrong(subject, "Put the store into the hierarchy in Commerce and publish it.", "the hierarchy %q does not have the store", b.tree.Name)
		return
	case place.Loop:
		b.wrong(subject, "Correct the hierarchy in Commerce and publish it.", "the hierarchy %q runs in a circle above the store", b.tree.Name)
		return
	case !linked:
		return
	}
	n := &node{subject: subject, wish: team.Name, kind: "Store", key: string(team.Key.Store), team: group, store: team.Key.Store}
	if team.Nameless {
		n.wish = ""
	}
	n.parent = b.above(place)
	switch there := b.byParty[place.Party]; {
	case there == nil:
		b.byParty[place.Party] = n
		b.nodes = append(b.nodes, n)
	case there.store == "": // other stores are below this one
		*there = *n
	default:
		b.note(subject, "Give each store an operating unit of its own in Commerce.", "the store has the same place in the hierarchy as %s", there.subject)
		b.nodes = append(b.nodes, n)
	}
}

// above returns the node right above a place, with all those above that; nil
// for a root.
func (b *builder) above(place org.Place) *node {
	var parent *node
	for _, step := range slices.Backward(place.Above) {
		n := b.byParty[step.Party]
		if n == nil {
			n = &node{subject: "node " + step.Party, wish: step.Name, kind: "Node", key: step.Party, parent: parent}
			b.byParty[step.Party] = n
			b.nodes = append(b.nodes, n)
		}
		parent = n
	}
	return parent
}

// crown puts the communications team above the roots.
func (b *builder) crown() {
	if len(b.nodes) == 0 {
		b.wrong("file", "Correct what is wrong with the stores, or let OrgSync make their teams, and export again.", "there is no store to publish to")
		return
	}
	if len(b.nodes) > maxNodes-1 {
		b.wrong("file", "Limit SCOPE, or ask Microsoft to raise the limit for the tenant.", "%d rows are more than the %d that Teams takes", len(b.nodes)+1, maxNodes)
	}
	group, linked := b.teamOf(org.Communications)
	if !linked {
		return // said already
	}
	top := &node{subject: org.Communications.String(), wish: b.survey.Settings.Rules.CommunicationsTeamName, kind: "Communications", team: group}
	for _, n := range b.nodes {
		if n.parent == nil {
			n.parent = top
		}
	}
	b.nodes = append([]*node{top}, b.nodes...)
}

// rows lists the nodes as people read a tree: each below its parent, siblings
// by name.
func (b *builder) rows() []Row {
	children := map[*node][]*node{}
	for _, n := range b.nodes {
		children[n.parent] = append(children[n.parent], n)
	}
	for _, siblings := range children {
		slices.SortFunc(siblings, func(x, y *node) int {
			return cmp.Or(cmp.Compare(strings.ToLower(x.name), strings.ToLower(y.name)), cmp.Compare(x.name, y.name))
		})
	}
	rows := make([]Row, 0, len(b.nodes))
	var list func(parent *node)
	list = func(parent *node) {
		for _, n := range children[parent] {
			row := Row{Name: n.name, Team: n.team, Store: n.store}
			if parent != nil {
				row.Parent = parent.name
			}
			rows = append(rows, row)
			list(n)
		}
	}
	list(nil)
	return rows
}
