package tasklist

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// walk takes each list one step on.
func (l *look) walk(ctx context.Context) {
	met := map[string]bool{}
	for _, bucket := range slices.Sorted(maps.Keys(l.lists())) {
		cards, whole := l.listCards(bucket)
		list, found := task.ReadList(cards, l.settings.SendWord)
		if !found {
			continue
		}
		met[list.Send.ID] = true
		if !whole {
			l.failed(list.Send.ID, fault.Newf(fault.Incomplete, "tasks: read a list", "a task that the board lists cannot be read"))
			continue
		}
		l.failed(list.Send.ID, l.take(ctx, bucket, list))
	}
	for _, id := range slices.Sorted(maps.Keys(l.campaigns)) {
		if !met[id] {
			l.failed(id, l.lose(ctx, id))
		}
	}
}

// listCards returns a bucket's tasks as package task reads them, and whether all
// of them were read whole. It leaves out a task that sent something and is not
// titled so any more, which must not become a part of another list; and, where
// another task is there to send the list again, those whose campaign is over.
func (l *look) listCards(bucket string) (cards []task.ListCard, whole bool) {
	whole = true
	anew := l.sendsAnew(bucket)
	for id, item := range l.cards {
		if item.Group != bucket {
			continue
		}
		campaign, sent := l.campaigns[id]
		sent = sent && campaign.State != task.Draft
		if sent && (!l.isCommand(item) || anew && !campaign.EndedAt.IsZero()) {
			continue
		}
		whole = whole && item.Whole
		cards = append(cards, task.ListCard{
			ID: id, Version: item.Version, Values: item.State.Values,
			CompletedBy: item.CompletedBy, CreatedAt: item.CreatedAt,
		})
	}
	return cards, whole
}

// sendsAnew reports whether a task sends the bucket's list that has not sent
// anything yet.
func (l *look) sendsAnew(bucket string) bool {
	for id, item := range l.cards {
		if item.Group == bucket && l.isCommand(item) && (l.campaigns[id] == nil || l.campaigns[id].State == task.Draft) {
			return true
		}
	}
	return false
}

// take takes one list a step on.
func (l *look) take(ctx context.Context, bucket string, list task.List) error {
	stores := list.Resolve(l.dir.Named, l.words())
	by := list.Send.CompletedBy
	return l.carryOut(ctx, list.Send.ID, task.Next(l.remembered(list.Send.ID), task.Look{
		List: list, Bucket: bucket, Name: l.names[bucket], Stores: stores,
		Manager: !by.IsZero() && (l.dir.Member("", by) || l.dir.Owner("", by)),
		Now:     l.now, SightingInterval: l.settings.SightingInterval,
	}))
}

// lose deals with a campaign whose Send task the board does not show as one.
func (l *look) lose(ctx context.Context, id string) error {
	if card, there := l.cards[id]; there && l.isCommand(card) {
		return nil // another task sends this list now
	}
	step := task.Lost(l.remembered(id), l.now)
	if step.Campaign != nil {
		l.Log.WarnContext(ctx, "the task that sent a list is gone; nothing is withdrawn", "campaign", id)
	}
	return l.carryOut(ctx, id, step)
}

// carryOut does what follows for one campaign: the ledger first.
func (l *look) carryOut(ctx context.Context, id string, step task.Step) error {
	if step.Drop {
		if err := l.Book.DropCampaign(ctx, l.campaigns[id]); err != nil {
			return err
		}
		delete(l.campaigns, id)
	}
	if step.Campaign != nil {
		if err := l.save(ctx, *step.Campaign); err != nil {
			return err
		}
	}
	if step.Answer == "" {
		return nil
	}
	if err := l.show(ctx, id, task.InProgress, step.Answer); err != nil || !step.Preview {
		return err
	}
	return l.save(ctx, step.Campaign.Seen(l.cards[id].Version))
}

// save writes a campaign's row as a change of the one that was read.
func (l *look) save(ctx context.Context, c task.Campaign) error {
	row := &tasksync.CampaignRow{Campaign: c}
	if was := l.campaigns[c.ID]; was != nil {
		row.ETag = was.ETag
	}
	if err := l.Book.SaveCampaign(ctx, row); err != nil {
		return err
	}
	l.campaigns[c.ID] = row
	return nil
}

// show makes a Send task show a status and a text. The text goes first: cut off
// behind it, the task is still completed, and the next look answers that.
func (l *look) show(ctx context.Context, id, status, text string) error {
	for _, want := range []struct {
		field task.Field
		value string
	}{{task.Progress, text}, {task.Status, status}} {
		card := l.cards[id]
		if card.State.Values[want.field] == want.value {
			continue
		}
		changed, err := l.Teams.Change(ctx, l.place, card, task.Values{want.field: want.value})
		if err != nil {
			return err
		}
		l.cards[id] = changed
	}
	return nil
}

func (l *look) remembered(id string) *task.Campaign {
	if row := l.campaigns[id]; row != nil {
		return &row.Campaign
	}
	return nil
}

// words yields what targets may name, to suggest one for a slip.
func (l *look) words() iter.Seq[string] {
	return func(yield func(string) bool) {
		seen := map[string]bool{}
		once := func(word string) bool {
			if word == "" || seen[word] {
				return true
			}
			seen[word] = true
			return yield(word)
		}
		for _, store := range l.dir.Stores() {
			for _, word := range append([]string{store.Region}, store.Nodes...) {
				if !once(word) {
					return
				}
			}
		}
		once("all")
	}
}

// whereabouts says of each open store where it is.
func whereabouts(dir tasksync.Directory) map[org.StoreNumber]task.Whereabouts {
	stores := dir.Stores()
	where := make(map[org.StoreNumber]task.Whereabouts, len(stores))
	for _, store := range stores {
		where[store.Number] = task.Whereabouts{Region: store.Region, Zone: store.Zone}
	}
	return where
}
