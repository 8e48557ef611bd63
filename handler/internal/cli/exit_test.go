package cli

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestExitCodes has each command end in each way it can.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	const (
		calm    = `{"version":"v","mode":"full","at":"2026-11-23T21:30:00Z","holdsWaiting":0}`
		still   = `{"user":"u","out":[],"still":{"s/000103":"the last owner"}}`
		idle    = `{"summary":"nothing to do","changes":[],"held":[],"later":[],"skipped":[]}`
		later   = `{"summary":"1 later","changes":[],"held":[],"later":[{"team":"c","why":"w"}],"skipped":[]}`
		stopped = `{"hold":"Commerce was empty","summary":"nothing to do","changes":[],"held":[],"later":[],"skipped":[]}`
		healthy = `{"findings":[{"check":"graph","level":"note","text":"t"}]}`
		decided = `[{"team":"c","rail":"r","hash":"` + sampleHash + `","decision":"allowed"}]`
		bad     = `{"rows":[],"problems":[{"level":"wrong","subject":"file","text":"no stores","fix":"f"}]}`
	)
	tests := []struct {
		args, name, value string
		code              int
		out, errout       string
	}{
		{"status", "status", calm, exitDone, "none waits", ""},
		{"plan", "plan", idle, exitDone, "nothing to do\n", ""},
		{"plan", "plan", later, exitDone, ". later: w", ""},
		{"plan", "plan", stopped, exitWaiting, "HELD as a whole: Commerce was empty\n\nnothing to do\nNothing of it", ""},
		{"holds list", "holds", "[]", exitDone, "Nothing is held.\n", ""},
		{"holds list", "holds", decided, exitDone, "allowed", ""},
		{"runs list", "runs", "[]", exitDone, "no run yet", ""},
		{"run", "run", `{"outcome":"done"}`, exitDone, ": done", ""},
		{"run --store 000101", "run", `{"outcome":"done","held":2}`, exitWaiting, "2 held", ""},
		{"run", "run", `{"outcome":"held","error":"why"}`, exitWaiting, "why", ""},
		{"run", "run", `{"outcome":"failed","held":2}`, exitFailed, ": failed", ""},
		{"run", "run", `{"outcome":"unfinished"}`, exitFailed, "not ended", ""},
		{"run", "run", `{"outcome":"partial","failed":{"remove":1},"errors":{"denied":1}}`, exitFailed, "remove 1 (denied 1)", ""},
		{"run", "run", `{"outcome":"partial","waiting":7}`, exitDone, "7 put off", ""},
		{"runs show last", "run", `{"outcome":"failed"}`, exitDone, ": failed", ""},
		{"runs show last", "run", `{"outcome":"failed","slowed":true,"extras":2}`, exitDone, "2 in our teams", ""},
		{"unmapped", "unmapped", "[]", exitDone, "Every worker", ""},
		{"extras", "extras", "[]", exitDone, "Nobody", ""},
		{"blocks", "blocks", "[]", exitDone, "Nobody is blocked.\n", ""},
		{"revoke --user u", "revoked", still, exitFailed, "maybe STILL in store 000103: the last owner", ""},
		{"explain --store 000101", "explanation", samples()["explanation"], exitDone, "their account is disabled", ""},
		{"doctor", "doctor", samples()["doctor"], exitFailed, "User.Read.All: not granted", ""},
		{"doctor --all", "doctor", samples()["doctor"], exitFailed, "Group.Read.All: granted", ""},
		{"doctor", "doctor", healthy, exitDone, "Nothing must be fixed", ""},
		{"hierarchy export", "hierarchy", samples()["hierarchy"], exitDone, "TargetName,ParentName,TeamId\nWest,,\nStore 000101,West,g1\n", "it has one store"},
		{"hierarchy export", "hierarchy", bad, exitFailed, "TargetName", "wrong  file: no stores\n       -> f\n"},
		{"baseline show", "baseline", `{"accepted":null,"newest":"2026-11-23T21:00:00Z","collections":[]}`, exitDone, "accepted reading  none", ""},
		{"holds show " + sampleHash, "hold", `{"decision":"refused","decided":"2026-11-23T21:00:00Z"}`, exitDone, "refused at 2026-11-23", ""},
		{"holds allow " + sampleHash, "hold", `{"team":"c","decision":"allowed"}`, exitDone, "communications is allowed", ""},
		// With JSON the value is shown as it is, and judged all the same.
		{"plan -o json", "plan", stopped, exitWaiting, "{\n  \"hold\": \"Commerce was empty\",", ""},
		{"run -o json", "run", `{"outcome":"failed","n":1e2}`, exitFailed, "{\n  \"outcome\": \"failed\",\n  \"n\": 1e2\n}\n", ""},
		{"hierarchy export -o json", "hierarchy", bad, exitFailed, "\"subject\": \"file\"", "no stores"},
		{"unmapped --csv", "unmapped", samples()["unmapped"], exitDone,
			"worker,cause,stores,fix\n001010,no account,000101 000102,set the worker's e-mail address\n", ""},
		{"holds list -o csv", "holds", samples()["holds"], exitWaiting, "hash,team,rail", ""},
		// An answer of another shape is said to be one.
		{"plan", "plan", `["x"]`, exitFailed, "", "not what this command line understands"},
		{"plan -o json", "plan", `["x"]`, exitFailed, "\"x\"", "not what this command line understands"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.app.answers[test.name] = test.value
			p.run(t.Context(), strings.Fields(test.args)...).holds(t, test.code, test.out, test.errout)
		})
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	tests := []struct{ args, want string }{
		{"", "needs one of these"},
		{"pln", "Did you mean plan or run?"},
		{"nonsense", "It has these: "},
		{"holds", "holds needs one of these: allow, list, refuse, show"},
		{"holds alow", "Did you mean allow or show?"},
		{"runs lst", "Did you mean list?"},
		{"plan extra", "unknown command"},
		{"plan --nonsense", "unknown flag: --nonsense"},
		{"plan --store", "flag needs an argument"},
		{"plan --store=", "--store is empty"},
		{"plan -o yaml", `--output "yaml" is unknown, expected text, json, csv`},
		{"plan -o csv", "has no CSV form"},
		{"version -o csv", "has no CSV form"},
		{"plan --timeout 0s", "--timeout is 0s"},
		{"unmapped --csv -o json", "two forms"},
		{"holds show 0123", "no hold's hash"},
		{"holds allow 0123456789ABCDEF", "no hold's hash"},
		{"holds allow", "accepts 1 arg(s)"},
		{"runs show ../status", "is no run"},
		{"runs show ..", "is no run"},
		{"runs list --limit 0", "expected 1 to 100"},
		{"runs list --limit 101", "expected 1 to 100"},
		{"job a/b", "is no job"},
		{"explain", "at least one of the flags in the group [user worker store]"},
		{"explain --user u --worker w", "none of the others can be"},
		{"block --store 000101", "at least one of the flags in the group [user worker]"},
		{"revoke --user u --worker w", "none of the others can be"},
		{"baseline accept --reading yesterday", "is no time"},
		{"baseline accept", "accept the newest reading with --reading 2026-11-23T21:00:00.5Z"},
		{"status --key k --key-file f", "none of the others can be"},
		{"status --key-file /nowhere/key", "cannot read the file: /nowhere/key: no such file"},
		{"status --app ftp://x", "--app is no address"},
		{"status --app https://", "--app is no address"},
		{"status --app https://x/api", "more than an address"},
		{"status --app https://x?code=1", "more than an address"},
		{"status --app https://me:secret@x", "more than an address"},
		{"status --app http://example.com", "--app is http:"},
		{"status --app /subscriptions/x", "no resource id of a function app"},
		{"doctor --settings /nowhere/s.json", "cannot read the file"},
		{"hierarchy lint /nowhere/h.csv", "cannot read the file"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			got := p.run(t.Context(), strings.Fields(test.args)...)
			got.holds(t, exitUsage, "", test.want)
			if got.out != "" || !strings.HasPrefix(got.errout, "handler: ") || strings.Count(got.errout, test.want) != 1 {
				t.Errorf("stdout %q, stderr %q", got.out, got.errout)
			}
			for _, asked := range p.app.asked {
				if !strings.HasPrefix(asked, "GET ") {
					t.Errorf("asked %s", asked)
				}
			}
		})
	}
}

// TestRefusals has the app refuse in each way it can.
func TestRefusals(t *testing.T) {
	t.Parallel()
	platform := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			fmt.Fprint(w, "<html>")
		}
	}
	app := func(status int, message string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { refuse(w, status, "some_code", message) }
	}
	tests := []struct {
		name   string
		answer http.HandlerFunc
		code   int
		want   string
	}{
		{"invalid", app(400, "no store has the number 9."), exitUsage, "handler: no store has the number 9\n"},
		{"unauthorized", platform(401), exitFailed, "handler: the app refused: 401 Unauthorized\nIt wants the key of its function Operations: set STORETEAMS_KEY"},
		{"forbidden", platform(403), exitFailed, "handler: the app refused: 403 Forbidden\n"},
		{"not found", app(404, "There is no such hold."), exitFailed, "handler: There is no such hold\n"},
		{"nothing there", platform(404), exitFailed, "older than this command line"},
		{"method", app(405, "This path answers POST only."), exitFailed, "of different versions"},
		{"conflict", app(409, "It expired."), exitFailed, "handler: It expired\n"},
		{"too many", app(429, "Too many calls."), exitFailed, "handler: Too many calls\nThe app answers only so many operators at once"},
		{"failed", app(500, "This failed for a reason that only the log has."), exitFailed, "handler: This failed for a reason that only the log has\n"},
		{"denied", app(502, "graph: read: denied"), exitFailed, "handler: graph: read: denied\n"},
		{"unavailable", app(503, "commerce: read: unavailable"), exitFailed, "handler: commerce: read: unavailable\n"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
		}, exitFailed,
			"handler: the app sends us elsewhere (302 Found), and nobody is followed with a key\n"},
		{"no JSON", platform(200), exitFailed, "not what this command line understands"},
		{"another version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"v":2,"rebuild":"x"}`) }, exitFailed, "understands\n"},
		{"another answer", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"v":1,"plan":{}}`) }, exitFailed, "understands\n"},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, exitFailed, "204 No Content"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.app.instead["POST rebuild"] = test.answer
			got := p.run(t.Context(), "rebuild")
			got.holds(t, test.code, "", test.want)
			if got.out != "" || len(p.app.asked) != 1 {
				t.Errorf("asked %q, stdout %q", p.app.asked, got.out)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	delete(p.hosts, localHost)
	p.run(t.Context(), "rebuild").expect(t, exitFailed, "", `handler: cannot reach the app at http://127.0.0.1:7071: dial tcp: connection refused
Check the address (--app or STORETEAMS_APP) and that the app runs. The local environment starts with: go run ./handler/local
`)
	p.run(t.Context(), "doctor").holds(t, exitFailed, "cannot reach the app at http://127.0.0.1:7071", "")
	p.run(t.Context(), "doctor").holds(t, exitFailed, "handler doctor --settings FILE", "")
	p.run(t.Context(), "doctor", "-o", "json").holds(t, exitFailed, `"level": "wrong"`, "")
}
