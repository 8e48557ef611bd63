package doctor_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/doctor"
)

func report() doctor.Report {
	return doctor.Report{Findings: []doctor.Finding{
		{Check: "settings", Subject: "TENANT_ID", Level: fine, Text: "set, and accepted"},
		{Check: "settings", Subject: "MODE", Level: note, Text: "MODE=plan changes nothing", Fix: "set MODE=add"},
		{Check: "settings", Subject: "SCOPE", Level: wrong, Text: "SCOPE names nothing\x1b[2J", Fix: "correct\nSCOPE"},
		{Check: "settings", Subject: "INSTANCE", Level: fine, Text: "set, and accepted"},
		{Check: "clock", Level: unknowns, Text: "no server told its time", Fix: "run `doctor` again"},
		{Check: "tables", Level: fine, Text: "a row was written"},
	}}
}

func TestWriteText(t *testing.T) {
	const short = `settings
  wrong   SCOPE: SCOPE names nothing [2J
          -> correct SCOPE
  note    MODE: MODE=plan changes nothing
          -> set MODE=add
  fine    2
clock
  unknown no server told its time
          -> run ` + "`doctor`" + ` again
tables
  fine    1
1 thing must be fixed; 1 note, 1 unknown, 3 fine
`
	const long = `settings
  wrong   SCOPE: SCOPE names nothing [2J
          -> correct SCOPE
  note    MODE: MODE=plan changes nothing
          -> set MODE=add
  fine    TENANT_ID: set, and accepted
  fine    INSTANCE: set, and accepted
clock
  unknown no server told its time
          -> run ` + "`doctor`" + ` again
tables
  fine    a row was written
1 thing must be fixed; 1 note, 1 unknown, 3 fine
`
	for _, tt := range []struct {
		all  bool
		want string
	}{{false, short}, {true, long}} {
		var b strings.Builder
		if err := report().WriteText(&b, tt.all); err != nil || b.String() != tt.want {
			t.Errorf("%v\n%s\nwant\n%s", err, b.String(), tt.want)
		}
	}
}

func TestWriteEmptyText(t *testing.T) {
	if got := text(t, doctor.Report{}); got != "Nothing must be fixed; 0 notes, 0 unknown, 0 fine\n" {
		t.Errorf("%q", got)
	}
}

type full struct{ error }

func (f full) Write([]byte) (int, error) { return 0, f }

func TestWriteTextFails(t *testing.T) {
	if err := report().WriteText(full{errors.New("the disk is full")}, false); err == nil {
		t.Error("nobody is told that nothing was written")
	}
}
