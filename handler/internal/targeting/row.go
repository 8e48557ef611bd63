package targeting

import (
	"strings"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// checkRows checks what the rows say, each by itself and of each other.
func (l *linter) checkRows() {
	for _, e := range l.entries {
		l.checkName(e)
	}
	l.checkUnique()
	loose := l.looseNames()
	for _, e := range l.entries {
		l.checkParents(e, loose)
	}
	for _, e := range l.entries {
		l.checkRoots(e)
	}
	l.checkLoops()
	l.checkTeams()
	l.checkValues()
}

func (l *linter) checkName(e *entry) {
	trimmed := strings.TrimSpace(e.name)
	switch {
	case trimmed == "":
		l.wrong(e.row, "Name the row.", "TargetName is empty")
		return
	case trimmed != e.name:
		l.note(e.row, "Delete the spaces, here and where the row is a parent.", "%s begins or ends with a space", quote(e.name))
	}
	if strings.ContainsFunc(trimmed, func(r rune) bool { return r != ' ' && !allowed(r) }) {
		l.wrong(e.row, "Rename it, here and where the row is a parent.", "%s has characters other than A-Z, a-z, 0-9 and spaces", quote(e.name))
	}
	if n := utf8.RuneCountInString(e.name); n > maxName {
		l.wrong(e.row, "Shorten it, here and where the row is a parent.", "%s has %d characters, and %d may be", quote(e.name), n, maxName)
	}
}

// checkUnique finds names that occur twice. Whether names that differ only in
// case count as different is not published.
func (l *linter) checkUnique() {
	folded := make(map[string]*entry, len(l.entries))
	for _, e := range l.entries {
		if e.name == "" {
			continue
		}
		fold := strings.ToLower(e.name)
		if first := l.byName[e.name]; first != nil {
			l.wrong(e.row, "Rename one of them, or delete one of the rows.", "%s is the name of row %d too", quote(e.name), first.row)
			continue
		}
		l.byName[e.name] = e
		if first := folded[fold]; first != nil {
			l.note(e.row, "Rename one of them.", "%s differs from the name of row %d only in case", quote(e.name), first.row)
		} else {
			folded[fold] = e
		}
	}
}

// looseNames finds names by what people may have meant: case and spaces aside.
func (l *linter) looseNames() map[string]string {
	names := make(map[string]string, len(l.entries))
	for _, e := range l.entries {
		if key := loosely(e.name); names[key] == "" {
			names[key] = e.name
		}
	}
	return names
}

func loosely(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), "")) }

func (l *linter) checkParents(e *entry, loose map[string]string) {
	if e.parent() == "" {
		return
	}
	seen := map[*entry]bool{}
	for name := range strings.SplitSeq(e.parent(), ";") {
		parent := l.byName[name]
		meant := loose[loosely(name)]
		switch {
		case parent == nil && name == "":
			l.wrong(e.row, "Delete the semicolon, or name the parent.", "a parent has no name")
		case parent == nil && meant != "":
			l.wrong(e.row, "Write it exactly as the parent's TargetName.", "no row is called %s; row %d is called %s", quote(name), l.byName[meant].row, quote(meant))
		case parent == nil:
			l.wrong(e.row, "Correct the name, or add a row for the parent.", "no row is called %s", quote(name))
		case seen[parent]:
			l.wrong(e.row, "Delete one of them.", "%s is named as a parent twice", quote(name))
		default:
			seen[parent] = true
			parent.below = true
			e.parents = append(e.parents, parent)
		}
	}
}

// checkRoots checks the rule on several parents: Teams takes them only where all
// of them are roots.
func (l *linter) checkRoots(e *entry) {
	if len(e.parents) > maxParents {
		l.wrong(e.row, "Delete some of them.", "it has %d parents, and %d may be", len(e.parents), maxParents)
	}
	if len(e.parents) < 2 {
		return
	}
	for _, parent := range e.parents {
		if parent.parent() != "" {
			l.wrong(e.row, "Leave only one parent, or only roots.", "it has several parents, and %s is no root", quote(parent.name))
		}
	}
}

// checkLoops finds rows that are above themselves, each circle once.
func (l *linter) checkLoops() {
	const closed = -1
	places := make(map[*entry]int, len(l.entries)) // on the path, from 1; closed: all above it was seen
	var path []string
	var climb func(e *entry)
	climb = func(e *entry) {
		path = append(path, e.name)
		places[e] = len(path)
		for _, parent := range e.parents {
			switch place := places[parent]; {
			case place > 0:
				l.wrong(e.row, "Give one of them another parent, or none.", "its parent %s is below it: %s", quote(parent.name), circle(path[place-1:]))
			case place != closed:
				climb(parent)
			}
		}
		path = path[:len(path)-1]
		places[e] = closed
	}
	for _, e := range l.entries {
		if places[e] == 0 {
			climb(e)
		}
	}
}

// circle shows the way from a row to itself, as far as it is short.
func circle(way []string) string {
	const shown = 5
	text := strings.Join(way[:min(len(way), shown)], " < ")
	if len(way) > shown {
		text += " < ..."
	}
	return quote(text + " < " + way[0])
}

// checkTeams checks the links to teams.
func (l *linter) checkTeams() {
	rows := make(map[org.UserID]int, len(l.entries))
	for _, e := range l.entries {
		if e.team() == "" {
			switch {
			case !e.below:
				l.wrong(e.row, "Write the team's group id, or delete the row.", "nothing is below %s and it has no TeamId", quote(e.name))
			case e.parent() == "":
				l.note(e.row, "Write the group id of the team whose members are to publish.", "%s is a root and has no TeamId: nobody can publish from it", quote(e.name))
			}
			continue
		}
		id, err := org.ParseUserID(e.team()) // group ids are GUIDs as object ids of users are
		switch {
		case err != nil || id.IsZero() || !strings.EqualFold(id.String(), e.team()):
			l.wrong(e.row, "Write the team's group id, as the Teams admin center shows it.", "TeamId %s is no group id", quote(e.team()))
		case rows[id] != 0:
			l.wrong(e.row, "Delete one of the rows, or correct the TeamId.", "the team is linked to row %d too", rows[id])
		default:
			rows[id] = e.row
		}
	}
}
