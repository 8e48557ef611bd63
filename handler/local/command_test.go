package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/world"
)

// started serves the sample's Commerce and tenant, without a handler.
func started(t *testing.T) *environment.Environment {
	t.Helper()
	sample, err := world.Sample()
	if err != nil {
		t.Fatal(err)
	}
	e, err := environment.Start(t.Context(), environment.Options{World: sample})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// call runs the program with a command line.
func call(t *testing.T, line ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = run(t.Context(), line, func(string) string { return "" }, &out, &problems)
	return code, out.String(), problems.String()
}

func TestChangesOfCommerce(t *testing.T) {
	e := started(t)
	for _, c := range []struct{ line, says string }{
		{"hire -name Ada 000101", "worker 900001 (Ada, new.hire.01@larkmoor.example) works in store 000101."},
		{"transfer 900001 000102", "worker 900001 works in store 000102, and in no other."},
		{"promote 900001 000102", "worker 900001 has a manager position in store 000102."},
		{"demote -worker 900001", "worker 900001 manages nothing any more."},
		{"leave 900001", "worker 900001 has left; their employment and positions have ended."},
		{"close -store 000103", "store 000103 is closed; its rows are gone until it reopens."},
		{"reopen 000103", "store 000103 is open again, as it was."},
		{"open -region North 000140 Quay", "store 000140, Quay, is open."},
		{"rename -name Pier 000140", "store 000140 is called Pier."},
		{"transfer -store 000140 001008", "worker 001008 works in store 000140, and in no other."}, // the value fills what is open
	} {
		words := strings.Fields(c.line)
		line := append([]string{words[0], "-commerce", e.CommerceURL}, words[1:]...)
		if code, out, problems := call(t, line...); code != exitDone || out != "Commerce: "+c.says+"\n" {
			t.Errorf("%s: %d %q %q, want %q", c.line, code, out, problems, c.says)
		}
	}
}

func TestChangesThatCannotBe(t *testing.T) {
	e := started(t)
	if code, _, problems := call(t, "close", "-commerce", e.CommerceURL, "000103"); code != exitDone {
		t.Fatal(problems)
	}
	for _, c := range []struct{ line, says string }{
		{"leave nobody", "local: leave: no worker has the number nobody\n"},
		{"leave 001196", "local: leave: worker 001196 has left already\n"},
		{"transfer 001008 nowhere", "local: transfer: no store has the number nowhere\n"},
		{"demote 001008", "local: demote: worker 001008 manages nothing\n"},
		{"close nowhere", "local: close: no store has the number nowhere\n"},
		{"close 000103", "local: close: store 000103 is closed already\n"},
		{"reopen 000101", "local: reopen: store 000101 is not closed\n"},
	} {
		words := strings.Fields(c.line)
		line := append([]string{words[0], "-commerce", e.CommerceURL}, words[1:]...)
		if code, out, problems := call(t, line...); code != exitFailed || out != "" || problems != c.says {
			t.Errorf("%s: %d %q %q, want %q", c.line, code, out, problems, c.says)
		}
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, line := range [][]string{
		{"leave", "-commerce", gone.URL, "001008"}, {"close", "-commerce", gone.URL, "000101"}, {"holds", "-app", gone.URL},
	} {
		if code, _, problems := call(t, line...); code != exitFailed || !strings.Contains(problems, "is an environment running there?") {
			t.Errorf("%s: %d %q", line[0], code, problems)
		}
	}
}

func TestWrongUse(t *testing.T) {
	for _, c := range []struct{ line, says string }{
		{"leave", "leave needs -worker"},
		{"transfer 001008", "transfer needs -store"},
		{"open 000140 Quay", "open needs -region"},
		{"block", "block needs -user"},
		{"allow", "allow needs -hash"},
		{"leave 001008 000101", `"000101" is one value too many for leave`},
		{"leave -worker 001008 001009", `"001009" is one value too many for leave`},
		{"holds all", `"all" is one value too many for holds`},
		{"leave 001008 -commerce x", "flags come before values"},
		{"leave -store 000101", "flag provided but not defined: -store"},
		{"leave -app x 001008", "flag provided but not defined: -app"},
		{"baseline", `"baseline" is no command`},
		{"baseline reject", `"baseline" is no command`},
		{"dance", `"dance" is no command`},
	} {
		if code, out, problems := call(t, strings.Fields(c.line)...); code != exitUsage || out != "" || !strings.Contains(problems, c.says) {
			t.Errorf("%s: %d %q %q, want %q", c.line, code, out, problems, c.says)
		}
	}
}

// Each command is in the help, and has a help of its own.
func TestHelp(t *testing.T) {
	code, _, help := call(t, "-help")
	if code != exitDone {
		t.Fatalf("-help ends with %d", code)
	}
	for name := range commands() {
		if !strings.Contains(help, "\n  "+name+" ") {
			t.Errorf("-help says nothing of %s", name)
		}
		line := append(strings.Fields(name), "-help")
		if code, _, own := call(t, line...); code != exitDone || !strings.Contains(own, "Usage of "+name+":") || !strings.Contains(own, "-commerce") {
			t.Errorf("%s -help: %d %q", name, code, own)
		}
	}
}

func TestOperations(t *testing.T) {
	e := started(t)
	const hash = "0123456789abcdef"
	var asked []string
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := new(bytes.Buffer)
		_, _ = body.ReadFrom(r.Body)
		asked = append(asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+body.String()))
		if r.Header.Get("X-Functions-Key") != "secret" {
			http.Error(w, "the function key is missing or wrong", http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"v":1,"holds":[]}`))
	}))
	t.Cleanup(app.Close)
	id, err := world.Headquarters{URL: e.CommerceURL}.Account(t.Context(), "001008")
	if err != nil {
		t.Fatal(err)
	}
	at := []string{"-app", app.URL, "-key", "secret", "-graph", e.GraphURL, "-commerce", e.CommerceURL}
	for _, c := range []struct{ name, values, asks, says string }{
		{"holds", "", "GET /api/ops/holds", "Nothing is held."},
		{"allow", hash, "POST /api/ops/holds/" + hash + "/allow", "Hold " + hash + " is allowed"},
		{"refuse", hash, "POST /api/ops/holds/" + hash + "/refuse", "Hold " + hash + " is refused"},
		{"block", "001008 000101", `POST /api/ops/blocks {"store":"000101","user":"` + id + `"}`, "out of the team of store 000101"},
		{"block", strings.ToUpper(id), `POST /api/ops/blocks {"user":"` + id + `"}`, "out of every team"},
		{"unblock", "001008 B-12/3", "DELETE /api/ops/blocks?store=B-12%2F3&user=" + id, "not blocked any more from the team of store B-12/3"},
		{"unblock", "001008", "DELETE /api/ops/blocks?user=" + id, "not blocked any more from every team"},
		{"revoke", "001008", `POST /api/ops/revoke {"user":"` + id + `"}`, "User " + id + " is out of every team"},
		{"baseline accept", "", "POST /api/ops/baseline/accept", "what the next ones are measured by"},
		{"rebuild", "", "POST /api/ops/rebuild", "reads everything anew"},
	} {
		asked = nil
		line := append(append(strings.Fields(c.name), at...), strings.Fields(c.values)...)
		code, out, problems := call(t, line...)
		if code != exitDone || !strings.Contains(out, c.says) || len(asked) != 1 || asked[0] != c.asks {
			t.Errorf("%s %s: %d %q %q, asked %q, want %q", c.name, c.values, code, out, problems, asked, c.asks)
		}
	}
	asked = nil
	if code, _, problems := call(t, "holds", "-app", app.URL); code != exitFailed || !strings.Contains(problems, "the function key is missing") {
		t.Errorf("without a key: %d %q", code, problems)
	}
	line := append(append([]string{"revoke"}, at...), "nobody")
	if code, _, problems := call(t, line...); code != exitFailed || len(asked) != 1 || problems != "local: no worker has the number nobody\n" {
		t.Errorf("revoke nobody: %d %q, asked %q", code, problems, asked)
	}
}

func TestHoldsText(t *testing.T) {
	since := time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
	got := holdsText([]environment.Hold{
		{Hash: "0123456789abcdef", Team: "s/000135", Rail: "team cap", Why: "6 of 9 people would go.", Decision: "waiting",
			Since: since, Expires: since.AddDate(0, 0, 7), Changes: []environment.Change{
				{Kind: "remove", User: "u-1", Worker: "001008"}, {Kind: "remove", User: "u-2"}}},
		{Hash: "fedcba9876543210", Team: "s/000136", Rail: "new team", Why: "Its team is gone.", Decision: "allowed",
			Since: since, Expires: since, Changes: []environment.Change{{Kind: "create team", Name: "Quay (000136)"}}},
	})
	const want = `0123456789abcdef  team s/000135, team cap: 6 of 9 people would go.
  remove u-1, worker 001008
  remove u-2
  waiting; since 2026-03-01 08:30:00, until 2026-03-08 08:30:00
fedcba9876543210  team s/000136, new team: Its team is gone.
  create team Quay (000136)
  allowed; since 2026-03-01 08:30:00, until 2026-03-01 08:30:00`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
