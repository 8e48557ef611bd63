package orgsync

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

func (j *job) promote(ctx context.Context, c plan.Change) error {
	err := j.syncer.Teams.Promote(ctx, j.group.ID, c.User)
	switch {
	case fault.Is(err, fault.NotFound):
		j.group.People.Drop(c.User) // the mirror was wrong: the next run adds them
		return err
	case err != nil:
		return err
	}
	j.group.People.Set(c.User, org.Owner)
	j.returned(c)
	return nil
}

// returned remembers that what was undone by hand is as it was: undone once
// more, that is a person's doing again.
func (j *job) returned(c plan.Change) {
	if c.PutBack {
		j.link.Rails = j.link.Rails.Returned(c.User, time.Now().UTC())
	}
}

// add adds people, owners first, in as few calls as it takes.
func (j *job) add(ctx context.Context, adds []plan.Change, t *tally) {
	if len(adds) == 0 {
		return
	}
	people := make([]org.Person, len(adds))
	for i, c := range adds {
		people[i].User = c.User
		if c.Kind == plan.AddOwner {
			people[i].Role = org.Owner
		}
	}
	if err := j.noteAdding(ctx, adds, people); err != nil {
		t.note(j, adds, err)
		j.missed = true
		return
	}
	var results []error
	err := j.whileYoung(ctx, func() (err error) {
		results, err = j.syncer.Teams.AddMembers(ctx, j.group.ID, people)
		return err
	})
	for i, c := range adds {
		outcome := err
		if i < len(results) {
			outcome = results[i]
		}
		if outcome == nil {
			j.group.People.Set(c.User, people[i].Role)
			j.returned(c)
		} else if c.Kind == plan.AddOwner {
			j.missed = true
		}
		t.note(j, adds[i:i+1], outcome)
	}
}

// noteAdding writes down who is about to be added.
func (j *job) noteAdding(ctx context.Context, adds []plan.Change, people []org.Person) error {
	now := time.Now().UTC().Truncate(time.Second)
	for i, c := range adds {
		j.link.Adding.Set(org.Managed{User: c.User, Role: people[i].Role, Worker: c.Worker, Reason: c.Reason, Since: now})
	}
	return j.syncer.Book.SaveLink(ctx, j.link)
}

// takeOut demotes and removes people, of whom each has passed the rails. Whoever
// comes in their place is in the team by now, or they stay.
func (j *job) takeOut(ctx context.Context, going []plan.Change, t *tally) {
	var out []plan.Change
	owned := plan.Owned(j.group.People, going)
	for _, c := range going {
		if err := j.mayGo(ctx, c, owned); err != nil {
			t.note(j, []plan.Change{c}, err)
		} else if c.Kind == plan.Demote {
			t.note(j, []plan.Change{c}, j.demote(ctx, c))
		} else {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return
	}
	users := make([]org.UserID, len(out))
	for i, c := range out {
		users[i] = c.User
	}
	results, err := j.syncer.Teams.RemoveMembers(ctx, j.group.ID, users)
	for i, c := range out {
		outcome := err
		if i < len(results) {
			outcome = results[i]
		}
		switch {
		case outcome == nil:
			j.group.People.Drop(c.User)
			j.link.Managed.Drop(c.User)
			j.link.Adding.Drop(c.User)
		case err == nil && fault.Is(outcome, fault.NotFound):
			// Out by a reading that may be stale: they stay managed, and the group
			// is read once more.
			j.group.People.Drop(c.User)
			j.group.Again = true
			outcome = nil
		}
		t.note(j, out[i:i+1], j.lastOwner(outcome))
	}
}

// mayGo returns errWaiting while somebody has to come before they go.
func (j *job) mayGo(ctx context.Context, c plan.Change, owned bool) error {
	if err := timeToWrite(ctx, 0); err != nil {
		return err
	}
	if role, there := j.group.People.Role(c.User); there && role == org.Owner && (j.missed || !owned) {
		return fmt.Errorf("an owner goes only after the new ones came: %w", errWaiting)
	}
	if _, there := j.group.People.Role(c.After); !c.After.IsZero() && !there {
		return fmt.Errorf("an account goes only after the one in its place came: %w", errWaiting)
	}
	return nil
}

func (j *job) demote(ctx context.Context, c plan.Change) error {
	err := j.syncer.Teams.Demote(ctx, j.group.ID, c.User)
	switch {
	case fault.Is(err, fault.NotFound):
		j.group.People.Drop(c.User) // the mirror was wrong: the next run adds them
		return err
	case err != nil:
		return j.lastOwner(err)
	}
	j.group.People.Set(c.User, org.Member)
	return nil
}

// lastOwner turns a refusal into waiting: by Teams' own account nobody else
// owns the team, so the mirror is wrong and has to be read again.
func (j *job) lastOwner(err error) error {
	if !fault.Is(err, fault.Conflict) {
		return err
	}
	j.group.Again = true
	return fmt.Errorf("nobody else owns the team by Teams' own account: %w", errWaiting)
}
