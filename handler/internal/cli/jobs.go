package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

func (s *seat) rebuildCommand() *cobra.Command {
	return s.command(&cobra.Command{
		Use:   "rebuild",
		Short: "Have the next run read everything anew",
		Long: `Have the next run read everything anew: what the app remembers of Commerce and of
the tenant is forgotten where it can be read again. Teams are found by their
markers, and decisions, blocks and claims stay.`,
		Example: "  handler rebuild",
	}, func(ctx context.Context, _ []string) error {
		return s.answer(ctx, post("rebuild", "rebuild", nil), sentenceView())
	})
}

func sentenceView() view {
	return viewOf(func(p *page, sentence string) { p.line("%s", sentence) }, nil, nil)
}

// jobCommand picks up work that was left behind by Ctrl-C, a time that was too
// short, or a connection that broke.
func (s *seat) jobCommand() *cobra.Command {
	return s.command(&cobra.Command{
		Use:   "job ID",
		Short: "Wait for work that goes on in the app, and show its answer",
		Long: `Wait for work that goes on in the app after a command stopped waiting for it, and
show its answer with the exit code it would have had. The app forgets answers
after a while.`,
		Example: "  handler job 3f2a9c",
		Args:    cobra.ExactArgs(1),
	}, func(ctx context.Context, args []string) error {
		if !jobID.MatchString(args[0]) {
			return wrong("%q is no job, expected an ID as a command named it", args[0])
		}
		got, err := s.ask(ctx, get(jobs+args[0], ""))
		if err != nil {
			return err
		}
		if got.name == "hierarchy" {
			return s.writeHierarchy(got.value, "", false)
		}
		v, known := viewNamed(got.name)
		if !known {
			return &failure{kind: fault.Unavailable, text: "the app's answer is not what this command line understands"}
		}
		if err := s.hasForm(v); err != nil {
			return err
		}
		return s.show(got.value, v)
	})
}

// viewNamed returns the view of an answer by its name.
func viewNamed(name string) (v view, known bool) {
	v, known = map[string]view{
		"status":      statusView(),
		"runs":        runsView(),
		"run":         runView(),
		"plan":        planView(),
		"explanation": explanationView(),
		"holds":       holdsView(),
		"hold":        holdView(writeHold),
		"unmapped":    unmappedView(),
		"extras":      extrasView(),
		"baseline":    baselineView(),
		"blocks":      blocksView(""),
		"revoked":     revokedView(),
		"rebuild":     sentenceView(),
		"doctor":      reportView(false),
		"tasks":       overviewView(),
		"problems":    problemsView(""),
		"deadLetters": lettersView(""),
	}[name]
	return v, known
}
