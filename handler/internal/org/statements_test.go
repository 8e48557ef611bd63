package org_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
)

func ends(rows []org.Employment) string {
	var all []string
	for _, row := range rows {
		end := "goes on"
		if !row.End.IsZero() {
			end = row.End.Sub(now).String()
		}
		all = append(all, fmt.Sprintf("%s %s", row.Worker, end))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// TestStatedEmployments: W1's employments, in hours from when the snapshot was
// read; 0 goes on. What comes of them when others are stated to have ended.
func TestStatedEmployments(t *testing.T) {
	cases := []struct {
		name         string
		rows, stated []int
		want         string
	}{
		{"nothing stated", []int{0, -2}, nil, "W1 -2h0m0s, W1 goes on"},
		{"nothing new", []int{0, -2}, []int{-2}, "W1 -2h0m0s, W1 goes on"},
		{"the only one", []int{0}, []int{-1}, "W1 -1h0m0s"},
		{"one of two", []int{0, 0}, []int{-1}, "W1 -1h0m0s, W1 goes on"},
		{"both", []int{0, 0}, []int{-1, -1}, "W1 -1h0m0s, W1 -1h0m0s"},
		{"the one that goes on before one that ends", []int{5, 0}, []int{-1}, "W1 -1h0m0s, W1 5h0m0s"},
		{"the one that ends last", []int{5, 9, 7}, []int{-1}, "W1 -1h0m0s, W1 5h0m0s, W1 7h0m0s"},
		{"none left", []int{-3}, []int{-1}, "W1 -1h0m0s, W1 -3h0m0s"},
		{"more than are left", []int{0, -3}, []int{-1, -2}, "W1 -1h0m0s, W1 -2h0m0s, W1 -3h0m0s"},
		{"no row", nil, []int{-1}, "W1 -1h0m0s"},
		{"known once, stated twice", []int{-1, 0}, []int{-1, -1}, "W1 -1h0m0s, W1 -1h0m0s"},
		{"known twice, stated once", []int{-1, -1, 0}, []int{-1}, "W1 -1h0m0s, W1 -1h0m0s, W1 goes on"},
		{"no end is no statement", []int{0}, []int{0}, "W1 goes on"},
	}
	employments := func(hours []int, zone *time.Location) (rows []org.Employment) {
		for _, h := range hours {
			row := org.Employment{Worker: "W1"}
			if h != 0 {
				row.End = now.Add(time.Duration(h) * time.Hour).In(zone)
			}
			rows = append(rows, row)
		}
		return rows
	}
	other := org.Employment{Worker: "W2"}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			s := org.Snapshot{ReadAt: now, Employments: append(employments(tt.rows, time.UTC), other)}
			before := copied(s)
			st := org.Statements{Employment: employments(tt.stated, time.FixedZone("", 3600))}
			want := tt.want + ", W2 goes on"
			for range 2 {
				if got := ends(s.With(st).Employments); got != want {
					t.Errorf("got %s\nwant %s", got, want)
				}
				slices.Reverse(st.Employment)
			}
			if !slices.Equal(s.Employments, before.Employments) {
				t.Error("the snapshot was changed")
			}
			if again := ends(s.With(st).With(st).Employments); again != want {
				t.Errorf("said twice: %s", again)
			}
		})
	}
}

// TestStatedInactive: a row that says no wins over all of that channel and worker.
func TestStatedInactive(t *testing.T) {
	row := func(channel string, worker org.PersonnelNumber, active org.Flag) org.ChannelWorker {
		return org.ChannelWorker{Channel: channel, Worker: worker, Active: active}
	}
	yes, no := row("c1", "W1", org.Yes), row("c1", "W1", org.No)
	others := []org.ChannelWorker{row("c1", "W2", org.Yes), row("c2", "W1", org.Yes)}
	cases := []struct {
		name               string
		rows, stated, want []org.ChannelWorker
	}{
		{"nothing", []org.ChannelWorker{yes}, nil, []org.ChannelWorker{yes}},
		{"yes", []org.ChannelWorker{yes}, []org.ChannelWorker{no}, []org.ChannelWorker{no}},
		{"yes twice", []org.ChannelWorker{yes, yes}, []org.ChannelWorker{no}, []org.ChannelWorker{no, no}},
		{"unknown", []org.ChannelWorker{row("c1", "W1", org.Unknown)}, []org.ChannelWorker{no, no}, []org.ChannelWorker{no}},
		{"no", []org.ChannelWorker{no}, []org.ChannelWorker{no}, []org.ChannelWorker{no}},
		{"no row", nil, []org.ChannelWorker{no, no}, []org.ChannelWorker{no}},
		{"not stated", []org.ChannelWorker{yes}, []org.ChannelWorker{yes, row("c1", "W1", org.Unknown)}, []org.ChannelWorker{yes}},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			s := org.Snapshot{ChannelWorkers: slices.Concat(others, tt.rows)}
			before := copied(s)
			if got, want := s.With(org.Statements{Inactive: tt.stated}).ChannelWorkers, slices.Concat(others, tt.want); !slices.Equal(got, want) {
				t.Errorf("got %v\nwant %v", got, want)
			}
			if !slices.Equal(s.ChannelWorkers, before.ChannelWorkers) {
				t.Error("the snapshot was changed")
			}
		})
	}
}

// TestNothingStated costs nothing: what stays as it is is not copied.
func TestNothingStated(t *testing.T) {
	c := newChain().active("1", "W1").says("1", "W2", org.No).employed(ago)
	nothingNew := org.Statements{Inactive: c.ChannelWorkers[1:], Employment: c.Employments}
	for name, st := range map[string]org.Statements{"nothing stated": {}, "nothing new": nothingNew} {
		got := c.With(st)
		if &got.ChannelWorkers[0] != &c.ChannelWorkers[0] || &got.Employments[0] != &c.Employments[0] || !reflect.DeepEqual(got, c.Snapshot) {
			t.Errorf("%s: rows were copied", name)
		}
	}
	if n := testing.AllocsPerRun(10, func() { c.With(org.Statements{}) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

// TestRandomStatements: who works for two companies and leaves one is employed;
// the order of rows does not matter, and the snapshot's rows stay its own.
func TestRandomStatements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, stated := drawChain(t), drawChain(t)
		c.ReadAt = now
		st := org.Statements{Inactive: stated.ChannelWorkers, Employment: slices.DeleteFunc(stated.Employments, func(e org.Employment) bool {
			return e.End.IsZero() || e.End.After(now)
		})}
		before := copied(c.Snapshot)
		got := c.With(st)
		if !slices.Equal(before.Employments, c.Employments) || !slices.Equal(before.ChannelWorkers, c.ChannelWorkers) {
			t.Fatal("the snapshot was changed")
		}
		for _, worker := range []org.PersonnelNumber{"W1", "W2", "W3", "W4", "W5"} {
			goesOn := func(rows []org.Employment) (n int) {
				for _, row := range rows {
					if row.Worker == worker && (row.End.IsZero() || row.End.After(now)) {
						n++
					}
				}
				return n
			}
			known, news := map[time.Time]int{}, 0
			for _, row := range c.Employments {
				if row.Worker == worker {
					known[row.End]++
				}
			}
			for _, row := range st.Employment {
				if row.Worker == worker {
					if known[row.End]--; known[row.End] < 0 {
						news++
					}
				}
			}
			if got, want := goesOn(got.Employments), max(0, goesOn(c.Employments)-news); got != want {
				t.Fatalf("%s has %d employments that go on, want %d", worker, got, want)
			}
		}
		slices.Reverse(c.Employments)
		slices.Reverse(st.Employment)
		slices.Reverse(st.Inactive)
		if a, b := ends(got.Employments), ends(c.With(st).Employments); a != b {
			t.Fatalf("rows the other way round: %s\n%s", b, a)
		}
	})
}
