package tasklist

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// batch is how many hints are sent at once. A look that is cut off between two
// batches has told the first ones; the next look tells all again.
const batch = 200

// report tells the stores that miss a campaign's version, and shows on the Send
// tasks how far the campaigns are. All the stores' rows are read for it, once.
func (l *look) report(ctx context.Context) error {
	due := l.due()
	if len(due) == 0 {
		return nil
	}
	where := whereabouts(l.dir)
	has := map[string]map[org.StoreNumber]bool{}
	question := task.Question{Stores: where, Now: l.now}
	for _, id := range due {
		has[id] = map[org.StoreNumber]bool{}
		question.Campaigns = append(question.Campaigns, l.campaigns[id].Campaign)
	}
	var failed error
	overview := task.RollUp(boards(l.Book.Boards(ctx), &failed, func(b *task.Board) {
		for _, id := range due {
			has[id][b.Store] = b.Sent[id] == l.campaigns[id].Version
		}
	}), question)
	if failed != nil {
		return failed
	}
	for _, o := range overview.Campaigns {
		missing := slices.DeleteFunc(l.campaigns[o.ID].Audience(), func(number org.StoreNumber) bool {
			_, open := where[number]
			return !open || has[o.ID][number]
		})
		if err := l.tell(ctx, o.ID, missing); err != nil {
			l.failed(o.ID, err)
			continue
		}
		l.failed(o.ID, l.showProgress(ctx, o, len(missing)))
	}
	return nil
}

// due returns the campaigns that stores may miss, or whose figures may be shown
// anew, and asks for another look when the others are.
func (l *look) due() []string {
	var due []string
	for _, id := range slices.Sorted(maps.Keys(l.campaigns)) {
		c := &l.campaigns[id].Campaign
		card, there := l.cards[id]
		left := c.RolledUp.Add(l.pace(c)).Sub(l.now)
		switch {
		case c.State == task.Draft:
		case c.RolledUp.IsZero():
			due = append(due, id)
		case !c.EndedAt.IsZero():
		case left <= 0, there && card.State.Values[task.Status] != task.InProgress:
			due = append(due, id)
		default:
			l.lookAgain(left)
		}
	}
	return due
}

// pace is how often a campaign is reported on: more often while stores are being
// told, but not for ever when one cannot take it.
func (l *look) pace(c *task.Campaign) time.Duration {
	spreading := c.State == task.Sending || c.State == task.Withdrawn
	if spreading && l.now.Sub(c.SentAt) < spreadingLasts {
		return spreadingRefresh
	}
	return refresh
}

// tell sends hints to stores whose boards miss the campaign's version.
func (l *look) tell(ctx context.Context, id string, stores []org.StoreNumber) error {
	version := l.campaigns[id].Version
	for chunk := range slices.Chunk(stores, batch) {
		hints := make([]hint.Hint, len(chunk))
		for i, number := range chunk {
			hints[i] = hint.Hint{Kind: hint.Store, Store: number, Seen: version}
		}
		if err := l.Queue.Send(ctx, hints); err != nil {
			return err
		}
	}
	return nil
}

// showProgress takes a campaign on to what its figures say, and shows them on the
// Send task if that is there: the state is saved first, and that the campaign is
// over last, so that neither is missed for being killed in between.
func (l *look) showProgress(ctx context.Context, o task.CampaignOverview, missing int) error {
	c := l.campaigns[o.ID].Campaign
	state, over := progressOf(&c, missing, o.AllDone())
	if c.State != state {
		c.State, c.RolledUp = state, time.Time{}
		if err := l.save(ctx, c); err != nil {
			return err
		}
	}
	if err := l.showFigures(ctx, &c, o, over); err != nil {
		return err
	}
	if over && c.EndedAt.IsZero() {
		c.EndedAt = l.now
	}
	if !over {
		l.lookAgain(l.pace(&c))
	}
	c.RolledUp = l.now
	return l.save(ctx, c)
}

// progressOf returns how far a campaign is that so many stores miss, and whether
// it is over. What is over stays so until somebody edits the list.
func progressOf(c *task.Campaign, missing int, allDone bool) (state task.CampaignState, over bool) {
	switch {
	case !c.EndedAt.IsZero():
		return c.State, true
	case c.State == task.Withdrawn:
		return c.State, missing == 0
	case missing > 0:
		return task.Sending, false
	case allDone:
		return task.Done, true
	}
	return task.Open, false
}

// showFigures writes text and checklist where they differ from what was shown.
func (l *look) showFigures(ctx context.Context, c *task.Campaign, o task.CampaignOverview, over bool) error {
	card, there := l.cards[c.ID]
	if !there || !card.Whole || !c.Missing.IsZero() {
		return nil
	}
	status := task.InProgress
	if over {
		status = task.Completed
	}
	o.State = c.State
	text := task.ProgressText(c, o)
	if err := l.show(ctx, c.ID, status, text); err != nil {
		return err
	}
	lines := task.ProgressLines(o)
	if figures := task.FiguresMark(lines); figures != c.Figures {
		if err := l.showChecklist(ctx, c.ID, lines); err != nil {
			return err
		}
		c.Figures = figures
	}
	return nil
}

func (l *look) showChecklist(ctx context.Context, id string, lines []task.ChecklistLine) error {
	checklist := make([]tasksync.Line, len(lines))
	for i, line := range lines {
		checklist[i] = tasksync.Line(line)
	}
	changed, err := l.Boards.Checklist(ctx, l.cards[id], checklist)
	if err != nil {
		return err
	}
	l.cards[id] = changed
	return nil
}

// boards yields the stores' boards, each to visit first. An error ends them and
// is put into failed.
func boards(rows iter.Seq2[*tasksync.BoardRow, error], failed *error, visit func(*task.Board)) iter.Seq[*task.Board] {
	return func(yield func(*task.Board) bool) {
		for row, err := range rows {
			if err != nil {
				*failed = err
				return
			}
			visit(&row.Board)
			if !yield(&row.Board) {
				return
			}
		}
	}
}
