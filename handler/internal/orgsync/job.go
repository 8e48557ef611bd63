package orgsync

import (
	"context"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// job is one team's changes, with all of the ledger that they touch. Each job
// is worked on by one goroutine.
type job struct {
	syncer  *Syncer
	world   *world // not to be written here
	run     string // the run's id: the lease's owner
	team    org.Team
	wanted  bool // the roster has the team
	changes []plan.Change
	link    *ledger.Link  // nil until the team has a group
	group   *ledger.Group // likewise
	claim   *ledger.Claim // nil unless a creation is under way
	made    bool          // the team was made in this run: it may need time
	missed  bool          // somebody who was to own the team does not yet
}

// attempted is when the team's changes were last tried.
func (j *job) attempted() time.Time {
	var last time.Time
	if j.link != nil {
		last = j.link.Attempted
	}
	if j.claim != nil && j.claim.Attempted.After(last) {
		last = j.claim.Attempted
	}
	return last
}

// urgent reports whether somebody who left is to go.
func (j *job) urgent() bool {
	return slices.ContainsFunc(j.changes, func(c plan.Change) bool { return c.Kind == plan.Remove && c.Leave.Stated() })
}

// work carries out one team's changes.
func (j *job) work(ctx context.Context, t *tally) {
	leased, done, err := j.syncer.lease(ctx, j.team.Key, j.run)
	if err != nil {
		t.fail(j, "take the team's lease", err)
		return
	}
	defer done()
	if err := j.again(leased); err != nil {
		t.fail(j, "read the team's rows again", err)
		return
	}
	if len(j.changes) > 0 {
		j.carryOut(leased, t)
	}
}

// again reads the team's rows of the ledger once more, now that nobody else
// changes them, and makes its plan again. Of the changes that passed the rails
// those are left which the new plan has too.
func (j *job) again(ctx context.Context) (err error) {
	s, w, key := j.syncer, j.world, j.team.Key
	if j.link, err = s.Book.ReadLink(ctx, key); err != nil {
		return err
	}
	if j.claim, err = s.Book.ReadClaim(ctx, key); err != nil {
		return err
	}
	before, exists := w.found[key]
	id := before.Group
	if j.link != nil {
		id = j.link.Group
	}
	j.group = nil
	if id != "" {
		if j.group, err = s.Book.ReadGroup(ctx, id); err != nil {
			return err
		}
	}
	now := time.Now()
	found := map[org.TeamKey]plan.Found{}
	switch {
	case j.link != nil:
		found[key] = s.foundLinked(w, j.link, j.group, now)
	case exists && j.group != nil:
		found[key] = foundGroup(j.group, before.Origin)
	}
	wanted := org.Roster{FallbackOwners: w.roster.FallbackOwners}
	if j.wanted {
		wanted.Teams = []org.Team{j.team}
	}
	fresh := plan.Build(wanted, found, w.evidence, s.options(w)).Changes
	j.changes = slices.DeleteFunc(slices.Clone(j.changes), func(c plan.Change) bool {
		return !slices.ContainsFunc(fresh, func(f plan.Change) bool {
			return f.Kind == c.Kind && f.User == c.User && f.Group == c.Group
		})
	})
	return nil
}

// carryOut does what is left of the changes: the team first, then who comes,
// then who goes.
func (j *job) carryOut(ctx context.Context, t *tally) {
	making, rest := j.split()
	if len(making) > 0 {
		if err := j.provision(ctx, making); err != nil {
			t.note(j, making, err)
			if err := j.saveAttempt(ctx); err != nil {
				t.fail(j, "save to the ledger", err)
			}
			return // without a team there is nobody to add
		}
		t.note(j, making, nil)
		if making[0].Kind == plan.RestoreTeam {
			return // the next run sees who is in it
		}
	}
	if j.link == nil { // a group of ours that the ledger did not know yet
		if err := j.saveNew(ctx, ""); err != nil {
			t.fail(j, "link the group", err)
			return
		}
	}
	var adds, going []plan.Change
	for _, c := range rest {
		switch c.Kind {
		case plan.AddOwner, plan.AddMember:
			adds = append(adds, c)
		case plan.Demote, plan.Remove:
			going = append(going, c)
		case plan.Archive: // last
		default:
			j.one(ctx, c, t)
		}
	}
	j.add(ctx, adds, t)
	j.takeOut(ctx, going, t)
	if len(rest) > 0 && rest[len(rest)-1].Kind == plan.Archive {
		j.one(ctx, rest[len(rest)-1], t)
	}
	if err := j.save(ctx); err != nil {
		t.fail(j, "save to the ledger", err)
	}
}

// saveAttempt remembers that the team had its turn, so that others come first in
// the next run. A claim remembers it by itself.
func (j *job) saveAttempt(ctx context.Context) error {
	if j.link == nil || ctx.Err() != nil {
		return nil
	}
	j.link.Attempted = time.Now().UTC()
	return j.syncer.Book.SaveLink(ctx, j.link)
}

// split parts the changes that make the team from the others.
func (j *job) split() (making, rest []plan.Change) {
	i := 0
	for i < len(j.changes) && j.changes[i].Kind.Making() {
		i++
	}
	return j.changes[:i], j.changes[i:]
}

// one carries out a change that goes alone.
func (j *job) one(ctx context.Context, c plan.Change, t *tally) {
	err := timeToWrite(ctx, 0)
	if err == nil {
		switch c.Kind {
		case plan.Rename:
			err = j.rename(ctx, c)
		case plan.Promote:
			err = j.promote(ctx, c)
			j.missed = j.missed || err != nil
		case plan.Archive:
			err = j.archive(ctx)
		case plan.Unarchive:
			err = j.unarchive(ctx)
		default:
			err = fault.Newf(fault.Internal, "orgsync: carry out", "no way to %s", c.Kind)
		}
	}
	t.note(j, []plan.Change{c}, err)
}

func (j *job) rename(ctx context.Context, c plan.Change) error {
	if err := j.syncer.Teams.Rename(ctx, j.group.ID, c.Name); err != nil {
		return err
	}
	j.group.Name = c.Name
	j.link.KeepName = ""
	return nil
}

// save writes what the job learned, also when the run is told to stop.
func (j *job) save(ctx context.Context) error {
	if j.group == nil || j.link == nil {
		return nil
	}
	return briefly(ctx, func(ctx context.Context) error {
		now := time.Now().UTC()
		j.group.Written = now
		if err := j.syncer.Book.SaveGroup(ctx, j.group); err != nil {
			return err
		}
		j.link.Attempted = now
		j.link.Manage(j.team, j.group, now)
		return j.syncer.Book.SaveLink(ctx, j.link)
	})
}
