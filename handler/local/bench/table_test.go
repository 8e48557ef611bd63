package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
)

// Columns line up in characters, not bytes, and titles stand to the left.
func TestTable(t *testing.T) {
	t.Parallel()
	got := table{{"", "first", "2"}, {"größe", "1", "1,000"}, {"x", "", "-"}}.String()
	want := "|       | first |     2 |\n" +
		"|-------|------:|------:|\n" +
		"| größe |     1 | 1,000 |\n" +
		"| x     |       |     - |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 51010: "51,010", 100000: "100,000", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}

// sample is as measured once.
func sample() figures {
	began := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	return figures{
		options: options{stores: 10, workers: 5}, teams: 11, binary: 30 << 20, helloBinary: 5 << 20,
		start: 4500 * time.Microsecond, helloStart: 3 * time.Millisecond,
		runs: []run{
			{title: "first run", usage: usage{1500 * time.Millisecond, 64 << 20}, record: environment.Run{
				Started: began, Ended: began.Add(2 * time.Second), Stores: 10,
				Done: map[string]int{"create team": 11, "add member": 40}, Failed: map[string]int{"rename": 1}, Waiting: 2,
				GraphCalls: map[string]int{"POST /teams": 11, "GET /groups/delta": 9}, CommerceCalls: map[string]int{"Workers": 1, "RetailStores": 2},
			}},
			{title: "right after", record: environment.Run{GraphCalls: map[string]int{"GET /users/delta": 1}}},
		},
	}
}

// Every figure is in its column, and a class of requests that only one run
// sent is 0 in the others.
func TestWrite(t *testing.T) {
	t.Parallel()
	f := sample()
	var out bytes.Buffer
	if err := f.write(&out); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"10 stores of 5 workers, 11 teams;",
		"| changes done | 51 | 0 |", "| changes failed or put off | 3 | 0 |", "| time by the clock | 2.00 s | 0.00 s |",
		"| processor time | 1.50 s | 0.00 s |", "| peak memory | 64.0 MiB | 0.0 MiB |", "| Commerce requests | 3 | 0 |",
		"| Graph requests | 20 | 1 |", "| Graph requests a store | 2.00 | 1.00 |",
		"| `GET /groups/delta` | 9 | 0 | | `POST /teams` | 11 | 0 | | `GET /users/delta` | 0 | 1 |",
		"| start to first answer, median of 10 | 4.5 ms | 3.0 ms |", "| binary | 30.0 MiB | 5.0 MiB |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	for _, absent := range []string{"ledger", "build"} {
		if strings.Contains(text, absent) {
			t.Errorf("%q was not measured, and is in\n%s", absent, out.String())
		}
	}
	f.ledger, f.coldBuild, f.warmBuild = 2<<20, 90*time.Second, time.Second
	if text := f.programTable().String(); !strings.Contains(text, " 2.0 MiB ") || !strings.Contains(text, " 90.00 s ") || !strings.Contains(text, " 1.00 s ") {
		t.Errorf("the file's size or the builds are not in\n%s", text)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]options{
		"":                              {stores: 1000, workers: 50},
		"-quick -build":                 {stores: 200, workers: 20, build: true},
		"-stores 7 -tables azurite":     {stores: 7, workers: 50, tables: "azurite"},
		"-workers=1 -stores=1 -quick=0": {stores: 1, workers: 1},
	} {
		if got, err := parse(strings.Fields(args), io.Discard); got != want || err != nil {
			t.Errorf("%q: %+v, %v, want %+v", args, got, err, want)
		}
	}
	for _, args := range []string{"-stores 0", "-workers -1", "-tables file", "more", "-none"} {
		var said bytes.Buffer
		if _, err := parse(strings.Fields(args), &said); !errors.Is(err, errUsage) || said.Len() == 0 {
			t.Errorf("%q: %v, said %q", args, err, said.String())
		}
	}
	if _, err := parse([]string{"-help"}, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: %v", err)
	}
}
