package tasksync_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simplanner"
	"github.com/storeteams/storeteams/handler/local/world"
)

var (
	firstSeed = flag.Uint64("first", 1, "first seed of the adversary")
	seeds     = flag.Uint64("seeds", 200, "how many seeds the adversary tries")
)

// TestAdversary plays random histories: people edit on both sides, readings are
// stale, hints lead to looks late, twice or not at all, and the engine is killed
// around any of its writes. Once everything is quiet both sides say the same.
func TestAdversary(t *testing.T) {
	t.Parallel()
	n := *seeds
	if testing.Short() {
		n = min(n, 20)
	}
	for seed := *firstSeed; seed < *firstSeed+n; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { play(t, seed) })
		})
	}
}

// history is a random history of a shop.
type history struct {
	*shop
	draw *rand.Rand
	list *tasksync.CampaignRow
	made int

	completed map[string]bool // by id on either side: somebody completed it
	reopened  map[string]bool // likewise: somebody reopened or deleted it
	cancelled map[string]bool // processes
	told      []string        // what happened, for a failure
}

func play(t *testing.T, seed uint64) {
	draw := rand.New(rand.NewPCG(seed, 5))
	lag := time.Duration(draw.IntN(3)) * 20 * time.Second
	h := &history{draw: draw, completed: map[string]bool{}, reopened: map[string]bool{}, cancelled: map[string]bool{}}
	h.shop = newShop(t, shopOptions{
		planner:  simplanner.Options{ReadLag: lag, DetailsDelay: lag / 2, Seed: seed},
		commerce: simcommerce.Options{TaskEntity: simcommerce.TaskEntity{Lag: time.Duration(draw.IntN(3)) * 20 * time.Second}},
	})
	for range 1 + draw.IntN(2) {
		h.starts()
	}
	h.stagger()
	for range 20 + draw.IntN(20) {
		h.step()
	}
	h.strike, h.read = nil, nil
	for range 3 {
		wait(time.Hour)
		h.settle()
		h.try(h.settler().Allow(t.Context(), store)) // refused if nothing is held
	}
	h.settle()
	h.same()
	before := h.effects
	if _, err := h.look(); err != nil || h.effects != before {
		h.Errorf("a further look makes %d writes (%v)", h.effects-before, err)
	}
	if h.Failed() {
		h.Logf("history:\n%s\nstate:\n%s", strings.Join(h.told, "\n"), h.state())
	}
}

// try notes what a person could not do, because of a stale reading, say, and
// reports whether they could.
func (h *history) try(err error) bool {
	if err != nil {
		h.told = append(h.told, "  refused: "+err.Error())
	}
	return err == nil
}

// step lets one thing happen. What a person cannot do, because it has gone
// meanwhile, does not happen.
func (h *history) step() {
	acts := []func(){
		h.starts, h.sends, h.cancels, h.tillWorks, h.tillWorks, h.tillWorks, h.teamsWorks, h.teamsWorks, h.teamsWorks,
		h.teamsEdits, h.teamsMakes, h.teamsDeletes, h.commerceDeletes, h.stagger, h.stagger, h.stagger, h.stagger, h.stagger, h.idle, h.idle,
	}
	acts[h.draw.IntN(len(acts))]()
}

func (h *history) tell(format string, args ...any) {
	h.told = append(h.told, time.Now().Format("15:04:05 ")+fmt.Sprintf(format, args...))
}

func (h *history) title() string { h.made++; return fmt.Sprintf("Task %d", h.made) }

func (h *history) starts() {
	if h.made > 25 {
		return
	}
	var titles []string
	for range 1 + h.draw.IntN(5) {
		titles = append(titles, h.title())
	}
	process := h.campaign(fmt.Sprintf("Campaign %d", h.made), titles...)
	h.tell("headquarters starts %s with %q", process, titles)
}

// sends saves what package tasklist would, of the one list there is.
func (h *history) sends() {
	if h.list == nil {
		h.list = sentList("v0", h.title(), h.title(), h.title())
	}
	h.list.Version = fmt.Sprintf("v%d", h.draw.Uint64())
	h.list.State = task.Sending
	switch h.draw.IntN(4) {
	case 0:
		h.list.State = task.Withdrawn
	case 1:
		h.list.Templates[0].Values = task.Values{task.Title: h.title(), task.Due: "2000-03-01"}
	}
	h.tell("the list is %s %s", h.list.State, h.list.Version)
	h.must(h.book.SaveCampaign(h.Context(), h.list))
}

func pick[T any](draw *rand.Rand, all []T) (one T, found bool) {
	if len(all) == 0 {
		return one, false
	}
	return all[draw.IntN(len(all))], true
}

func (h *history) cancels() {
	if l, found := pick(h.draw, h.rows()); found && h.draw.IntN(3) == 0 {
		process, _ := l.posKeys()
		h.tell("headquarters cancels the process of %q", l.title)
		if h.try(h.hq().CancelCampaign(h.Context(), process)) {
			h.cancelled[process] = true
		}
	}
}

func (h *history) tillWorks() {
	l, found := pick(h.draw, h.rows())
	process, id := l.posKeys()
	if !found || h.cancelled[process] {
		return
	}
	status := []string{world.Completed, world.Completed, world.InProgress, world.NotStarted}[h.draw.IntN(4)]
	if status == l.status {
		return
	}
	h.tell("the till: %q is %s", l.title, status)
	if h.try(h.till().SetStatus(h.Context(), process, id, status)) {
		h.completed[l.id] = true
		if status != world.Completed {
			h.reopens(l.id)
		}
	}
}

func (h *history) teamsWorks() {
	l, found := pick(h.draw, h.cards())
	if !found {
		return
	}
	if l.status == "Completed" {
		h.tell("Teams: %q is reopened", l.title)
		if h.try(h.member(ben).Reopen(h.Context(), l.id)) {
			h.reopens(l.id)
		}
		return
	}
	h.tell("Teams: %q is completed", l.title)
	if h.try(h.member(ben).Complete(h.Context(), l.id)) {
		h.completed[l.id] = true
	}
}

// reopens notes that a task was reopened on one side. A completion after that may
// be one that was there all the time, for all the other side can see; so nothing
// is certain about such a task any more.
func (h *history) reopens(id string) {
	same := []string{id}
	for _, e := range h.board().Entries {
		if e.Planner == id || e.Home == id {
			same = append(same, e.Planner, e.Home)
		}
	}
	for _, id := range same {
		h.reopened[id] = true
	}
}

func (h *history) teamsEdits() {
	l, found := pick(h.draw, h.cards())
	if !found {
		return
	}
	switch h.draw.IntN(3) {
	case 0:
		h.tell("Teams: %q is %s's", l.title, "ben")
		h.try(h.member(anna).Reassign(h.Context(), l.id, ben))
	case 1:
		h.tell("Teams: %q is renamed", l.title)
		h.try(h.member(ben).Rename(h.Context(), l.id, h.title()))
	default:
		h.try(h.member(ben).Describe(h.Context(), l.id, "Notes "+h.title()))
	}
}

func (h *history) teamsMakes() {
	if plan, _ := h.plan(); plan != "" && h.made < 40 {
		who := []string{anna, ben}[h.draw.IntN(2)]
		title := h.title()
		h.tell("Teams: %s makes %q", who[:4], title)
		h.creates(who, title)
	}
}

func (h *history) teamsDeletes() {
	if l, found := pick(h.draw, h.cards()); found {
		h.tell("Teams: %q is deleted", l.title)
		if h.try(h.member(ben).Delete(h.Context(), l.id)) {
			h.reopens(l.id)
		}
	}
}

func (h *history) commerceDeletes() {
	if l, found := pick(h.draw, h.rows()); found {
		process, id := l.posKeys()
		h.tell("Commerce: %q is deleted", l.title)
		if h.try(h.till().Delete(h.Context(), process, id)) {
			h.reopens(l.id)
		}
	}
}

func (h *history) idle() {
	d := time.Duration(h.draw.IntN(30)) * time.Minute
	h.tell("%s go by", d)
	wait(d)
}

// stagger makes the engine look at the store or a task of it, and perhaps fall.
func (h *history) stagger() {
	at, before := h.effects+1+h.draw.IntN(12), h.draw.IntN(2) == 0
	h.strike = nil
	if h.draw.IntN(2) == 0 {
		h.strike = func(effect int) (bool, bool) { return effect == at && before, effect == at && !before }
	}
	h.read = nil
	if h.draw.IntN(6) == 0 { // Commerce answers with nothing, or nonsense
		body := []string{`{"value":[]}`, `{"value":[`, `<html>`}[h.draw.IntN(3)]
		h.tell("Commerce answers %s", body)
		h.read = func(r *http.Request) *http.Response {
			if r.URL.Host != commerceHost || r.Method != http.MethodGet {
				return nil
			}
			answer := httptest.NewRecorder()
			answer.Header().Set("Content-Type", "application/json")
			_, _ = answer.WriteString(body)
			return answer.Result()
		}
	}
	_, err := h.look()
	if l, found := pick(h.draw, h.cards()); found && err == nil && h.draw.IntN(2) == 0 {
		_, err = h.settler().SettleTask(h.Context(), store, "teams:"+l.id)
	}
	h.tell("a look, killed around effect %d if at all: %v", at, err)
	h.strike, h.read = nil, nil
}

// same checks what has to be so in the end.
func (h *history) same() {
	h.Helper()
	cards, rows := map[string]line{}, map[string]line{}
	for _, l := range h.cards() {
		cards[l.id] = l
	}
	for _, l := range h.rows() {
		rows[l.id] = l
	}
	linked := map[string]string{} // cards by row
	named := map[string]bool{}
	for _, e := range h.board().Entries {
		named[e.Planner] = true
		card, shown := cards[e.Planner]
		row, kept := rows[e.Home]
		if !shown || !kept {
			continue
		}
		if other, twice := linked[e.Home]; twice {
			h.Errorf("%q is on the board twice: %s and %s", row.title, other, card.id)
		}
		linked[e.Home] = card.id
		process, _ := row.posKeys()
		if h.cancelled[process] || row.status == world.Cancelled {
			continue
		}
		if card.title != row.title || card.status != row.status || card.due != row.due {
			h.Errorf("%s: the board says %+v, Commerce %+v", e.Key, card, row)
		}
		certain := !h.reopened[card.id] && !h.reopened[row.id]
		if certain && (h.completed[card.id] || h.completed[row.id]) && card.status != "Completed" {
			h.Errorf("%q was completed, and is %s", card.title, card.status)
		}
	}
	for id, l := range cards {
		for other, twin := range cards {
			if l.byUs && !named[id] && id != other && twin.title == l.title {
				h.Errorf("%q is on the board twice", l.title)
			}
		}
	}
	for id, l := range rows {
		process, _ := l.posKeys()
		if l.bucket == "Regional" && h.list.State == task.Withdrawn {
			continue // what a list took back may be anywhere
		}
		if _, there := linked[id]; !there && !h.cancelled[process] && l.status != world.Cancelled {
			h.Errorf("%q of Commerce is not on the board", l.title)
		}
	}
}
