package simhost

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	env := newEnvironment([]string{"A=1", "B=two", "A=one", "EMPTY=", "=C:=x", "novalue"})
	for text, want := range map[string]string{
		"":                "",
		"plain":           "plain",
		"%A%":             "one",
		"<%A%%B%>":        "<onetwo>",
		"0 */%A% * * * *": "0 */one * * * *",
	} {
		if got, err := env.expand(text); err != nil || got != want {
			t.Errorf("%q became %q (%v), want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"%NONE%", "%EMPTY%", "%%", "50%", "%A"} {
		if got, err := env.expand(text); err == nil {
			t.Errorf("%q became %q, want an error", text, got)
		}
	}
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 3, 4, 5, 6, 7, 0, time.Local)
	for text, want := range map[string]time.Time{
		"*/10 * * * * *": from.Add(3 * time.Second),
		"0 */15 * * * *": time.Date(2026, 3, 4, 5, 15, 0, 0, time.Local),
		"*/15 * * * *":   time.Date(2026, 3, 4, 5, 15, 0, 0, time.Local),
		"0 30 9 * * MON": time.Date(2026, 3, 9, 9, 30, 0, 0, time.Local),
		"00:00:05":       from.Add(5 * time.Second),
		"01:30:00":       from.Add(90 * time.Minute),
		"1.00:00:00":     from.Add(24 * time.Hour),
		"02:30":          from.Add(150 * time.Minute),
		"0 0 0 30 2 *":   {},
	} {
		s, err := parseSchedule(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := s.Next(from); !got.Equal(want) {
			t.Errorf("%q is due at %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "@daily", "* * * *", "61 * * * * *", "00:00:00", "24:00:00", "00:60:00", "5m", "1:2:3:4", "TZ=UTC", "TZ=UTC 0 * * * *"} {
		if s, err := parseSchedule(text); err == nil {
			t.Errorf("%q is a schedule: %v", text, s)
		}
	}
}

func TestWhichTimersHaveAStatus(t *testing.T) {
	t.Parallel()
	no := false
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.Local)
	for _, test := range []struct {
		schedule string
		monitor  *bool
		want     bool
	}{
		{"0 * * * * *", nil, true},
		{"0 * * * * *", &no, false},
		{"*/30 * * * * *", nil, false},
		{"0,10 0 * * * *", nil, false},
		{"00:01:00", nil, true},
		{"00:00:59", nil, false},
		{"0 0 0 30 2 *", nil, true},
	} {
		timer, err := newTimer(test.schedule, test.monitor, now)
		if err != nil {
			t.Fatal(err)
		}
		if timer.monitored != test.want || (timer.info().ScheduleStatus != nil) != test.want {
			t.Errorf("%q: monitored %v, want %v", test.schedule, timer.monitored, test.want)
		}
	}
}

func TestTheTimersValue(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 7, 120_000_000, time.Local)
	zone := at.Format("-07:00")
	timer, err := newTimer("00:05:00", nil, at)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(timer.info())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Schedule":{"AdjustForDST":false},"ScheduleStatus":{"Last":"0001-01-01T00:00:00",` +
		`"Next":"2026-03-04T05:11:07.12` + zone + `","LastUpdated":"2026-03-04T05:06:07.12` + zone + `"},"IsPastDue":false}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Runs do not overlap, a long one skips what it covers, and the schedule goes on.
func TestATimersRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		timer, err := newTimer("00:01:00", nil, start)
		if err != nil {
			t.Fatal(err)
		}
		var fired, last []time.Duration
		since := func(at time.Time) time.Duration {
			if at.IsZero() {
				return -1
			}
			return at.Sub(start)
		}
		timer.run(ctx, func(ctx context.Context) {
			fired = append(fired, time.Since(start))
			last = append(last, since(time.Time(timer.info().ScheduleStatus.Last)))
			switch len(fired) {
			case 1:
				<-time.After(150 * time.Second) // longer than two intervals
			case 3:
				cancel()
				<-ctx.Done()
			}
		})
		minutes := func(m ...float64) (d []time.Duration) {
			for _, x := range m {
				d = append(d, time.Duration(x*float64(time.Minute)))
			}
			return d
		}
		if want := minutes(1, 4.5, 5.5); !reflect.DeepEqual(fired, want) {
			t.Errorf("fired after %v, want %v", fired, want)
		}
		if want := []time.Duration{-1, time.Minute, 270 * time.Second}; !reflect.DeepEqual(last, want) {
			t.Errorf("told of last runs after %v, want %v", last, want)
		}
	})
}

func TestATimerThatIsNeverDueEnds(t *testing.T) {
	t.Parallel()
	timer, err := newTimer("0 0 0 30 2 *", nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	timer.run(t.Context(), func(context.Context) { t.Error("it fired") })
}

func TestTheErrorBudget(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for name, test := range map[string]struct {
		after []time.Duration // since the failure before
		stops int             // which failure stops the host; 0: none
	}{
		"at once":                 {[]time.Duration{0, 0, 0}, 3},
		"29 minutes apart":        {[]time.Duration{0, 29 * time.Minute, 29 * time.Minute}, 3},
		"exactly half an hour":    {[]time.Duration{0, 30 * time.Minute, 30 * time.Minute}, 3},
		"over half an hour apart": {[]time.Duration{0, 31 * time.Minute, 31 * time.Minute, 31 * time.Minute}, 0},
		"two, a pause, three":     {[]time.Duration{0, 0, time.Hour, 0, 0}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b budget
			now, stopped := start, 0
			for i, gap := range test.after {
				now = now.Add(gap)
				if b.exhausted(now) && stopped == 0 {
					stopped = i + 1
				}
			}
			if stopped != test.stops {
				t.Errorf("failure %d stops the host, want %d", stopped, test.stops)
			}
		})
	}
}

func TestFunctionFilesInError(t *testing.T) {
	t.Parallel()
	timer := `{"name":"timer","type":"timerTrigger","direction":"in","schedule":"0 0 * * * *"}`
	for name, test := range map[string]struct{ function, file string }{
		"not JSON":          {"F", `{`},
		"no trigger":        {"F", `{"bindings":[]}`},
		"two triggers":      {"F", `{"bindings":[` + timer + `,` + timer + `]}`},
		"trigger out":       {"F", `{"bindings":[{"name":"t","type":"timerTrigger","direction":"out","schedule":"0 0 * * * *"}]}`},
		"binding's name":    {"F", `{"bindings":[{"name":"a-b","type":"timerTrigger","direction":"in","schedule":"0 0 * * * *"}]}`},
		"no schedule":       {"F", `{"bindings":[{"name":"t","type":"timerTrigger","direction":"in"}]}`},
		"retry":             {"F", `{"retry":{"strategy":"fixedDelay"},"bindings":[` + timer + `]}`},
		"output of a timer": {"F", `{"bindings":[` + timer + `,{"name":"o","type":"queue","direction":"out"}]}`},
		"run on startup":    {"F", `{"bindings":[{"name":"t","type":"timerTrigger","direction":"in","schedule":"0 0 * * * *","runOnStartup":true}]}`},
		"its own name":      {"1F", `{"bindings":[` + timer + `]}`},
		"named host":        {"Host", `{"bindings":[` + timer + `]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if f, err := newFunction(test.function, []byte(test.file), hostFile{proxying: true}, nil); err == nil {
				t.Errorf("indexed as %+v", f)
			}
		})
	}
	if f, err := newFunction("F_1-x", []byte(`{"bindings":[`+timer+`]}`), hostFile{}, nil); err != nil || f.trigger != "timer" {
		t.Errorf("a good one came out as %+v (%v)", f, err)
	}
}

func TestHostFileValues(t *testing.T) {
	t.Parallel()
	const handler = `"customHandler":{"description":{"defaultExecutablePath":"bin"}`
	for name, test := range map[string]struct {
		text string
		env  environment
		want hostFile
	}{
		"defaults": {`{"version":"2.0",` + handler + `}}`, nil,
			hostFile{startTimeout: 30 * time.Second, functionTimeout: 30 * time.Minute, routePrefix: "api"}},
		"all given": {
			`{"version":"2.0","functionTimeout":"00:10:00","extensions":{"http":{"routePrefix":""}},` + handler +
				`,"initializationTimeout":"00:01:00","enableProxyingHttpRequest":true}}`, nil,
			hostFile{startTimeout: time.Minute, functionTimeout: 10 * time.Minute, proxying: true}},
		"queues": {
			`{"version":"2.0","extensions":{"serviceBus":{"maxConcurrentCalls":3,"maxConcurrentSessions":4,"maxAutoLockRenewalDuration":"00:00:00",` +
				`"sessionIdleTimeout":"00:00:05","autoCompleteMessages":false}},` + handler + `}}`, nil,
			hostFile{startTimeout: 30 * time.Second, functionTimeout: 30 * time.Minute, routePrefix: "api",
				bus: busOptions{calls: 3, sessions: 4, idle: 5 * time.Second}}},
		"unlimited, keys without case": {`{"Version":"2.0","FUNCTIONTIMEOUT":"-1",` + handler + `}}`, nil,
			hostFile{startTimeout: 30 * time.Second, routePrefix: "api"}},
		"settings win": {`{"version":"2.0","functionTimeout":"-1",` + handler + `}}`,
			environment{"AzureFunctionsJobHost__FunctionTimeout": "00:00:02", "AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest": "True"},
			hostFile{startTimeout: 30 * time.Second, functionTimeout: 2 * time.Second, routePrefix: "api", proxying: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for file, text := range map[string]string{"host.json": test.text, "bin": ""} {
				if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			test.want.executable = filepath.Join(root, "bin")
			if name != "queues" {
				test.want.bus = busOptions{calls: 16 * runtime.NumCPU(), sessions: 8, renewal: 5 * time.Minute, idle: time.Minute, autoComplete: true}
			}
			if got, err := readHostFile(root, test.env); err != nil || got != test.want {
				t.Errorf("got %+v (%v), want %+v", got, err, test.want)
			}
		})
	}
}

func TestForwardedRequestsConnectAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		refusals, tries int
		ends            error
		takes           time.Duration
	}{
		"at once":         {0, 1, nil, 0},
		"at the third":    {2, 3, nil, 150 * time.Millisecond},
		"at the last":     {9, 10, nil, 1850 * time.Millisecond},
		"never":           {10, 10, syscall.ECONNREFUSED, 1850 * time.Millisecond},
		"the caller left": {20, 5, syscall.ECONNREFUSED, 700 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				if name == "the caller left" {
					time.AfterFunc(test.takes, cancel)
				}
				defer cancel()
				start, tries := time.Now(), 0
				dial := retrying(func(context.Context, string, string) (net.Conn, error) {
					if tries++; tries <= test.refusals {
						return nil, syscall.ECONNREFUSED
					}
					return nil, nil
				})
				if _, err := dial(ctx, "tcp", "nowhere"); !errors.Is(err, test.ends) {
					t.Errorf("ended with %v, want %v", err, test.ends)
				}
				if tries != test.tries || time.Since(start) != test.takes {
					t.Errorf("%d tries in %v, want %d in %v", tries, time.Since(start), test.tries, test.takes)
				}
			})
		})
	}
}
