package task

import (
	"maps"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// PreviewLasts is how long a preview waits for the second completion.
const PreviewLasts = 24 * time.Hour

// Look is what was seen of one list.
type Look struct {
	List    List
	Bucket  string
	Name    string            // the bucket's
	Stores  []org.StoreNumber // whom the list's targets name, sorted
	Manager bool              // whoever completed the Send task may send
	Now     time.Time
	// SightingInterval is the least time between two sightings of a task's absence.
	SightingInterval time.Duration
}

// Step is what a look leads to, in this order. The zero Step is nothing.
type Step struct {
	Drop     bool      // forget the campaign: it was never sent
	Campaign *Campaign // to be remembered instead of what was
	// Answer is to stand on the Send task, reopened; empty: leave it.
	Answer string
	// Preview: once the answer stands there, remember [Campaign.Seen].
	Preview bool
}

// Next decides what a look at a list leads to. c is what is remembered of it, nil
// if nothing is; it is not changed.
//
// The Send task completed by a manager shows the preview; completed again, within
// [PreviewLasts] and with the list as it was previewed, it sends. Once sent, the
// list goes on as people edit it: what a mistake keeps back waits, with a note.
// Only two things wait although nothing is wrong: a task that is not in the list
// any more, for a second sighting; and a store that the same targets do not name
// any more keeps what it has, so that an organization read badly drops nobody.
func Next(c *Campaign, look Look) Step {
	if c != nil && look.List.Send.Version < c.Card {
		return Step{} // an old reading
	}
	step := next(c, look)
	if c == nil || c.Missing.IsZero() || step.Drop {
		return step
	}
	if step.Campaign == nil {
		back := *c
		step.Campaign = &back
	}
	step.Campaign.Missing = time.Time{}
	return step
}

func next(c *Campaign, look Look) Step {
	switch {
	case c == nil || c.State == Draft:
		return nextDraft(c, look)
	case c.State == Withdrawn && !look.List.Cancel:
		return noted(c, cancelledForGood)
	case c.State == Withdrawn || c.State == Done && look.List.Cancel:
		return noted(c, "")
	case look.List.Cancel:
		return withdraw(c)
	}
	return nextSent(c, look)
}

// Lost decides what follows when the Send task is not on the board. A draft is
// forgotten; what was sent stays as it is.
func Lost(c *Campaign, now time.Time) Step {
	switch {
	case c.State == Draft:
		return Step{Drop: true}
	case c.Missing.IsZero():
		lost := *c
		lost.Missing = now
		return Step{Campaign: &lost}
	}
	return Step{}
}

// Seen returns the campaign with its preview standing on the Send task, in that
// version of it.
func (c Campaign) Seen(card string) Campaign {
	c.Card, c.Shown = card, true
	return c
}

func nextDraft(c *Campaign, look Look) Step {
	completed := look.List.Send.Values[Status] == Completed
	decided := c != nil && c.Preview != ""
	// A preview that may not stand on the task yet: we were killed in between.
	unshown := decided && !c.Shown
	switch {
	case look.List.Cancel:
		return Step{Drop: c != nil}
	case !completed && !unshown:
		return Step{}
	case completed && !look.Manager:
		return Step{Drop: c != nil, Answer: OnlyManagers}
	}
	if mistakes := look.mistakes(nil); len(mistakes) > 0 {
		return Step{Drop: c != nil, Answer: notSentText(mistakes)}
	}
	wanted := look.campaign()
	again := completed && decided && c.Shown && look.List.Send.Version > c.Card
	if again && c.Preview == versionOf(&wanted) && look.Now.Sub(c.Previewed) <= PreviewLasts {
		wanted.State, wanted.Version, wanted.SentAt = Sending, c.Preview, look.Now
		wanted.Card = look.List.Send.Version
		return Step{Campaign: &wanted}
	}
	return Step{
		Campaign: &Campaign{
			ID: wanted.ID, Bucket: wanted.Bucket, Name: wanted.Name, State: Draft, Target: wanted.Target,
			Previewed: look.Now, Preview: versionOf(&wanted), Card: look.List.Send.Version,
		},
		Answer:  previewText(len(wanted.Stores), len(wanted.Templates), wanted.Target),
		Preview: true,
	}
}

// nextSent sends on what was edited since.
func nextSent(c *Campaign, look Look) Step {
	if look.Bucket != c.Bucket {
		return noted(c, movedOut)
	}
	if mistakes := look.mistakes(c); len(mistakes) > 0 {
		return noted(c, noteText(mistakes))
	}
	wanted := look.campaign()
	edited := *c
	edited.Name, edited.Target, edited.Note = wanted.Name, wanted.Target, ""
	edited.Templates, edited.Absent = stillThere(c, wanted.Templates, look)
	switch {
	case !sameWords(c.Words, wanted.Words):
		edited.Words, edited.Stores = wanted.Words, wanted.Stores
	case c.State != Done: // a store opened since is late for what is done
		edited.Stores = sortedUnion(c.Stores, wanted.Stores)
	}
	edited.Version = versionOf(&edited)
	if edited.Version != c.Version {
		edited.State, edited.EndedAt, edited.RolledUp = Sending, time.Time{}, time.Time{}
		edited.Dropped = sortedWithout(c.Audience(), edited.Stores)
		return Step{Campaign: &edited}
	}
	if c.Note != "" || !maps.Equal(c.Absent, edited.Absent) {
		edited.Templates = c.Templates
		edited.RolledUp = time.Time{}
		return Step{Campaign: &edited}
	}
	return Step{}
}

// stillThere returns the list's templates and those that it shows no more but
// that have to be seen missing again; and since when each of these is.
func stillThere(c *Campaign, shown []Template, look Look) (templates []Template, absent map[string]time.Time) {
	templates = slices.Clone(shown)
	for _, t := range c.Templates {
		if slices.ContainsFunc(shown, func(s Template) bool { return s.ID == t.ID }) {
			continue
		}
		since, noted := c.Absent[t.ID]
		if noted && look.Now.Sub(since) >= look.SightingInterval {
			continue
		}
		if !noted {
			since = look.Now
		}
		if absent == nil {
			absent = map[string]time.Time{}
		}
		absent[t.ID] = since
		templates = append(templates, t)
	}
	return templates, absent
}

// withdraw takes back what is untouched, in every store.
func withdraw(c *Campaign) Step {
	back := *c
	back.State, back.Note, back.Absent = Withdrawn, "", nil
	back.EndedAt, back.RolledUp = time.Time{}, time.Time{}
	back.Version = versionOf(&back)
	return Step{Campaign: &back}
}

// noted leaves the campaign as it is, with a note; empty: without.
func noted(c *Campaign, note string) Step {
	if c.Note == note {
		return Step{}
	}
	with := *c
	with.Note, with.RolledUp = note, time.Time{}
	return Step{Campaign: &with}
}

// campaign returns what the list as it stands would send.
func (l Look) campaign() Campaign {
	return Campaign{
		ID: l.List.Send.ID, Bucket: l.Bucket, Name: l.Name, Target: l.List.Target,
		Words: l.List.Words, Templates: l.List.Templates, Stores: l.Stores,
	}
}

// mistakes returns why the list cannot be sent. The target date of a list that was
// sent goes by some day; moving it there is a mistake.
func (l Look) mistakes(sent *Campaign) []string {
	mistakes := l.List.Mistakes
	day, ok := DayOf(l.List.Target)
	if !ok || sent != nil && sent.Target == l.List.Target {
		return mistakes
	}
	// The day is over once it is over everywhere: at UTC-12.
	if over := day.AddDate(0, 0, 1).Add(12 * time.Hour); !l.Now.Before(over) {
		mistakes = append(slices.Clip(mistakes), pastSentence(l.List.Target))
	}
	return mistakes
}
