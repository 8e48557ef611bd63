package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// nasty is text that a terminal would obey: an escape sequence, a C1 control,
// a line end, a turn of the direction of writing, a bell.
const nasty = "a\x1b[2Jb\u009bc\nd\u202ee\u2066f\rg\x07h\u2028i"

// TestHostileTexts has nasty text in every place an answer has text.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	commands := map[string]string{
		"status": "status", "runs": "runs list", "run": "runs show", "plan": "plan", "explanation": "explain --user u",
		"holds": "holds list", "hold": "holds show " + sampleHash, "unmapped": "unmapped", "extras": "extras",
		"baseline": "baseline show", "blocks": "blocks", "revoked": "revoke --user u", "rebuild": "rebuild",
		"doctor": "doctor --all", "hierarchy": "hierarchy export",
		"tasks": "tasks status", "problems": "tasks problems", "deadLetters": "tasks dead-letters list",
	}
	for name, value := range samples() {
		for _, form := range forms() {
			t.Run(name+" as "+form, func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				p.terminals = "out"
				p.app.answers[name] = poison(t, value)
				got := p.run(t.Context(), append(strings.Fields(commands[name]), "-o", form)...)
				if got.code == exitUsage && form == csvForm {
					return // no list
				}
				if got.out == "" {
					t.Errorf("nothing was shown; stderr %q", got.errout)
				}
				for _, r := range "\x1b\u009b\u202e\u2066\r\x07\u2028" {
					if strings.ContainsRune(got.out+got.errout, r) {
						t.Errorf("%U reaches the terminal:\n%q", r, got.out+got.errout)
					}
				}
			})
		}
	}
}

// poison puts nasty text behind every text of a value but times.
func poison(t *testing.T, value string) string {
	t.Helper()
	var decoded any
	if err := json.Unmarshal([]byte(value), &decoded); err != nil {
		t.Fatal(err)
	}
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case string:
			if _, err := time.Parse(time.RFC3339, v); err != nil {
				return v + nasty
			}
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for name := range v {
				v[name] = walk(v[name])
			}
		}
		return v
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(walk(decoded)); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(text.String(), `\u2028`, "\u2028")
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	if got, want := harmlessLine("ä\x1b[0m\nb\tc\xff"), `ä\u001b[0m\u000ab\u0009c`+"\ufffd"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := harmlessText("a\n\tb\r"), "a\n\tb\\u000d"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	v := map[string]*[]string{nasty: {nasty}}
	harmless(&v)
	for key, list := range v {
		if strings.ContainsFunc(key+(*list)[0], risky) || len(v) != 1 {
			t.Errorf("%q: %q", key, *list)
		}
	}
}

// TestHarmlessJSONKeepsTheValue reads back what was made visible.
func TestHarmlessJSONKeepsTheValue(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.app.answers["rebuild"] = poison(t, `"x"`)
	got := p.run(t.Context(), "rebuild", "-o", "json")
	var value string
	if err := json.Unmarshal([]byte(got.out), &value); err != nil || value != "x"+nasty {
		t.Errorf("%q: %q, %v", got.out, value, err)
	}
}

func TestHostileErrors(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.app.instead["POST rebuild"] = func(w http.ResponseWriter, _ *http.Request) { refuse(w, 500, nasty, nasty) }
	if got := p.run(t.Context(), "rebuild"); strings.ContainsFunc(strings.ReplaceAll(got.errout, "\n", ""), risky) {
		t.Errorf("%q", got.errout)
	}
}

// TestHostileProgress has the app say what it does in a nasty way.
func TestHostileProgress(t *testing.T) {
	t.Parallel()
	for _, terminals := range []string{"", "err"} {
		p := newPlace(t)
		p.terminals = terminals
		p.app.instead["POST rebuild"] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/api/ops/jobs/J")
			w.Header().Set("Retry-After", "-5")
			reply(w, http.StatusAccepted, "job", poison(t, `{"progress":{"doing":"x","done":-1,"total":-9}}`))
		}
		p.app.instead["GET jobs/J"] = ended("rebuild", `"done"`)
		got := p.run(t.Context(), "rebuild")
		if got.code != exitDone || !strings.Contains(got.errout, `xa\u001b[2Jb`) || strings.ContainsAny(got.errout, "\u009b\u202e") {
			t.Errorf("code %d, %q", got.code, got.errout)
		}
	}
}

// TestForeignJobs has the app name jobs that are not its own.
func TestForeignJobs(t *testing.T) {
	t.Parallel()
	for _, location := range []string{
		"", "https://elsewhere.example/api/ops/jobs/1", "//elsewhere.example/api/ops/jobs/1", "/admin/host/keys",
		"/api/ops/jobs/../../admin", "/api/ops/jobs/", "/api/ops/jobs/a%2Fb", "https://" + localHost + "/api/ops/jobs/1", "%zz",
	} {
		p := newPlace(t)
		p.app.instead["POST rebuild"] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Location"] = []string{location}
			reply(w, http.StatusAccepted, "job", "{}")
		}
		p.run(t.Context(), "rebuild").holds(t, exitFailed, "", "names no job of its own")
		if len(p.app.asked) != 1 {
			t.Errorf("%q was followed: %q", location, p.app.asked)
		}
	}
}

// endless is a body that does not end.
type endless struct{ read int64 }

// Read implements io.Reader.
func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	e.read += int64(len(b))
	return len(b), nil
}

func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	body := &endless{}
	p := newPlace(t)
	s := Env{
		Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &strings.Builder{},
		Transport: roundTrip(func(r *http.Request) *http.Response {
			p.app.asked = append(p.app.asked, r.URL.Path)
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body), Request: r}
		}),
	}
	code := Run(t.Context(), []string{"plan"}, s)
	if code != exitFailed || body.read > 2*maxAnswer || len(p.app.asked) != 1 {
		t.Errorf("code %d, %d bytes read, asked %d times", code, body.read, len(p.app.asked))
	}
	if text := s.Stderr.(*strings.Builder).String(); !strings.Contains(text, "the answer is longer than 64 MiB") {
		t.Errorf("%q", text)
	}
}

type roundTrip func(*http.Request) *http.Response

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// TestOverTheNetwork asks a real server through a transport of our own, and one
// that is gone.
func TestOverTheNetwork(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	server := httptest.NewServer(p.app)
	defer server.Close()
	p.hosts = nil
	run := func() (int, string) {
		var out, errout strings.Builder
		code := Run(t.Context(), []string{"blocks", "--app", server.URL}, Env{
			Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errout,
		})
		return code, out.String() + errout.String()
	}
	if code, text := run(); code != exitDone || !strings.Contains(text, "every team") {
		t.Errorf("code %d: %s", code, text)
	}
	server.Close()
	if code, text := run(); code != exitFailed || !strings.Contains(text, "connection refused") {
		t.Errorf("code %d: %s", code, text)
	}
}

func TestHierarchyFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "hierarchy.csv")
	const want = "TargetName,ParentName,TeamId\nWest,,\nStore 000101,West,g1\n"
	p := newPlace(t)
	p.run(t.Context(), "hierarchy", "export", "--out", file).holds(t, exitDone, "", "it has one store")
	text, err := os.ReadFile(file)
	if err != nil || string(text) != want {
		t.Fatalf("%q, %v", text, err)
	}
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := len(p.app.asked)
	p.run(t.Context(), "hierarchy", "export", "--out", file).holds(t, exitUsage, "", "--force overwrites it")
	if text, _ := os.ReadFile(file); string(text) != "mine" || len(p.app.asked) != asked {
		t.Errorf("the file is %q; asked %q", text, p.app.asked)
	}
	p.run(t.Context(), "hierarchy", "export", "--out", file, "--force").holds(t, exitDone, "", "")
	if text, _ := os.ReadFile(file); string(text) != want {
		t.Errorf("the file is %q", text)
	}
	p.run(t.Context(), "hierarchy", "export", "--out", filepath.Join(dir, "no", "file")).holds(t, exitUsage, "", "cannot write the file")

	p.run(t.Context(), "hierarchy", "lint", file).holds(t, exitFailed, "wrong", "") // g1 is no GUID
	good := strings.Replace(want, "g1", sampleUser, 1)
	if err := os.WriteFile(file, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	p.run(t.Context(), "hierarchy", "lint", file).holds(t, exitDone, "", "")
	p.run(t.Context(), "hierarchy", "lint", file, "-o", "json").holds(t, exitDone, "[", "")
}

func TestDoctorOfSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sick, broken := filepath.Join(dir, "sick.json"), filepath.Join(dir, "broken.json")
	for file, text := range map[string]string{
		sick:   `{"Values":{"MODE":"` + sampleKey + `"}}`,
		broken: `MODE=full`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := newPlace(t)
	got := p.run(t.Context(), "doctor", "--settings", sick)
	got.holds(t, exitFailed, "MODE", "")
	if strings.Contains(got.out, sampleKey) || len(p.app.asked) > 0 {
		t.Errorf("stdout %q, asked %q", got.out, p.app.asked)
	}
	p.run(t.Context(), "doctor", "--settings", broken).holds(t, exitUsage, "", "no JSON")
}

func TestBaselineAsks(t *testing.T) {
	t.Parallel()
	for said, accepted := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yesterday\n": false} {
		p := newPlace(t)
		p.terminals, p.stdin = "in err", said
		got := p.run(t.Context(), "baseline", "accept")
		want := []string{"GET baseline"}
		code := exitFailed
		if accepted {
			want, code = append(want, `POST baseline/accept {"readAt":"2026-11-23T21:00:00.5Z"}`), exitDone
		}
		got.holds(t, code, "", "Workers       100       60      60\n")
		if strings.Join(p.app.asked, "\n") != strings.Join(want, "\n") || strings.Contains(got.out, "Accepted") != accepted {
			t.Errorf("%q: asked %q, stdout %q", said, p.app.asked, got.out)
		}
	}
	p := newPlace(t)
	p.app.answers["baseline"] = `{"accepted":null,"collections":[]}`
	p.run(t.Context(), "baseline", "accept").holds(t, exitFailed, "", "no run has read Commerce yet")
}
