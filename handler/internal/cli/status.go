package cli

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"
)

// state is how the app is.
type state struct {
	Version      string    `json:"version"`
	Instance     string    `json:"instance"`
	Mode         string    `json:"mode"`
	At           time.Time `json:"at"`
	Teams        int       `json:"teams"`
	LastRun      *run      `json:"lastRun"`
	LastGood     time.Time `json:"lastGood"`
	SnapshotAt   time.Time `json:"snapshotAt"`
	Short        string    `json:"short"`
	HoldsWaiting int       `json:"holdsWaiting"`
	Blocks       int       `json:"blocks"`
	Quarantine   *struct {
		Since  time.Time `json:"since"`
		Run    string    `json:"run"`
		Tried  int       `json:"tried"`
		Failed int       `json:"failed"`
	} `json:"quarantine"`
	Notifications struct {
		Wanted bool      `json:"wanted"`
		Seen   time.Time `json:"seen"`
		Silent time.Time `json:"silent"`
		Wrong  string    `json:"wrong"`
	} `json:"notifications"`
}

func (s *seat) statusCommand() *cobra.Command {
	return s.command(&cobra.Command{
		Use:   "status",
		Short: "Say on one page how the app is",
		Long: `Say on one page how the app is: its version and MODE, the last run, how old its
reading of Commerce is, and what waits for a person.

Exit code 3 says that holds wait.`,
		Example: "  handler status\n  handler status --app https://NAME.azurewebsites.net",
	}, func(ctx context.Context, _ []string) error {
		return s.answer(ctx, get("status", "status"), statusView())
	})
}

func statusView() view {
	return viewOf(writeState, nil, func(now state) int {
		if now.HoldsWaiting > 0 {
			return exitWaiting
		}
		return exitDone
	})
}

func writeState(p *page, now state) {
	p.line("storeteams %s, instance %s, MODE=%s", now.Version, cmp.Or(now.Instance, "default"), now.Mode)
	p.line("  now         %s", when(now.At))
	p.line("  teams       %s", thousands(now.Teams))
	p.line("  last run    %s", now.lastRun())
	p.line("  last good   %s", ago(now.LastGood, now.At))
	p.line("  commerce    read %s", ago(now.SnapshotAt, now.At))
	if now.Short != "" {
		p.line("  short       %s; nobody goes for want of a row (%s baseline show)", now.Short, program)
	}
	p.line("  holds       %s", now.holds())
	p.line("  blocks      %s", thousands(now.Blocks))
	p.line("  told        %s", now.told())
	if q := now.Quarantine; q != nil {
		p.line("  quarantine  since %s: %s of %s failed in run %s, so runs are slowed", when(q.Since),
			thousands(q.Failed), number(q.Tried, "change"), q.Run)
	}
}

func (now state) lastRun() string {
	if now.LastRun == nil {
		return "none yet"
	}
	text := now.LastRun.Outcome + ", " + ago(now.LastRun.Started, now.At)
	if now.LastRun.Error != "" {
		text += ": " + now.LastRun.Error
	}
	return text
}

func (now state) holds() string {
	if now.HoldsWaiting == 0 {
		return "none waits"
	}
	return thousands(now.HoldsWaiting) + " waiting for a person (" + program + " holds list)"
}

// told says how it stands with notifications.
func (now state) told() string {
	n := now.Notifications
	switch {
	case !n.Wanted:
		return "of nothing: NOTIFICATION_URL is not set, so the timers find changes"
	case n.Wrong != "":
		return "perhaps not of everything: " + n.Wrong
	case !n.Silent.IsZero():
		return "of nothing since " + when(n.Silent) + ", although it should be; the timers find changes"
	}
	return "of changes, last " + ago(n.Seen, now.At)
}

// ago says when something was, by the app's clock.
func ago(t, now time.Time) string {
	if t.IsZero() || now.Before(t) {
		return when(t)
	}
	return when(t) + ", " + about(now.Sub(t)) + " ago"
}
