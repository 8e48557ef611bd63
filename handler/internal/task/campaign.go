package task

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Campaign is a list that was sent from the communications board, or is about to
// be: one row each. Its id is that of the Planner task that sends it.
type Campaign struct {
	ID     string        `json:"id"`     // the Send task's Planner id
	Bucket string        `json:"bucket"` // the list's bucket on the communications board
	Name   string        `json:"name"`
	State  CampaignState `json:"state"`
	Target string        `json:"target"` // the target date, as a Due value

	// A draft has none of these four: they are what was sent.
	Words     []string          `json:"words,omitempty"`     // the targets as people wrote them
	Templates []Template        `json:"templates,omitempty"` // in the list's order
	Stores    []org.StoreNumber `json:"stores,omitempty"`    // whom it goes to, sorted
	Dropped   []org.StoreNumber `json:"dropped,omitempty"`   // whom it went to before, sorted

	// Version names this content: a store's board that has it needs nothing. The
	// boards of stores in Dropped take it too, once they gave back what was untouched.
	Version string `json:"version,omitempty"`

	// Previewed is when the preview of the content Preview was decided on, and
	// Shown that it stood on the Send task and the task was reopened. Only a
	// completion after that sends.
	Previewed time.Time `json:"previewed,omitzero"`
	Preview   string    `json:"preview,omitempty"`
	Shown     bool      `json:"shown,omitempty"`
	// Card is the newest version of the Send task that counted; older readings
	// of it are stale.
	Card string `json:"card,omitempty"`

	// Absent are templates that the list does not show any more, by id, and since
	// when. They are taken back at a second sighting.
	Absent map[string]time.Time `json:"absent,omitempty"`
	// Missing is since when the Send task, or its bucket, is not on the board.
	// Nothing is withdrawn for that.
	Missing time.Time `json:"missing,omitzero"`
	// Note says why the list as it stands now is not sent on.
	Note string `json:"note,omitempty"`

	SentAt   time.Time `json:"sentAt,omitzero"`
	EndedAt  time.Time `json:"endedAt,omitzero"`  // done or cancelled, and shown so
	RolledUp time.Time `json:"rolledUp,omitzero"` // when the figures were last shown on the Send task; zero: at once
	Figures  Mark      `json:"figures,omitzero"`  // stands for what was shown then
}

// CampaignState is how far a campaign is.
type CampaignState string

// The states of a campaign.
const (
	Draft     CampaignState = "draft"     // previewed, not sent
	Sending   CampaignState = "sending"   // not every store has this version yet
	Open      CampaignState = "open"      // every store has it
	Done      CampaignState = "done"      // every store is done
	Withdrawn CampaignState = "cancelled" // what was untouched is being taken back, or was
)

// Template is one task of a list. Its values are those of the fields Title,
// Instructions, Due, Link and Contact.
type Template struct {
	ID     string `json:"id"` // its Planner task on the communications board
	Values Values `json:"values"`
}

// Audience returns every store whose board has to take the campaign's version:
// those it goes to, and those it went to before. Sorted.
func (c *Campaign) Audience() []org.StoreNumber {
	return sortedUnion(c.Stores, c.Dropped)
}

// versionOf names what stores are to have of a campaign: its name, target date,
// templates and stores, and whether it is withdrawn. The order of templates and
// anything about the Send task do not count. The names have to stay the same from
// release to release, or every campaign is sent again.
func versionOf(c *Campaign) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q %t %q\n", c.Name, c.Target, c.State == Withdrawn, c.Stores)
	templates := slices.SortedFunc(slices.Values(c.Templates), func(a, b Template) int { return cmp.Compare(a.ID, b.ID) })
	for _, t := range templates {
		fmt.Fprintf(hash, "%q", t.ID)
		for field := range fieldCount {
			fmt.Fprintf(hash, " %d=%q", field, t.Values[field])
		}
		fmt.Fprintln(hash)
	}
	return hex.EncodeToString(hash.Sum(nil)[:12])
}

// sortedUnion returns what is in either, sorted, once each.
func sortedUnion(a, b []org.StoreNumber) []org.StoreNumber {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// sortedWithout returns what is in a and not in b, of two sorted slices.
func sortedWithout(a, b []org.StoreNumber) []org.StoreNumber {
	var rest []org.StoreNumber
	for _, number := range a {
		if _, found := slices.BinarySearch(b, number); !found {
			rest = append(rest, number)
		}
	}
	return rest
}

// sameWords reports whether two lists of targets say the same, in any order.
func sameWords(a, b []string) bool {
	fold := func(words []string) []string {
		folded := make([]string, len(words))
		for i, word := range words {
			folded[i] = strings.ToLower(word)
		}
		slices.Sort(folded)
		return slices.Compact(folded)
	}
	return slices.Equal(fold(a), fold(b))
}
