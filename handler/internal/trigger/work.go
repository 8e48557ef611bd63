package trigger

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/storeteams/storeteams/handler/internal/progress"
)

const (
	// workTimeout ends an operator's call, whoever waits for it, time in line
	// included.
	workTimeout = 25 * time.Minute

	// operationTimeout ends the waiting for one that could not become a job,
	// before the host's proxy (240 s idle) and Azure's front end (230 s) give up
	// with an answer of their own.
	operationTimeout = 200 * time.Second

	// maxAnswer bounds an operator's answer, in bytes. The ledger keeps it and
	// every process has it in memory to pass it on.
	maxAnswer = 32 << 20
)

// task is what an operator's call asks for.
type task struct {
	name    string // what its answer is called
	changes bool   // it changes something, so nobody's leaving ends it halfway
	do      func(context.Context) (any, error)
}

// light makes an endpoint of what reads a task from a call; the task is little
// work.
func light(read func(*front, call) (task, error)) func(*front, call) (answer, error) {
	return func(f *front, c call) (answer, error) { return f.ask(c, f.light, read) }
}

// heavy is light for a question that is a lot of work.
func heavy(read func(*front, call) (task, error)) func(*front, call) (answer, error) {
	return func(f *front, c call) (answer, error) { return f.ask(c, f.heavy, read) }
}

// acting is light for a task that runs, or waits for the timer's run to end. It
// has a line of its own, so that no question waits for it.
func acting(read func(*front, call) (task, error)) func(*front, call) (answer, error) {
	return func(f *front, c call) (answer, error) { return f.ask(c, f.acting, read) }
}

// ask has a task carried out and waits for it for as long as a caller can: until
// it can become a job, or to the end of operationTimeout.
func (f *front) ask(c call, g *gate, read func(*front, call) (task, error)) (answer, error) {
	t, err := read(f, c)
	if err != nil {
		return answer{}, err
	}
	if err := g.join(); err != nil {
		return answer{}, err
	}
	w := begin(c, g, t)
	if o, ended := f.wait(w, f.functions.Patience); ended {
		return o.answer, o.err
	}
	result, err := f.beginJob(w)
	if err == nil {
		return result, nil
	}
	f.logger.LogAttrs(c.Context(), slog.LevelWarn, "job not begun",
		slog.String("invocation", c.invocation), slog.Any("err", err))
	if o, ended := f.wait(w, operationTimeout-time.Since(w.began)); ended {
		return o.answer, o.err
	}
	f.forsake(w)
	return answer{}, &refusal{
		status: http.StatusServiceUnavailable, code: "unavailable",
		message: "This takes longer than a call can last, and its answer could not be left to be asked for: " +
			"the ledger did not take it. A change that is under way goes on. Ask again later.",
	}
}

// work is a task that is carried out, apart from the call that asked for it.
type work struct {
	task
	call     call
	shift    *shift
	began    time.Time
	progress atomic.Pointer[progress.Progress]
	done     chan outcome // gets one, and does not wait until somebody takes it
	leave    func()       // ends it as far as it may be ended because nobody waits
}

// outcome is what came of a task.
type outcome struct {
	answer answer
	err    error
}

// begin begins a task for which there is a place.
func begin(c call, g *gate, t task) *work {
	w := &work{task: t, call: c, shift: shiftOf(c.Context()), began: time.Now(), done: make(chan outcome, 1)}
	ctx, end := context.WithTimeout(under{w.shift.ends, c.Context()}, workTimeout)
	line, endLine := context.WithCancel(ctx)
	if w.leave = endLine; !t.changes {
		w.leave = end
	}
	w.progress.Store(&progress.Progress{Doing: "waiting in line"})
	watched := progress.With(ctx, func(p progress.Progress) { w.progress.Store(&p) })
	w.shift.work.Go(func() {
		defer end()
		defer endLine()
		result, err := g.pass(line, func() (answer, error) {
			w.progress.Store(&progress.Progress{Doing: "working"})
			return t.carryOut(watched)
		})
		w.done <- outcome{result, err}
	})
	return w
}

// carryOut carries the task out and answers with what came of it under its
// name, in an object that says its version.
func (t task) carryOut(ctx context.Context) (result answer, err error) {
	defer recovered(&err)
	value, err := t.do(ctx)
	if err != nil {
		return answer{}, err
	}
	result, err = jsonAnswer(http.StatusOK, map[string]any{"v": 1, t.name: value})
	if err == nil && len(result.body) > maxAnswer {
		return answer{}, answerTooLong()
	}
	return result, err
}

// wait waits for the work so long, and reports whether there is anything left to
// wait for: the work has ended, or the caller has left.
func (f *front) wait(w *work, patience time.Duration) (o outcome, ended bool) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case o := <-w.done:
		return o, true
	case <-timer.C:
		return outcome{}, false
	case <-w.call.Context().Done():
	}
	if w.shift.ends.Err() != nil { // it was the server that ended the call, and the work with it
		return <-w.done, true
	}
	f.forsake(w)
	return outcome{err: callerLeft()}, true
}

// forsake leaves work to itself: a change under way goes on, all else ends. How
// a change fails that nobody waits for is in the log at least.
func (f *front) forsake(w *work) {
	w.leave()
	if !w.changes {
		return
	}
	w.shift.work.Go(func() {
		if o := <-w.done; o.err != nil {
			f.failed(w.shift.ends, w.call, o.err)
		}
	})
}
