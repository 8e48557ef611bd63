package doctor_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// TestCancelled: a doctor who was called off has found nothing wrong.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, hang := range map[string]bool{"parts that say so": true, "parts that answer with nothing": false} {
		t.Run(name, func(t *testing.T) {
			h := hanging{saysSo: hang}
			r := doctor.New(h.parts(), healthySettings(t)).Examine(ctx)
			wantOrder(t, r)
			if r.Sick() {
				t.Error(text(t, r))
			}
		})
	}
}

// TestHangs: parts that never answer take three minutes, and no more; they are
// told of as what they are.
func TestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := doctor.New(hanging{saysSo: true}.parts(), healthySettings(t)).Examine(t.Context())
		if took := time.Since(began); took != 3*time.Minute {
			t.Errorf("it took %s", took)
		}
		wantOrder(t, r)
		for _, subject := range []string{"commerce", "graph", "tables"} {
			if f := of(r, subject); len(f) == 0 || f[0].Level != doctor.Wrong || !strings.Contains(f[0].Text, "unavailable") {
				t.Errorf("%s says %+v", subject, f)
			}
		}
	})
}

// TestSurveyTakesLong: reading a large ledger may take minutes, and running out
// of them is no fault of the ledger's.
func TestSurveyTakesLong(t *testing.T) {
	for name, tt := range map[string]struct {
		takes time.Duration
		level doctor.Level
	}{
		"two minutes":  {2 * time.Minute, doctor.Fine},
		"four minutes": {4 * time.Minute, doctor.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := healthy()
				p.surveyTakes = tt.takes
				r := p.examine(t)
				wantOrder(t, r)
				if r.Sick() {
					t.Error(text(t, r))
				}
				for _, check := range []string{"tables", "stores", "people"} {
					f := of(r, check)
					if len(f) != 1 || f[0].Level != tt.level {
						t.Errorf("%s says %+v", check, f)
					}
					if tt.level == doctor.Unknown && (!strings.Contains(f[0].Fix, "again later") || !strings.Contains(f[0].Fix, "`plan`")) {
						t.Errorf("%s advises to %s", check, f[0].Fix)
					}
				}
			})
		})
	}
}

// hanging is an app whose every part waits until its context ends.
type hanging struct{ saysSo bool }

func (h hanging) parts() doctor.Parts {
	return doctor.Parts{Commerce: h, Tenant: hangingTenant(h), Ledger: hangingLedger(h), Book: h, Survey: func(ctx context.Context) (*orgsync.Survey, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
}

func (h hanging) Probe(ctx context.Context) []doctor.Collection {
	<-ctx.Done()
	if !h.saysSo {
		return nil
	}
	return []doctor.Collection{{Name: "RetailStores", Err: fault.New(fault.KindOf(ctx.Err()), "commerce: probe", ctx.Err())}}
}

func (h hanging) Runs(ctx context.Context) ([]*ledger.Run, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (h hanging) Quarantine(ctx context.Context) (*ledger.Quarantine, error) { return nil, ctx.Err() }

type hangingTenant hanging

func (h hangingTenant) Probe(ctx context.Context) []doctor.Call {
	<-ctx.Done()
	if !h.saysSo {
		return nil
	}
	return []doctor.Call{{Name: "GET /users/delta", For: "see users", Err: ctx.Err()}}
}

func (h hangingTenant) Roles(ctx context.Context) ([]string, bool, error) {
	<-ctx.Done()
	return nil, false, ctx.Err()
}

func (h hangingTenant) Licences(ctx context.Context) ([]doctor.Licence, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

type hangingLedger hanging

func (h hangingLedger) Probe(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func healthySettings(t *testing.T) config.Config {
	t.Helper()
	p := healthy()
	settings, err := config.FromEnv(func(name string) string { return p.env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return settings
}
