package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"golang.org/x/term"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// The exit codes. They are stable: scripts are written against them.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitWaiting = 3
)

// Env is what the command line has of its surroundings. Getenv and the three
// streams are needed.
type Env struct {
	Getenv  func(name string) string // environment variables, for STORETEAMS_APP and STORETEAMS_KEY
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Version string // of this build, as version prints it

	// IsTerminal reports whether a person sits at one of the three streams. Nil:
	// the system is asked.
	IsTerminal func(stream any) bool

	// Transport carries the requests. Nil: a transport of our own, with the
	// system's proxies.
	Transport http.RoundTripper
}

// Run carries out the command that args (without the program's name) say, and
// returns the exit code. When ctx ends it stops waiting; what the app has begun
// goes on there.
func Run(ctx context.Context, args []string, env Env) int {
	if env.IsTerminal == nil {
		env.IsTerminal = isTerminal
	}
	s := &seat{Env: env}
	root := s.root()                          //nolint:contextcheck // cobra hands the context to each command
	root.SetArgs(append([]string{}, args...)) // never nil: cobra would take the process's own
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		return s.failed(err)
	}
	return s.code
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// seat is one command being carried out: its surroundings, the flags that every
// command has, and the exit code so far.
type seat struct {
	Env
	flags flags
	code  int
}

// failure is why a command did not do what it was asked, as the operator reads it.
type failure struct {
	kind fault.Kind
	text string // one sentence, without a full stop
	hint string // what to do about it; sentences. May be empty
	err  error  // the cause, whose text is part of text if it is fit to show

	nobody bool // nobody answered at the app's address
}

// Error implements error.
func (f *failure) Error() string { return f.text }

// Unwrap returns the cause.
func (f *failure) Unwrap() error { return fault.New(f.kind, f.text, f.err) }

func wrong(format string, args ...any) *failure {
	return &failure{kind: fault.Invalid, text: fmt.Sprintf(format, args...)}
}

// failed writes the sentence an error comes to, and returns its exit code. An
// error that is no failure is cobra's, about how the command was written.
func (s *seat) failed(err error) int {
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{kind: fault.Invalid, text: err.Error(), hint: "Commands and flags: " + program + " help"}
	}
	fmt.Fprintln(s.Stderr, program+": "+harmlessText(f.text))
	if f.hint != "" {
		fmt.Fprintln(s.Stderr, harmlessText(f.hint))
	}
	if f.kind == fault.Invalid {
		return exitUsage
	}
	return exitFailed
}
