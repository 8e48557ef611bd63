package trigger

import (
	"context"
	"log/slog"
	"net/http"
)

// timer is what a timerTrigger's value says, as far as anybody wants to know.
// Its binding is called "timer" in function.json.
type timer struct {
	// IsPastDue: a tick was missed while the app was down.
	IsPastDue bool
}

// success is the whole of what a function without output bindings has to say.
// It must be an object: on an empty 2xx the host waits for ever.
const success = `{"Outputs":null,"Logs":null,"ReturnValue":null}`

// orgSync carries out one tick of the OrgSync timer.
func (f *front) orgSync(c call) (answer, error) {
	e, err := readEnvelope(c.Request)
	if err != nil {
		return answer{}, err
	}
	var tick timer
	e.value("timer", &tick)
	ctx, cancel := context.WithTimeout(c.Context(), f.functions.Timeout)
	defer cancel()
	f.logger.LogAttrs(ctx, slog.LevelInfo, "OrgSync began",
		slog.String("invocation", c.invocation), slog.Bool("past_due", tick.IsPastDue))
	if err := f.functions.OrgSync.Run(ctx, c.invocation); err != nil {
		return answer{}, &runError{err}
	}
	return answer{status: http.StatusOK, kind: jsonKind, body: []byte(success)}, nil
}
