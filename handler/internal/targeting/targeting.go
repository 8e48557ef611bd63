// Package targeting makes the file by which Teams publishes tasks to many
// stores at once: the targeting hierarchy, from the retail hierarchy that
// Commerce published and the teams that storeteams linked to its stores. It
// also checks a file that exists already.
//
// The rules are those of "Set up your team targeting hierarchy" (Microsoft
// Teams documentation) and of Set-TeamTargetingHierarchy, which uploads the
// file: there is no Graph API for it. Where the text says that a name has only
// letters and digits and its own examples have spaces, spaces count as allowed.
// A deepest level is not published, so none is checked.
//
// The package is pure: no I/O but the reader and writer it is given, no clock.
// It uploads nothing: that takes a Teams administrator, and every upload
// replaces the tenant's one hierarchy.
package targeting

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// The published limits.
const (
	maxName    = 100   // characters of a name
	maxNodes   = 15000 // rows
	maxParents = 25    // of one row, and then only roots
)

// The columns that every file begins with, in this order.
const (
	targetName = "TargetName"
	parentName = "ParentName"
	teamID     = "TeamId"
)

// Export is the hierarchy of a tenant, ready to be uploaded unless it is Sick.
type Export struct {
	// Rows are the file's, each after its parent. What is wrong with a store
	// leaves it out of them.
	Rows     []Row     `json:"rows"`
	Problems []Problem `json:"problems"`
}

// Row is one node of the hierarchy.
type Row struct {
	Name   string          `json:"name"`   // unique, also but for case
	Parent string          `json:"parent"` // the parent's name; empty: a root
	Team   org.TeamID      `json:"team"`   // the group linked to it; empty: it only groups others
	Store  org.StoreNumber `json:"store"`  // whose row it is; empty: no store's
}

// Problem is something that a person should know of a hierarchy.
type Problem struct {
	Level   Level  `json:"level"`
	Subject string `json:"subject"` // what it is about: "store 000135", "node LM-910", "row 12", "file"
	Text    string `json:"text"`    // what is the matter, one sentence
	Fix     string `json:"fix"`     // what to do about it, one sentence; always there when Wrong
}

// Level says how bad a problem is.
type Level string

// The levels.
const (
	Wrong Level = "wrong" // Teams refuses the file, or stores are missing from it
	Note  Level = "note"  // the file can be used as it is
)

// Sick reports whether the hierarchy had better not be uploaded.
func (e Export) Sick() bool {
	for _, p := range e.Problems {
		if p.Level == Wrong {
			return true
		}
	}
	return false
}

// WriteCSV writes the file: UTF-8 without a byte order mark, lines ended by LF.
//
// Nothing is done against cells that a spreadsheet takes for formulas, because
// there can be none: names begin with a letter or digit, ids with a hex digit.
func (e Export) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	lines := [][]string{{targetName, parentName, teamID}}
	for _, row := range e.Rows {
		lines = append(lines, []string{row.Name, row.Parent, string(row.Team)})
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("targeting: write the file: %w", err)
	}
	return nil
}
