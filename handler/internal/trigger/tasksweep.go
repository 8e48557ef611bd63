package trigger

import (
	"context"
	"log/slog"
	"net/http"
)

// taskSweep carries out one tick of the TaskSweep timer. Ticks come each minute,
// so only what goes wrong is logged here.
func (f *front) taskSweep(c call) (answer, error) {
	if _, err := readEnvelope(c.Request); err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), f.functions.Timeout)
	defer cancel()
	f.logger.LogAttrs(ctx, slog.LevelDebug, "TaskSweep began", slog.String("invocation", c.invocation))
	if err := f.functions.TaskSweep.Run(ctx, c.invocation); err != nil {
		return answer{}, &runError{err}
	}
	return answer{status: http.StatusOK, kind: jsonKind, body: []byte(success)}, nil
}
