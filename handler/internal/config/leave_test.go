package config_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/config"
)

func TestFromEnvSimulatedCommerce(t *testing.T) {
	t.Parallel()
	simulated := fewest().with("COMMERCE_URL", "http://127.0.0.1:9001")
	accepted(t, simulated.with("MODE", "plan"))
	accepted(t, simulated.with("MODE", "add", "GRAPH_URL", "http://127.0.0.1:9002/v1.0"))
	accepted(t, fewest().with("MODE", "add", "GRAPH_URL", "http://127.0.0.1:9002/v1.0"))
	accepted(t, simulated.with("MODE", "full", "GRAPH_URL", "http://127.0.0.1:9002/v1.0"))
	for _, mode := range []string{"add", "full"} {
		got := mistakes(t, simulated.with("MODE", mode))
		want := config.Mistakes{{Setting: "MODE", Problem: "expected plan while COMMERCE_URL is a loopback address and GRAPH_URL is not"}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("MODE=%s: got %v, want %v", mode, got, want)
		}
	}
}

func TestFromEnvModes(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]config.Mode{
		"plan": config.ModePlan, "add": config.ModeAdd, "full": config.ModeFull, " Full ": config.ModeFull,
	} {
		if got := accepted(t, fewest().with("MODE", value)).Mode; got != want {
			t.Errorf("MODE=%q is %q, want %q", value, got, want)
		}
	}
}

func TestFromEnvDays(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"1d": 24 * time.Hour, "90d": 90 * 24 * time.Hour, "365d": 365 * 24 * time.Hour, "0d1m": time.Minute,
		"2d1h30m": 49*time.Hour + 30*time.Minute, "720h": 720 * time.Hour, "1d0": 24 * time.Hour,
	} {
		if got := accepted(t, fewest().with("ARCHIVE_AFTER", value)).ArchiveAfter; got != want {
			t.Errorf("ARCHIVE_AFTER=%s is %v, want %v", value, got, want)
		}
	}
	if got := accepted(t, fewest().with("SNAPSHOT_MAX_AGE", "1d")).SnapshotMaxAge; got != 24*time.Hour {
		t.Errorf("SNAPSHOT_MAX_AGE=1d is %v, want 24h: every duration may be in days", got)
	}
}

// The shortest distance of two sightings is for real tenants only.
func TestFromEnvSightingInterval(t *testing.T) {
	t.Parallel()
	if got := accepted(t, fewest().with("SIGHTING_INTERVAL", "5m")).SightingInterval; got != 5*time.Minute {
		t.Errorf("SIGHTING_INTERVAL=5m is %v", got)
	}
	accepted(t, fewest().with("SIGHTING_INTERVAL", "1ns", "GRAPH_URL", "http://127.0.0.1:9002/v1.0"))
	got := mistakes(t, fewest().with("SIGHTING_INTERVAL", "4m", "GRAPH_URL", "?"))
	if len(got) != 2 || got[0].Setting != "GRAPH_URL" || got[1].Problem != tooSoon {
		t.Errorf("got %v: an address that cannot be read is no loopback address", got)
	}
}
