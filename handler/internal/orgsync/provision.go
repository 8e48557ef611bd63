package orgsync

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

const (
	// youngTries is how often a call is made while a new group may not have
	// spread through the directory yet; Microsoft advises three more tries.
	youngTries = 4

	// youngRest is how long the team then rests, in retry intervals: at the
	// default of 10 s the quarter of an hour that Microsoft names.
	youngRest = 90

	// polls is how often an operation is asked about before reading the team
	// itself; operations have been seen stuck in notStarted.
	polls = 10

	// operationLife is after what time a stuck creation is begun anew.
	operationLife = time.Hour
)

// provision makes the team, from wherever an earlier run left off. The order
// of steps matters where we may be killed between two of them:
//
//	claim saved          the next run knows that a creation may be half done
//	group made           found again by its marker
//	mirror, link saved   in this order, or the link would show a lost group
//	creation begun       a second beginning is refused by Graph, not doubled
//	operation saved      only saves asking again
//	team there           seen by the mirror
//	claim dropped
func (j *job) provision(ctx context.Context, making []plan.Change) error {
	if making[0].Kind == plan.RestoreTeam {
		return j.restore(ctx)
	}
	last := making[len(making)-1]
	keepName := "" // only a group that comes with a name of its own keeps it
	if making[0].Kind == plan.AdoptTeam {
		keepName = j.team.Name
	}
	if last.Kind == plan.AdoptTeam {
		return j.saveNew(ctx, keepName)
	}
	if err := j.claimTeam(ctx); err != nil {
		return err
	}
	if err := j.ensureGroup(ctx, last, keepName); err != nil {
		return err
	}
	if err := j.ensureTeam(ctx); err != nil {
		return err
	}
	j.made = true
	j.group.HasTeam = true
	j.group.Verified = time.Now().UTC()
	if err := j.save(ctx); err != nil {
		return err
	}
	return j.syncer.Book.DropClaim(ctx, j.claim)
}

// claimTeam writes the claim, or takes up the one that is there.
func (j *job) claimTeam(ctx context.Context) error {
	now := time.Now().UTC()
	if j.claim == nil {
		j.claim = &ledger.Claim{Team: j.team.Key}
	}
	if now.Before(j.claim.NotBefore) {
		return fmt.Errorf("the new group is still spreading through Microsoft's directory: %w", errWaiting)
	}
	if now.Sub(j.claim.OperationBegan) > operationLife {
		j.claim.Operation = ""
	}
	j.claim.Attempted = now
	return j.syncer.Book.SaveClaim(ctx, j.claim)
}

// ensureGroup makes the group with its first owner, or takes the one found.
func (j *job) ensureGroup(ctx context.Context, c plan.Change, keepName string) error {
	if err := timeToWrite(ctx, 0); err != nil {
		return err
	}
	if c.Kind == plan.MakeTeam {
		return j.takeGroup(ctx, c, keepName)
	}
	marker := org.Marker(j.syncer.settings.Rules.Instance, j.team.Key)
	id, created, err := j.syncer.Provisioner.EnsureGroup(ctx, NewGroup{Marker: marker, Name: c.Name, Owner: c.User})
	if err != nil {
		return err
	}
	if j.group, err = j.syncer.Book.ReadGroup(ctx, id); err != nil {
		return err
	}
	if j.group == nil { // else the mirror has a row for it already
		j.group = &ledger.Group{ID: id}
	}
	if created {
		mirror(j.group, Group{
			ID: id, Marker: marker, Name: c.Name, Unified: true, People: []org.Person{{User: c.User, Role: org.Owner}},
		})
		return j.saveNew(ctx, "")
	}
	// Who made it, when, and with which owner, only the group itself knows.
	whole, err := j.syncer.Directory.GroupByMarker(ctx, marker)
	if err != nil {
		return err
	}
	mirror(j.group, whole)
	return j.saveNew(ctx, "")
}

// takeGroup takes over a group without a team, which needs an owner to get one.
func (j *job) takeGroup(ctx context.Context, c plan.Change, keepName string) error {
	if !c.User.IsZero() {
		if err := j.syncer.Provisioner.AddOwnerToGroup(ctx, j.group.ID, c.User); err != nil {
			return err
		}
		j.group.People.Set(c.User, org.Owner)
	}
	if j.link != nil {
		return nil
	}
	return j.saveNew(ctx, keepName)
}

// saveNew saves a new team's mirror and link. A link to a group that is gone
// for good is pointed to the new one: nobody in that was ever ours to remove.
func (j *job) saveNew(ctx context.Context, keepName string) error {
	j.group.Written = time.Now().UTC()
	if err := j.syncer.Book.SaveGroup(ctx, j.group); err != nil {
		return err
	}
	if j.link == nil {
		j.link = &ledger.Link{Team: j.team.Key}
	}
	if l := j.link; l.Group != j.group.ID {
		l.Group, l.Managed, l.Rails, l.Archived, l.Restored = j.group.ID, nil, rails.Memory{}, time.Time{}, time.Time{}
	}
	j.link.KeepName = keepName
	return j.syncer.Book.SaveLink(ctx, j.link)
}

// restore brings a deleted team back, with everybody who was in it.
func (j *job) restore(ctx context.Context) error {
	if err := timeToWrite(ctx, 0); err != nil {
		return err
	}
	if err := j.syncer.Provisioner.RestoreGroup(ctx, j.group.ID); err != nil {
		return err
	}
	j.group.Gone, j.group.Again = false, true
	if err := j.syncer.Book.SaveGroup(ctx, j.group); err != nil {
		return err
	}
	j.link.Restored = time.Now().UTC()
	return j.syncer.Book.SaveLink(ctx, j.link)
}

// ensureTeam makes the group a team and waits until it is one.
func (j *job) ensureTeam(ctx context.Context) error {
	if j.claim.Operation == "" {
		var op Operation
		err := j.whileYoung(ctx, func() (err error) {
			op, err = j.syncer.Provisioner.CreateTeam(ctx, j.group.ID)
			return err
		})
		switch {
		case fault.Is(err, fault.NotFound):
			return j.rest(ctx)
		case fault.Is(err, fault.Conflict):
			return j.awaitTeam(ctx, "") // it is a team, or somebody's beginning is under way
		case fault.Is(err, fault.Invalid):
			return j.whyNot(ctx, err)
		case err != nil:
			return err
		}
		j.claim.Operation, j.claim.OperationBegan = string(op), time.Now().UTC()
		if err := j.syncer.Book.SaveClaim(ctx, j.claim); err != nil {
			return err
		}
	}
	return j.awaitTeam(ctx, Operation(j.claim.Operation))
}

// whyNot looks why Graph does not take a group for a team: it may be one
// already, or its owner may have left since the mirror was read.
func (j *job) whyNot(ctx context.Context, refusal error) error {
	if there, err := j.syncer.Provisioner.TeamExists(ctx, j.group.ID); err != nil || there {
		return err
	}
	j.group.Again = true // read it whole in the next run
	if err := j.syncer.Book.SaveGroup(ctx, j.group); err != nil {
		return err
	}
	return refusal
}

// awaitTeam waits until the team is there, by its operation or, where there is
// none to ask, by looking for the team.
func (j *job) awaitTeam(ctx context.Context, op Operation) error {
	for range polls {
		if err := j.pause(ctx, j.syncer.settings.TeamPollInterval); err != nil {
			return err
		}
		state, err := OperationRunning, error(nil)
		if op != "" {
			state, err = j.syncer.Provisioner.OperationState(ctx, op)
		}
		switch {
		case fault.Is(err, fault.NotFound):
			op = ""
		case err != nil:
			return err
		case state == OperationSucceeded:
			return nil
		case state == OperationFailed:
			j.claim.Operation = "" // the next run begins anew
			if err := j.syncer.Book.SaveClaim(ctx, j.claim); err != nil {
				return err
			}
			return fault.Newf(fault.Unavailable, "orgsync: make the team", "Teams reports that its creation failed")
		}
		if op != "" {
			continue
		}
		if there, err := j.syncer.Provisioner.TeamExists(ctx, j.group.ID); err != nil || there {
			return err
		}
	}
	if there, err := j.syncer.Provisioner.TeamExists(ctx, j.group.ID); err != nil || there {
		return err
	}
	return fmt.Errorf("Teams is still making the team: %w", errWaiting)
}

// whileYoung repeats a call that finds nothing because the group is too young.
func (j *job) whileYoung(ctx context.Context, call func() error) error {
	// A group is young while its team is not begun, and a team when it was made
	// just now; any other that is not found is gone.
	young := j.claim != nil && (j.made || j.claim.Operation == "")
	for try := 1; ; try++ {
		if err := timeToWrite(ctx, 0); err != nil {
			return err
		}
		err := call()
		if !fault.Is(err, fault.NotFound) || !young || try == youngTries {
			return err
		}
		if err := j.pause(ctx, j.syncer.settings.GroupRetryInterval); err != nil {
			return err
		}
	}
}

// rest puts a young group off: the store waits, not the run.
func (j *job) rest(ctx context.Context) error {
	j.claim.NotBefore = time.Now().UTC().Add(youngRest * j.syncer.settings.GroupRetryInterval)
	if err := j.syncer.Book.SaveClaim(ctx, j.claim); err != nil {
		return err
	}
	return fmt.Errorf("the new group is still spreading through Microsoft's directory: %w", errWaiting)
}

// pause waits, if the run has the time for it.
func (j *job) pause(ctx context.Context, d time.Duration) error {
	if err := timeToWrite(ctx, d); err != nil {
		return err
	}
	return pause(ctx, d)
}

// pause waits, or returns the context's end.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fault.New(fault.KindOf(ctx.Err()), "orgsync: wait", ctx.Err())
	}
}
