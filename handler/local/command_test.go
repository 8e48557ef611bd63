package main

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

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
		{"leave", "-commerce", gone.URL, "001008"}, {"close", "-commerce", gone.URL, "000101"},
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
		{"leave 001008 000101", `"000101" is one value too many for leave`},
		{"leave -worker 001008 001009", `"001009" is one value too many for leave`},
		{"leave 001008 -commerce x", "flags come before values"},
		{"leave -store 000101", "flag provided but not defined: -store"},
		{"leave -app x 001008", "flag provided but not defined: -app"},
		{"holds", `"holds" is no command`}, // the handler's own command line has it
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
	for name := range changes() {
		if !strings.Contains(help, "\n  "+name+" ") {
			t.Errorf("-help says nothing of %s", name)
		}
		line := append(strings.Fields(name), "-help")
		if code, _, own := call(t, line...); code != exitDone || !strings.Contains(own, "Usage of "+name+":") || !strings.Contains(own, "-commerce") {
			t.Errorf("%s -help: %d %q", name, code, own)
		}
	}
}
