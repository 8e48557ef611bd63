// Package telemetry says outside what the program does: OpenTelemetry traces and
// metrics by OTLP, and the invocation in every log line. It is the only package
// that knows OpenTelemetry; the others tell it through functions and small
// interfaces of their own.
//
// The Functions host sends no trace header to a custom handler, so each call of
// the host begins a trace; spans, log lines and the ledger's run records meet in
// the invocation's id (attribute faas.invocation_id, field "invocation").
//
// Nothing here is about a person: spans and metrics have names of functions,
// classes of requests, kinds of changes and errors, and counts. No address, no
// body, no text of an error.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

// scope names the instrumentation.
const scope = "github.com/storeteams/storeteams/handler"

// patience bounds the last export, when the process ends: the host kills it 10
// seconds after it asked it to stop.
const patience = 5 * time.Second

// Options say where telemetry goes.
type Options struct {
	// Endpoint is the collector's base address, which v1/traces and v1/metrics
	// are below; nil: nothing is exported.
	Endpoint *url.URL
	// Headers are sent along, e.g. the collector's key.
	Headers map[string]string

	Instance string // the installation
	Version  string // the program's
	Log      *slog.Logger
}

// Telemetry takes what the parts of the program tell. It is safe for concurrent
// use. The zero value is not usable; see [Start] and [Off].
type Telemetry struct {
	tracer trace.Tracer
	meters meters
	stop   func(context.Context) error
}

// Off returns one that exports nothing.
func Off() *Telemetry {
	t, _ := build(tracenoop.NewTracerProvider(), metricnoop.NewMeterProvider()) // instruments that do nothing do not fail
	return t
}

// Start returns one that exports to a collector. A collector that cannot be
// reached is no error: exports are tried again, and what fails is logged.
func Start(ctx context.Context, o Options) (*Telemetry, error) {
	if o.Endpoint == nil {
		return Off(), nil
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		o.Log.WarnContext(context.WithoutCancel(ctx), "telemetry not exported", "err", err)
	}))
	of := resource.NewSchemaless(
		attribute.String("service.name", "storeteams"), attribute.String("service.version", o.Version),
		attribute.String("deployment.environment.name", o.Instance))
	spans, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(o.Endpoint.JoinPath("v1", "traces").String()), otlptracehttp.WithHeaders(o.Headers))
	if err != nil {
		return nil, fmt.Errorf("telemetry: export traces: %w", err)
	}
	figures, err := otlpmetrichttp.New(ctx,
		otlpmetrichttp.WithEndpointURL(o.Endpoint.JoinPath("v1", "metrics").String()), otlpmetrichttp.WithHeaders(o.Headers))
	if err != nil {
		return nil, fmt.Errorf("telemetry: export metrics: %w", err)
	}
	traces := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(of))
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(figures)), sdkmetric.WithResource(of))
	t, err := build(traces, metrics)
	if err != nil {
		return nil, err
	}
	t.stop = func(ctx context.Context) error { return errors.Join(traces.Shutdown(ctx), metrics.Shutdown(ctx)) }
	return t, nil
}

func build(traces trace.TracerProvider, metrics metric.MeterProvider) (*Telemetry, error) {
	m, err := newMeters(metrics.Meter(scope))
	if err != nil {
		return nil, fmt.Errorf("telemetry: make instruments: %w", err)
	}
	return &Telemetry{
		tracer: traces.Tracer(scope), meters: m,
		stop: func(context.Context) error { return nil },
	}, nil
}

// Stop exports what is left, within a few seconds. What could not be exported is
// lost and said as an error.
func (t *Telemetry) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := t.stop(ctx); err != nil {
		return fmt.Errorf("telemetry: export the rest: %w", err)
	}
	return nil
}
