package config

import (
	"net/url"
	"strings"
)

// Telemetry are the settings about OpenTelemetry. Their names are its own.
type Telemetry struct {
	Endpoint *url.URL          // OTEL_EXPORTER_OTLP_ENDPOINT; nil: nothing is exported
	Headers  map[string]Secret // OTEL_EXPORTER_OTLP_HEADERS
}

func (r *reader) telemetrySettings() []setting {
	t := &r.config.Telemetry
	return []setting{
		{Setting{"OTEL_EXPORTER_OTLP_ENDPOINT", "", false,
			"a collector's address, e.g. https://collector.contoso.com:4318 (http only on a loopback address, no user, query or fragment)",
			"OpenTelemetry collector that traces and metrics are sent to by OTLP over HTTP; empty means that none are."},
			address(&t.Endpoint)},
		{Setting{"OTEL_EXPORTER_OTLP_HEADERS", "", false, "name=value pairs, separated by commas",
			"Headers sent to the collector, such as its key."},
			headers(&t.Headers)},
	}
}

// headers reads OpenTelemetry's form of headers: as in a query, with commas.
func headers(into *map[string]Secret) func(string) error {
	return func(value string) error {
		all := map[string]Secret{}
		for pair := range strings.SplitSeq(value, ",") {
			name, content, ok := strings.Cut(pair, "=")
			name = strings.TrimSpace(name)
			text, err := url.PathUnescape(strings.TrimSpace(content))
			if !ok || err != nil || name == "" || strings.ContainsAny(name, " \t:") {
				return errExpected
			}
			all[name] = Secret{text}
		}
		*into = all
		return nil
	}
}
