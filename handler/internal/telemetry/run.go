package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// Run tells of a run that has ended. What is a level, such as holds, is that of
// runs of everything: one of some teams knows no whole.
func (t *Telemetry) Run(ctx context.Context, run *ledger.Run) {
	of := attribute.String("function", run.Function)
	_, span := t.tracer.Start(ctx, "run", trace.WithTimestamp(run.Started), trace.WithAttributes(
		of, attribute.String("run", run.ID), attribute.String("outcome", string(run.Outcome)), attribute.Bool("hinted", run.Hinted),
		attribute.Int("stores", run.Stores), attribute.Int("held", run.Held), attribute.Int("waiting", run.Waiting)))
	span.End(trace.WithTimestamp(run.Ended))

	m := t.meters
	m.runs.Add(ctx, 1, metric.WithAttributes(of, attribute.String("outcome", string(run.Outcome))))
	m.runTime.Record(ctx, run.Ended.Sub(run.Started).Seconds(), metric.WithAttributes(of))
	for result, counts := range map[string]map[string]int{"done": run.Done, "failed": run.Failed} {
		for kind, n := range counts {
			m.changes.Add(ctx, int64(n), metric.WithAttributes(attribute.String("kind", kind), attribute.String("result", result)))
		}
	}
	if run.OfSome() {
		return
	}
	for kind, n := range run.Planned {
		m.planned.Record(ctx, int64(n), metric.WithAttributes(attribute.String("kind", kind)))
	}
	for cause, n := range run.Unmapped {
		m.unmapped.Record(ctx, int64(n), metric.WithAttributes(attribute.String("cause", cause)))
	}
	m.holds.Record(ctx, int64(run.Held))
	if !run.SnapshotAt.IsZero() {
		m.snapshotAge.Record(ctx, time.Since(run.SnapshotAt).Seconds())
	}
}

// TaskChange tells of a change to a task that was carried out, by its kind.
func (t *Telemetry) TaskChange(ctx context.Context, kind string) {
	t.meters.taskChanges.Add(ctx, 1, metric.WithAttributes(attribute.String("kind", kind)))
}

// Notifications tells how many notifications of Graph had the same fate: taken,
// or the reason they were dropped for.
func (t *Telemetry) Notifications(ctx context.Context, fate string, n int) {
	t.meters.notifications.Add(ctx, int64(n), metric.WithAttributes(attribute.String("fate", fate)))
}
