package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
)

// operations lists what an operator does.
func operations() map[string]command {
	return map[string]command{
		"holds":           {flags: holds},
		"allow":           {flags: allow, values: []string{"hash"}, need: 1},
		"refuse":          {flags: refuse, values: []string{"hash"}, need: 1},
		"block":           {flags: block, values: []string{"user", "store"}, need: 1},
		"unblock":         {flags: unblock, values: []string{"user", "store"}, need: 1},
		"revoke":          {flags: revoke, values: []string{"user"}, need: 1},
		"baseline accept": {flags: acceptBaseline},
		"rebuild":         {flags: rebuild},
	}
}

func hashFlag(flags *flag.FlagSet) *string {
	return flags.String("hash", "", "`hash` of the hold, as holds shows it")
}

func userFlag(flags *flag.FlagSet) *string {
	return flags.String("user", "", "the `user`: a personnel number, a UPN or an object id")
}

func teamFlag(flags *flag.FlagSet) *string {
	return flags.String("store", "", "`number` of the store; without it all teams are meant")
}

func holds(*flag.FlagSet) action {
	return func(ctx context.Context, at place) (string, error) {
		all, err := at.operator.Holds(ctx)
		return holdsText(all), err
	}
}

// holdsText shows holds, each with what it stopped.
func holdsText(all []environment.Hold) string {
	if len(all) == 0 {
		return "Nothing is held."
	}
	var text strings.Builder
	for i, hold := range all {
		if i > 0 {
			text.WriteString("\n")
		}
		fmt.Fprintf(&text, "%s  team %s, %s: %s\n", hold.Hash, hold.Team, hold.Rail, hold.Why)
		for _, c := range hold.Changes {
			line := strings.TrimSpace(c.Kind + " " + cmp.Or(c.User, c.Name))
			if c.Worker != "" {
				line += ", worker " + c.Worker
			}
			fmt.Fprintf(&text, "  %s\n", line)
		}
		fmt.Fprintf(&text, "  %s; since %s, until %s",
			cmp.Or(hold.Decision, "waiting"), hold.Since.Format(time.DateTime), hold.Expires.Format(time.DateTime))
	}
	return text.String()
}

func allow(flags *flag.FlagSet) action {
	hash := hashFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Hold %s is allowed; the next run makes its changes.", *hash), at.operator.Allow(ctx, *hash)
	}
}

func refuse(flags *flag.FlagSet) action {
	hash := hashFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Hold %s is refused; its changes are not made.", *hash), at.operator.Refuse(ctx, *hash)
	}
}

func block(flags *flag.FlagSet) action {
	user, store := userFlag(flags), teamFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		id, err := at.operator.Block(ctx, *user, *store)
		return fmt.Sprintf("User %s is blocked: they are kept out of %s, whatever Commerce wants.", id, where(*store)), err
	}
}

func unblock(flags *flag.FlagSet) action {
	user, store := userFlag(flags), teamFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		id, err := at.operator.Unblock(ctx, *user, *store)
		return fmt.Sprintf("User %s is not blocked any more from %s.", id, where(*store)), err
	}
}

func where(store string) string {
	if store == "" {
		return "every team"
	}
	return "the team of store " + store
}

func revoke(flags *flag.FlagSet) action {
	user := userFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		id, err := at.operator.Revoke(ctx, *user)
		return fmt.Sprintf("User %s is out of every team, and blocked.", id), err
	}
}

func acceptBaseline(*flag.FlagSet) action {
	return func(ctx context.Context, at place) (string, error) {
		return "Commerce's last reading is what the next ones are measured by.", at.operator.AcceptBaseline(ctx)
	}
}

func rebuild(*flag.FlagSet) action {
	return func(ctx context.Context, at place) (string, error) {
		return "The next run reads everything anew.", at.operator.Rebuild(ctx)
	}
}
