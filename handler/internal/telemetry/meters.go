package telemetry

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// meters are all instruments. docs/operate.md lists them; a test compares.
type meters struct {
	calls         metric.Int64Counter
	callTime      metric.Float64Histogram
	queueAge      metric.Float64Histogram
	taskLag       metric.Float64Histogram
	requests      metric.Int64Counter
	requestTime   metric.Float64Histogram
	throttled     metric.Int64Counter
	runs          metric.Int64Counter
	runTime       metric.Float64Histogram
	planned       metric.Int64Gauge
	changes       metric.Int64Counter
	holds         metric.Int64Gauge
	unmapped      metric.Int64Gauge
	snapshotAge   metric.Float64Gauge
	taskChanges   metric.Int64Counter
	notifications metric.Int64Counter
}

// seconds are the bounds of the histograms' buckets: from an answer out of
// memory to a run of half an hour.
var seconds = []float64{0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 1800}

func newMeters(m metric.Meter) (meters, error) {
	var all meters
	var errs []error
	count := func(into *metric.Int64Counter, name, unit, what string) {
		made, err := m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
		*into, errs = made, append(errs, err)
	}
	took := func(into *metric.Float64Histogram, name, what string) {
		made, err := m.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what), metric.WithExplicitBucketBoundaries(seconds...))
		*into, errs = made, append(errs, err)
	}
	level := func(into *metric.Int64Gauge, name, unit, what string) {
		made, err := m.Int64Gauge(name, metric.WithUnit(unit), metric.WithDescription(what))
		*into, errs = made, append(errs, err)
	}
	count(&all.calls, "storeteams.calls", "{call}", "Calls of the host, by function and result")
	took(&all.callTime, "storeteams.call.duration", "How long they took, by function")
	took(&all.queueAge, "storeteams.queue.age", "How long a message waited until its call, by function")
	took(&all.taskLag, "storeteams.task.lag", "From a hint at tasks until both sides were made equal")
	count(&all.requests, "storeteams.requests", "{request}", "Requests sent, retries included, by server, class and status")
	took(&all.requestTime, "storeteams.request.duration", "How long their answers took, by server and class")
	count(&all.throttled, "storeteams.throttled", "{request}", "Requests answered 429 or 503, by server and class")
	count(&all.runs, "storeteams.runs", "{run}", "Runs, by function and outcome")
	took(&all.runTime, "storeteams.run.duration", "How long they took, by function")
	level(&all.planned, "storeteams.plan.size", "{change}", "Changes in the last plan of everything, by kind")
	count(&all.changes, "storeteams.changes", "{change}", "Changes carried out or failed, by kind and result")
	level(&all.holds, "storeteams.holds", "{hold}", "Changes that wait for a person")
	level(&all.unmapped, "storeteams.unmapped", "{worker}", "Workers without an account, by cause")
	count(&all.taskChanges, "storeteams.task.changes", "{change}", "Changes to tasks, by kind")
	count(&all.notifications, "storeteams.notifications", "{notification}", "Notifications of Graph, by what became of them")
	age, err := m.Float64Gauge("storeteams.snapshot.age", metric.WithUnit("s"), metric.WithDescription("Age of the reading of Commerce that the last run went by"))
	all.snapshotAge, errs = age, append(errs, err)
	return all, errors.Join(errs...)
}
