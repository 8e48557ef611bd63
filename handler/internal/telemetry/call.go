package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Call implements trigger.Observer: the context carries the invocation to log
// lines and the span to requests.
func (t *Telemetry) Call(ctx context.Context, function, invocation string) (_ context.Context, finish func(status int)) {
	begin := time.Now()
	of := attribute.String("function", function)
	ctx, span := t.tracer.Start(withInvocation(ctx, invocation), function, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("faas.name", function), attribute.String("faas.invocation_id", invocation)))
	return ctx, func(status int) {
		result := "ok"
		if status >= http.StatusBadRequest {
			result = "failed"
			span.SetStatus(codes.Error, strconv.Itoa(status))
		}
		t.meters.calls.Add(ctx, 1, metric.WithAttributes(of, attribute.String("result", result)))
		t.meters.callTime.Record(ctx, time.Since(begin).Seconds(), metric.WithAttributes(of))
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		span.End()
	}
}

// Message implements trigger.Observer.
func (t *Telemetry) Message(ctx context.Context, function string, queued time.Time) (done func()) {
	t.meters.queueAge.Record(ctx, time.Since(queued).Seconds(), metric.WithAttributes(attribute.String("function", function)))
	return func() {
		if function == "TaskChanged" {
			t.meters.taskLag.Record(ctx, time.Since(queued).Seconds())
		}
	}
}

// Requests returns what an outbound client of a server is to call as each of its
// requests is sent: with the request's class. finish tells the status, or the
// error that there was instead of an answer.
func (t *Telemetry) Requests(server string) func(ctx context.Context, class string) (_ context.Context, finish func(status int, err error)) {
	to := attribute.String("server", server)
	return func(ctx context.Context, class string) (context.Context, func(int, error)) {
		begin := time.Now()
		of := attribute.String("class", class)
		ctx, span := t.tracer.Start(ctx, server+" "+class, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(to, of))
		return ctx, func(status int, err error) {
			got := strconv.Itoa(status)
			switch {
			case err != nil:
				got = fault.KindOf(err).String()
				span.SetStatus(codes.Error, got)
			case status >= http.StatusBadRequest:
				span.SetStatus(codes.Error, got)
			}
			t.meters.requests.Add(ctx, 1, metric.WithAttributes(to, of, attribute.String("status", got)))
			t.meters.requestTime.Record(ctx, time.Since(begin).Seconds(), metric.WithAttributes(to, of))
			if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
				t.meters.throttled.Add(ctx, 1, metric.WithAttributes(to, of))
			}
			span.SetAttributes(attribute.String("status", got))
			span.End()
		}
	}
}
