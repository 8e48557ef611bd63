package orgsync

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
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
func (j *job) provision(ctx context.Context, begun []plan.Change) error {
	last := begun[len(begun)-1]
	if last.Kind == plan.AdoptTeam {
		return j.adoptGroup(ctx)
	}
	if err := j.claimTeam(ctx); err != nil {
		return err
	}
	if err := j.ensureGroup(ctx, last); err != nil {
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
		j.claim = &ledger.Claim{Team: j.team.Key, Began: now}
		return j.syncer.Book.SaveClaim(ctx, j.claim)
	}
	j.resumed = true
	if now.Before(j.claim.NotBefore) {
		return fmt.Errorf("the new group is still spreading through Microsoft's directory: %w", errWaiting)
	}
	if j.claim.Operation != "" && now.Sub(j.claim.Began) > operationLife {
		j.claim.Operation, j.claim.Began = "", now
		return j.syncer.Book.SaveClaim(ctx, j.claim)
	}
	return nil
}

// ensureGroup makes the group with its first owner, or takes the one found.
func (j *job) ensureGroup(ctx context.Context, c plan.Change) error {
	if c.Kind == plan.MakeTeam {
		return j.adoptGroupWithOwner(ctx, c)
	}
	marker := org.Marker(j.syncer.settings.Rules.Instance, j.team.Key)
	id, err := j.syncer.Provisioner.EnsureGroup(ctx, NewGroup{Marker: marker, Name: c.Name, Owner: c.User})
	if err != nil {
		return err
	}
	j.group = &ledger.Group{ID: id, Marker: marker, Name: c.Name, Unified: true}
	j.group.People.Set(c.User, org.Owner)
	if j.resumed {
		// An earlier run may have made the group, with another owner.
		whole, err := j.syncer.Directory.GroupByMarker(ctx, marker)
		if err != nil {
			return err
		}
		mirror(j.group, whole)
	}
	return j.saveNew(ctx, "")
}

// adoptGroupWithOwner takes over a group without a team, which needs an owner
// to get one.
func (j *job) adoptGroupWithOwner(ctx context.Context, c plan.Change) error {
	if !c.User.IsZero() {
		if err := j.syncer.Provisioner.AddOwnerToGroup(ctx, j.group.ID, c.User); err != nil {
			return err
		}
		j.group.People.Set(c.User, org.Owner)
	}
	if j.link != nil {
		return nil
	}
	return j.adoptGroup(ctx)
}

// adoptGroup links a group that was there before us. It keeps its name until
// Commerce's changes.
func (j *job) adoptGroup(ctx context.Context) error {
	keep := ""
	if f := j.changes[0]; f.Kind == plan.AdoptTeam {
		keep = j.team.Name
	}
	return j.saveNew(ctx, keep)
}

// saveNew saves a new team's mirror and link.
func (j *job) saveNew(ctx context.Context, keepName string) error {
	j.group.Written = time.Now().UTC()
	if err := j.syncer.Book.SaveGroup(ctx, j.group); err != nil {
		return err
	}
	j.link = &ledger.Link{Team: j.team.Key, Group: j.group.ID, KeepName: keepName}
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
		case err != nil:
			return err
		}
		j.claim.Operation = string(op)
		if err := j.syncer.Book.SaveClaim(ctx, j.claim); err != nil {
			return err
		}
	}
	return j.awaitTeam(ctx, Operation(j.claim.Operation))
}

// awaitTeam waits until the team is there, by its operation or, where there is
// none to ask, by looking for the team.
func (j *job) awaitTeam(ctx context.Context, op Operation) error {
	for range polls {
		if err := pause(ctx, j.syncer.settings.TeamPollInterval); err != nil {
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
	for try := 1; ; try++ {
		err := call()
		young := j.claim != nil && (j.made || j.claim.Operation == "")
		if !fault.Is(err, fault.NotFound) || !young || try == youngTries {
			return err
		}
		if err := pause(ctx, j.syncer.settings.GroupRetryInterval); err != nil {
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
