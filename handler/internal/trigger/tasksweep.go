package trigger

import (
	"context"
	"log/slog"
	"net/http"
)

// taskSweep carries out one tick of the TaskSweep timer.
func (f *front) taskSweep(c call) (answer, error) { return f.tick(c, f.functions.TaskSweep) }

// tick carries out one tick of a timer that ticks so often that only what goes
// wrong is logged here.
func (f *front) tick(c call, of Runner) (answer, error) {
	if _, err := readEnvelope(c.Request); err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), f.functions.Timeout)
	defer cancel()
	f.logger.LogAttrs(ctx, slog.LevelDebug, "tick began", slog.String("path", c.URL.Path), slog.String("invocation", c.invocation))
	if err := of.Run(ctx, c.invocation); err != nil {
		return answer{}, &runError{err}
	}
	return answer{status: http.StatusOK, kind: jsonKind, body: []byte(success)}, nil
}
