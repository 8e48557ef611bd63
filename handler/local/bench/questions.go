package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
)

// question is one command of the operator's, asked of a handler that was just
// started.
type question struct {
	title string
	line  []string

	wall  time.Duration // of the command, from its start to its end
	usage usage         // of the handler's process
	shown int           // bytes
}

func questions() []question {
	return []question{
		{title: "plan", line: []string{"plan"}},
		{title: "explain a worker", line: []string{"explain", "--worker", "000007003"}},
		{title: "explain a store", line: []string{"explain", "--store", "000007"}},
	}
}

// measureQuestions asks twice: of a chain whose teams are yet to be made, and of
// one with nothing to do.
func (b *bencher) measureQuestions(ctx context.Context) error {
	for _, about := range []struct{ title, mode, file string }{
		{"everything to do", "plan", "planned.db"},
		{"nothing to do", "add", "made.db"},
	} {
		fmt.Fprintf(b.progress, "questions: %s\n", about.title)
		asked, err := b.ask(ctx, about.mode, filepath.Join(b.folder, about.file))
		if err != nil {
			return fmt.Errorf("questions, %s: %w", about.title, err)
		}
		for _, q := range asked {
			q.title += ", " + about.title
			b.figures.questions = append(b.figures.questions, q)
		}
	}
	return nil
}

// ask runs OrgSync once in a mode, and asks the questions.
func (b *bencher) ask(ctx context.Context, mode, ledger string) (asked []question, err error) {
	e, end, err := b.start(ctx, map[string]string{"MODE": mode, "LEDGER": "file:" + ledger, "TABLES_CONNECTION": ""})
	if err != nil {
		return nil, err
	}
	defer end(&err)
	if _, err := e.Host.Invoke(ctx, "OrgSync"); err != nil {
		return nil, err
	}
	for _, q := range questions() {
		if err := q.measure(ctx, e, b.handler()); err != nil {
			return nil, fmt.Errorf("%s: %w", q.title, err)
		}
		asked = append(asked, q)
	}
	return asked, nil
}

// measure starts the handler anew and asks it.
func (q *question) measure(ctx context.Context, e *environment.Environment, handler string) error {
	e.Host.Close()
	if err := e.StartHost(ctx); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, handler, append(q.line, "--app", e.Host.URL())...) //nolint:gosec // our own binary
	began := time.Now()
	out, err := cmd.Output()
	q.wall, q.shown = time.Since(began), len(out)
	const waiting = 3 // the exit code of a plan with changes
	if err != nil && cmd.ProcessState.ExitCode() != waiting {
		return err
	}
	q.usage, err = usageOf(e.Host.PID())
	return err
}
