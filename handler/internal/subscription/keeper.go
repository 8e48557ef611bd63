package subscription

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/notify"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// Settings say what is wanted.
type Settings struct {
	Instance string
	URL      string // where Graph is to post; empty: no subscriptions are wanted

	Life       time.Duration // of subscriptions to groups and users
	MemberLife time.Duration // of those to a team's members
	Members    int           // how many teams have one

	CanaryInterval time.Duration // between two beats while all is well; zero: no canary
}

// Parts are what a Keeper works with. All but Log and Now are needed.
type Parts struct {
	Graph Graph
	Queue Queue
	Book  *ledger.Book
	Keys  *notify.Keys // may be nil if no subscriptions are wanted
	Log   *slog.Logger
	Now   func() time.Time
}

// Keeper keeps the subscriptions.
type Keeper struct {
	Parts
	settings Settings
}

// New returns a Keeper.
func New(p Parts, s Settings) *Keeper {
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Keeper{p, s}
}

// Run brings the subscriptions in order and listens for the canary. It is the
// work of the timer SubscriptionRenew. An error says what could not be done; what
// could be done is.
func (k *Keeper) Run(ctx context.Context, _ string) error {
	if k.settings.URL == "" {
		return nil
	}
	row, err := k.Book.Subscriptions(ctx)
	if err != nil {
		return fmt.Errorf("subscription: read what there is: %w", err)
	}
	gap, unkept := k.keep(ctx, row)
	loud, unheard := k.listen(ctx, row)
	if err := errors.Join(unkept, unheard); err != nil {
		row.Told = err.Error()
	} else {
		row.Told = ""
	}
	err = k.Book.SaveSubscriptions(ctx, row)
	if gap || loud {
		// After the row is saved: sent twice it does no harm, not sent it would.
		err = errors.Join(err, k.Queue.Send(ctx, []hint.Hint{{Kind: hint.Tenant}}))
	}
	return errors.Join(unkept, unheard, err)
}

// wanted are the resources to be subscribed to, with their kinds.
func (k *Keeper) wanted(ctx context.Context) (map[string]notify.Kind, error) {
	all := map[string]notify.Kind{"groups": notify.Groups, "users": notify.Users}
	if k.settings.Members == 0 {
		return all, nil
	}
	links, err := k.Book.Links(ctx)
	if err != nil {
		return nil, fmt.Errorf("subscription: list the teams: %w", err)
	}
	keys := slices.SortedFunc(maps.Keys(links), func(a, b org.TeamKey) int { return cmp.Compare(a.Store, b.Store) })
	for _, key := range keys {
		if link := links[key]; len(all) < 2+k.settings.Members && link.Archived.IsZero() {
			all["teams/"+string(link.Group)+"/members"] = notify.Members
		}
	}
	return all, nil
}

// keep makes, renews and deletes subscriptions. Gap says that something may have
// been missed.
func (k *Keeper) keep(ctx context.Context, row *ledger.Subscriptions) (gap bool, err error) {
	wanted, err := k.wanted(ctx)
	if err != nil {
		return false, err
	}
	there, err := k.ours(ctx)
	if err != nil {
		return false, err
	}
	var wrong []error
	for _, resource := range slices.Sorted(maps.Keys(wanted)) {
		made, err := k.keepOne(ctx, row, there, resource, wanted[resource])
		gap = gap || made
		if err != nil {
			wrong = append(wrong, fmt.Errorf("subscription: keep the one to %s: %w", resource, err))
			if ctx.Err() != nil {
				break
			}
		}
	}
	for resource := range row.Held {
		if _, still := wanted[resource]; !still {
			delete(row.Held, resource)
		}
	}
	return gap, errors.Join(append(wrong, k.deleteStrays(ctx, row, there))...)
}

// ours are the subscriptions that post to our address, by id. Another instance
// may use the same app.
func (k *Keeper) ours(ctx context.Context) (map[string]Held, error) {
	all, err := k.Graph.Subscriptions(ctx)
	if err != nil {
		return nil, fmt.Errorf("subscription: list them: %w", err)
	}
	ours := map[string]Held{}
	for _, held := range all {
		if held.URL == k.settings.URL {
			ours[held.ID] = held
		}
	}
	return ours, nil
}

// keepOne renews a subscription or makes it anew.
func (k *Keeper) keepOne(
	ctx context.Context, row *ledger.Subscriptions, there map[string]Held, resource string, kind notify.Kind,
) (made bool, err error) {
	now := k.Now()
	known := row.Held[resource]
	held, exists := there[known.ID]
	if exists && known.Key == k.Keys.Current() {
		if !renewalDue(known, now) {
			return false, nil
		}
		held, err = k.Graph.Renew(ctx, held.ID, now.Add(k.life(kind)))
		if err == nil {
			row.Held[resource] = ledger.Subscription{ID: held.ID, Key: known.Key, Renewed: now.UTC(), Expires: held.Expires}
			return false, nil
		}
		if !fault.Is(err, fault.NotFound) {
			return false, err
		}
	}
	// Whatever of ours is about the same is in the way: Graph refuses a second one.
	for id, other := range there {
		if other.Resource == resource {
			if err := k.Graph.Unsubscribe(ctx, id); err != nil {
				return false, err
			}
			delete(there, id)
		}
	}
	if held, err = k.subscribe(ctx, resource, kind, now); err != nil {
		return false, err
	}
	row.Held[resource] = ledger.Subscription{ID: held.ID, Key: k.Keys.Current(), Renewed: now.UTC(), Expires: held.Expires}
	k.Log.InfoContext(ctx, "subscription made", "subscription", held.ID, "resource", resource, "expires", held.Expires)
	// Killed before the row is saved, it is a stray that the next run replaces.
	return true, nil
}

// shortLife is what Graph takes of any resource.
const shortLife = time.Hour

// subscribe makes a subscription; if Graph takes none of that life, a short one.
// How long a team's may live differs between its documents.
func (k *Keeper) subscribe(ctx context.Context, resource string, kind notify.Kind, now time.Time) (Held, error) {
	state, err := k.Keys.Sign(kind, rand.Reader)
	if err != nil {
		return Held{}, err
	}
	w := Wanted{
		Resource: resource, Changes: "updated,deleted", URL: k.settings.URL, State: state, Expires: now.Add(k.life(kind)),
	}
	if kind == notify.Members {
		w.Changes = "created,updated,deleted"
	}
	held, err := k.Graph.Subscribe(ctx, w)
	if fault.Is(err, fault.Invalid) && kind == notify.Members && k.settings.MemberLife > shortLife {
		w.Expires = now.Add(shortLife)
		held, err = k.Graph.Subscribe(ctx, w)
	}
	return held, err
}

func (k *Keeper) life(kind notify.Kind) time.Duration {
	if kind == notify.Members {
		return k.settings.MemberLife
	}
	return k.settings.Life
}

// renewalDue reports whether a third of the life is over: then the second third
// is left for ticks that fail.
func renewalDue(s ledger.Subscription, now time.Time) bool {
	return now.Sub(s.Renewed) >= s.Expires.Sub(s.Renewed)/3
}

// deleteStrays deletes what posts to us and nobody wants.
func (k *Keeper) deleteStrays(ctx context.Context, row *ledger.Subscriptions, there map[string]Held) error {
	wanted := map[string]bool{}
	for _, s := range row.Held {
		wanted[s.ID] = true
	}
	var wrong []error
	for id := range there {
		if wanted[id] {
			continue
		}
		if err := k.Graph.Unsubscribe(ctx, id); err != nil {
			wrong = append(wrong, fmt.Errorf("subscription: delete a stray: %w", err))
			continue
		}
		k.Log.InfoContext(ctx, "stray subscription deleted", "subscription", id)
	}
	return errors.Join(wrong...)
}
