package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/targeting"
)

func (s *seat) hierarchyCommand() *cobra.Command {
	return group("hierarchy", "Make or check the targeting hierarchy for task publishing in Teams",
		`Make or check the targeting hierarchy: the CSV file by which Teams knows which
stores a region has, so that tasks can be published to them.`,
		"  handler hierarchy export --out hierarchy.csv\n  handler hierarchy lint hierarchy.csv",
		s.hierarchyExportCommand(), s.hierarchyLintCommand())
}

func (s *seat) hierarchyExportCommand() *cobra.Command {
	var (
		out   string
		force bool
	)
	c := s.command(&cobra.Command{
		Use:   "export [--out FILE] [--force]",
		Short: "Write the targeting hierarchy from Commerce as CSV",
		Long: `Write the targeting hierarchy from Commerce's published organization hierarchy as
the CSV file that Teams takes. What is wrong with it goes to stderr.

Exit code 1 says that Teams would refuse the file, or not do with it what is
wanted.`,
		Example: "  handler hierarchy export > hierarchy.csv\n  handler hierarchy export --out hierarchy.csv",
	}, func(ctx context.Context, _ []string) error {
		if out != "" && !force {
			if _, err := os.Lstat(out); err == nil {
				return fileThere(out)
			}
		}
		got, err := s.ask(ctx, get("hierarchy", "hierarchy"))
		if err != nil {
			return err
		}
		return s.writeHierarchy(got.value, out, force)
	})
	c.Flags().StringVar(&out, "out", "", "the `file` to write; else stdout")
	c.Flags().BoolVar(&force, "force", false, "overwrite the file if it is there")
	return c
}

func fileThere(name string) error {
	return wrong("%s is there already; --force overwrites it", name)
}

// writeHierarchy writes the CSV file, or the answer as JSON, and what is wrong
// with it to stderr. The file is what Teams reads: nothing in it is changed.
func (s *seat) writeHierarchy(value json.RawMessage, out string, force bool) error {
	e, err := decode[targeting.Export](value)
	if err != nil {
		return err
	}
	var p page
	if s.flags.form == jsonForm {
		err = writeJSON(&p, value)
	} else {
		s.flags.form = csvForm
		err = e.WriteCSV(&p)
	}
	if err != nil {
		return asFailure(err)
	}
	if out == "" {
		err = s.write(&p)
	} else {
		err = writeFile(out, p.Bytes(), force)
	}
	if err != nil {
		return err
	}
	if e.Sick() {
		s.code = exitFailed
	}
	harmless(&e.Problems)
	writeProblems(s.Stderr, e.Problems)
	return nil
}

// writeFile writes a file that is not there yet, unless forced.
func writeFile(name string, text []byte, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !force {
		flags |= os.O_EXCL
	}
	file, err := os.OpenFile(name, flags, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fileThere(name)
	}
	if err != nil {
		return wrong("cannot write the file: %s", pathless(name, err))
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return &failure{kind: fault.Unavailable, text: "cannot write the file: " + pathless(name, err), err: err}
	}
	return nil
}

func writeProblems(w io.Writer, problems []targeting.Problem) {
	for _, problem := range problems {
		fmt.Fprintf(w, "%-5s  %s: %s\n", problem.Level, problem.Subject, problem.Text)
		if problem.Fix != "" {
			fmt.Fprintf(w, "       -> %s\n", problem.Fix)
		}
	}
}

func problemRows(problems []targeting.Problem) [][]string {
	rows := [][]string{{"level", "subject", "text", "fix"}}
	for _, problem := range problems {
		rows = append(rows, []string{string(problem.Level), problem.Subject, problem.Text, problem.Fix})
	}
	return rows
}

func (s *seat) hierarchyLintCommand() *cobra.Command {
	return s.command(&cobra.Command{
		Use:   "lint FILE",
		Short: "Check a targeting hierarchy's CSV file",
		Long: `Check a targeting hierarchy's CSV file, here and without the app: loops, duplicate
and over-long names, leaves without a team, wrong team ids.

Exit code 1 says that something is wrong.`,
		Example:           "  handler hierarchy lint hierarchy.csv",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"csv"}, cobra.ShellCompDirectiveFilterFileExt),
	}, func(_ context.Context, args []string) error { return s.lint(args[0]) })
}

// lint shows what is wrong with a file.
func (s *seat) lint(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return wrong("cannot read the file: %s", pathless(name, err))
	}
	defer func() { _ = file.Close() }() // nothing was written
	problems, err := targeting.Lint(file)
	if err != nil {
		return wrong("cannot read the file: %s", pathless(name, err))
	}
	value, err := json.Marshal(append([]targeting.Problem{}, problems...)) // an empty list, not none
	if err != nil {
		return &failure{kind: fault.Internal, text: "cannot write what is wrong with the file", err: err}
	}
	return s.show(value, lintView(name))
}

func lintView(name string) view {
	sick := func(problems []targeting.Problem) int {
		if (targeting.Export{Problems: problems}).Sick() {
			return exitFailed
		}
		return exitDone
	}
	return viewOf(func(p *page, problems []targeting.Problem) {
		if len(problems) == 0 {
			p.line("%s is as Teams wants it.", harmlessLine(name))
		}
		writeProblems(p, problems)
	}, problemRows, sick)
}
