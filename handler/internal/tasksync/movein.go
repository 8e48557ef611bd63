package tasksync

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// moveIn sees to it that the row names the store's board. Where that has to wait
// it leaves Plan empty, and why in Problem.
func (v *visit) moveIn(ctx context.Context) error {
	if v.row.Group != v.store.Group {
		v.newTeam()
	}
	if v.row.Plan != "" {
		return nil
	}
	plans, err := v.Boards.Plans(ctx, v.store.Group)
	if missing(err) {
		v.problem("The team's group does not answer to Planner yet.")
		v.lookAgain(v.settings.ClaimPatience)
		return nil
	}
	if err != nil {
		return err
	}
	if plan, found := v.pick(plans); found {
		v.settlePlan(plan.ID)
		return nil
	}
	if v.settings.Linked {
		v.problem("Commerce has linked no board of the title " + v.settings.BoardTitle + ": set up task management there, or rename its board.")
		return nil
	}
	return v.makePlan(ctx)
}

// newTeam forgets the board: the store has another team than when it was noted.
// Commerce's tasks are made anew on the new team's board.
func (v *visit) newTeam() {
	if v.row.Group != "" {
		for i := range v.row.Entries {
			forgetCard(&v.row.Entries[i])
		}
		v.row.Entries = slices.DeleteFunc(v.row.Entries, func(e task.Entry) bool { return e.Origin == task.FromTeams && e.Home == "" })
	}
	v.row.Group, v.row.Plan, v.row.PlanClaimed = v.store.Group, "", time.Time{}
	v.row.Buckets, v.row.Others = nil, nil
	v.changed = true
}

// forgetCard makes an entry one whose task is not on the board.
func forgetCard(e *task.Entry) {
	e.Planner, e.ETag, e.DetailsETag, e.DetailsAt = "", "", "", time.Time{}
	e.Claimed, e.MissingTeams, e.Cancelled = time.Time{}, time.Time{}, time.Time{}
	e.Base = task.Base{}
}

// link makes an entry one of a task on the board, of which nothing is known yet.
func (v *visit) link(e *task.Entry, card string) {
	forgetCard(e)
	e.Planner, v.changed = card, true
}

// pick chooses the store's board among its group's plans: the one of our title,
// made by us if several have it. A board that Commerce linked may be called
// otherwise if it is the only one.
func (v *visit) pick(plans []Plan) (Plan, bool) {
	var titled []Plan
	for _, p := range plans {
		if strings.EqualFold(strings.TrimSpace(p.Title), v.settings.BoardTitle) {
			titled = append(titled, p)
		}
	}
	if len(titled) == 0 && v.settings.Linked && len(plans) == 1 {
		titled = plans
	}
	if len(titled) == 0 {
		return Plan{}, false
	}
	slices.SortFunc(titled, func(a, b Plan) int {
		if a.ByUs != b.ByUs {
			if a.ByUs {
				return -1
			}
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	return titled[0], true
}

// makePlan creates the board under a claim.
func (v *visit) makePlan(ctx context.Context) error {
	if wait := v.claimed(v.row.PlanClaimed); wait > 0 {
		v.lookAgain(wait)
		return nil
	}
	v.row.PlanClaimed, v.row.Problem, v.changed = v.now, "", true
	if err := v.save(ctx); err != nil {
		return err
	}
	plan, err := v.Boards.CreatePlan(ctx, v.store.Group, v.settings.BoardTitle)
	if missing(err) {
		// Nothing was made: a group too young for Planner.
		v.row.PlanClaimed, v.changed = time.Time{}, true
		v.problem("The team's group is too young for a board.")
		v.lookAgain(v.settings.ClaimPatience)
		return nil
	}
	if err != nil {
		return err
	}
	v.settlePlan(plan.ID)
	return nil
}

func (v *visit) settlePlan(id string) {
	v.row.Plan, v.row.PlanClaimed, v.row.Problem, v.changed = id, time.Time{}, "", true
	v.place.Plan = id
}

// claimed returns how long what was claimed then may still turn up; 0 when there
// is no claim, or it is old enough to try again.
func (v *visit) claimed(at time.Time) time.Duration {
	if at.IsZero() {
		return 0
	}
	return max(0, at.Add(v.settings.ClaimPatience).Sub(v.now))
}

func (v *visit) problem(text string) {
	if v.row.Problem != text {
		v.row.Problem, v.changed = text, true
	}
}

// bucket returns the id of a campaign's bucket on the board, which claimBuckets
// has claimed. It is empty when the bucket has to be waited for.
func (v *visit) bucket(ctx context.Context, campaign, name string) (string, error) {
	b := v.row.Buckets[campaign]
	if b.ID != "" || name == "" {
		return b.ID, nil
	}
	there, err := v.Boards.Buckets(ctx, v.row.Plan)
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, other := range v.row.Buckets {
		taken[other.ID] = true
	}
	for _, bucket := range there {
		if bucket.Name == name && !taken[bucket.ID] {
			return v.settleBucket(campaign, bucket.ID, name), nil
		}
	}
	if b.Claimed != v.now { // claimed by a look before this one
		if wait := v.claimed(b.Claimed); wait > 0 {
			v.lookAgain(wait)
			return "", nil
		}
	}
	made, err := v.Boards.CreateBucket(ctx, v.row.Plan, name)
	if err != nil {
		return "", err
	}
	return v.settleBucket(campaign, made.ID, name), nil
}

func (v *visit) settleBucket(campaign, id, name string) string {
	if v.row.Buckets == nil {
		v.row.Buckets = map[string]task.Bucket{}
	}
	v.row.Buckets[campaign], v.changed = task.Bucket{ID: id, Name: name}, true
	return id
}

// claimBucket notes that a campaign's bucket is about to be created.
func (v *visit) claimBucket(campaign string) {
	b := v.row.Buckets[campaign]
	if b.ID != "" || v.claimed(b.Claimed) > 0 {
		return
	}
	if v.row.Buckets == nil {
		v.row.Buckets = map[string]task.Bucket{}
	}
	v.row.Buckets[campaign], v.changed = task.Bucket{Claimed: v.now}, true
}

// lostBucket forgets a bucket that is not on the board any more.
func (v *visit) lostBucket(err error, campaign string) bool {
	if !fault.Is(err, fault.NotFound) {
		return false
	}
	delete(v.row.Buckets, campaign)
	v.changed = true
	return true
}
