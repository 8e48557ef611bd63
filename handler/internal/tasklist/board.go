package tasklist

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// allowance is how long a person's leave to make a new board is good for.
const allowance = 24 * time.Hour

// moveIn sees to it that the communications team has its board, and notes its
// plan in the look. Where that has to wait the plan is empty, and why is in the
// board's row.
func (l *look) moveIn(ctx context.Context, group org.TeamID) error {
	row, err := l.Book.Board(ctx, "")
	if err != nil {
		return err
	}
	l.board = row
	if row.Group != group {
		row.Group, row.Plan, row.PlanClaimed = group, "", time.Time{}
	}
	if row.Plan != "" {
		l.place.Plan = row.Plan
		return nil
	}
	plans, err := l.Boards.Plans(ctx, group)
	if fault.Is(err, fault.NotFound) {
		return l.wait(ctx, "The communications team's group does not answer to Planner yet.")
	}
	if err != nil {
		return err
	}
	if plan, found := l.pick(plans); found {
		return l.settlePlan(ctx, plan.ID)
	}
	return l.makePlan(ctx)
}

// pick chooses the plan of our title, one that we made before any other.
func (l *look) pick(plans []tasksync.Plan) (tasksync.Plan, bool) {
	rank := func(p tasksync.Plan) int {
		if p.ByUs {
			return 0
		}
		return 1
	}
	plans = slices.DeleteFunc(slices.Clone(plans), func(p tasksync.Plan) bool {
		return !strings.EqualFold(strings.TrimSpace(p.Title), l.settings.BoardTitle)
	})
	if len(plans) == 0 {
		return tasksync.Plan{}, false
	}
	return slices.MinFunc(plans, func(a, b tasksync.Plan) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID))
	}), true
}

// makePlan makes the board, under a claim: the answer may get lost, and a second
// board would split the lists.
func (l *look) makePlan(ctx context.Context) error {
	if claimed := l.board.PlanClaimed; !claimed.IsZero() {
		if left := claimed.Add(l.settings.ClaimPatience).Sub(l.now); left > 0 {
			l.lookAgain(left)
			return nil
		}
	}
	l.board.PlanClaimed = l.now
	if err := l.Book.SaveBoard(ctx, l.board); err != nil {
		return err
	}
	plan, err := l.Boards.CreatePlan(ctx, l.board.Group, l.settings.BoardTitle)
	if fault.Is(err, fault.NotFound) {
		// Nothing was made: Planner does not know so young a group.
		l.board.PlanClaimed = time.Time{}
		return l.wait(ctx, "The communications team's group is too young for a board.")
	}
	if err != nil {
		return err
	}
	return l.settlePlan(ctx, plan.ID)
}

func (l *look) settlePlan(ctx context.Context, id string) error {
	l.board.Plan, l.board.PlanClaimed, l.board.Problem = id, time.Time{}, ""
	if err := l.Book.SaveBoard(ctx, l.board); err != nil {
		return err
	}
	l.place.Plan = id
	return nil
}

// wait notes why there is no board, and asks for another look.
func (l *look) wait(ctx context.Context, why string) error {
	l.lookAgain(l.settings.ClaimPatience)
	l.board.Problem = why
	return l.Book.SaveBoard(ctx, l.board)
}

// lostBoard deals with a board that is not there any more: it is held, and made
// anew once a person allowed that.
func (l *look) lostBoard(ctx context.Context) error {
	l.place.Plan = ""
	allowed, is := l.board.Allowed[task.BoardHold]
	if is && l.now.Sub(allowed) < allowance {
		l.board.Plan, l.board.PlanClaimed = "", time.Time{}
		l.board.Held, l.board.Allowed, l.board.Problem = nil, nil, ""
		l.lookAgain(1)
		return l.Book.SaveBoard(ctx, l.board)
	}
	if slices.Contains(l.board.Held, task.BoardHold) {
		return nil
	}
	l.Log.WarnContext(ctx, "the communications board is gone", "plan", l.board.Plan)
	l.board.Held = []string{task.BoardHold}
	l.board.Problem = "The communications board is gone. Allow a new one, or restore the team that had it."
	return l.Book.SaveBoard(ctx, l.board)
}

// foundBoard ends the hold of a board that is there again.
func (l *look) foundBoard(ctx context.Context) error {
	if len(l.board.Held) == 0 {
		return nil
	}
	l.board.Held, l.board.Allowed, l.board.Problem = nil, nil, ""
	return l.Book.SaveBoard(ctx, l.board)
}
