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

// employments makes rows of W1, in hours from now; 0 goes on.
func employments(hours []int, zone *time.Location) (rows []org.Employment) {
	for _, h := range hours {
		row := org.Employment{Worker: "W1"}
		if h != 0 {
			row.End = now.Add(time.Duration(h) * time.Hour).In(zone)
		}
		rows = append(rows, row)
	}
	return rows
}

// An end that was to come when the snapshot was read, and has come since, says
// nothing of what followed it.
func TestNewsOfAnEndThatWasToCome(t *testing.T) {
	rows := employments([]int{-1}, time.UTC)
	for readAt, want := range map[time.Time]int{now.Add(-2 * time.Hour): 1, now: 0} {
		s := org.Snapshot{ReadAt: readAt, Employments: rows}
		if got := s.News(rows); len(got) != want {
			t.Errorf("read at %s: %q are to be asked about, want %d", readAt, got, want)
		}
	}
}

// TestNews: whom to ask about. W2's row is in every snapshot, and stated.
func TestNews(t *testing.T) {
	cases := []struct {
		name         string
		rows, stated []int
		news         bool
	}{
		{"nothing stated", []int{0, -2}, nil, false},
		{"known", []int{0, -2}, []int{-2}, false},
		{"of years ago, known", []int{0, -50_000}, []int{-50_000}, false},
		{"of years ago, entered late", []int{0}, []int{-50_000}, true},
		{"the only one ended", []int{0}, []int{-1}, true},
		{"ended earlier than was known", []int{5}, []int{-1}, true},
		{"one more ended", []int{-3}, []int{-1, -3}, true},
		{"no row", nil, []int{-1}, true},
		{"known once, stated twice", []int{-1, 0}, []int{-1, -1}, true},
		{"known twice, stated once", []int{-1, -1, 0}, []int{-1}, false},
		{"no end is no statement", []int{-1}, []int{0}, false},
	}
	other := org.Employment{Worker: "W2", End: now.Add(-time.Hour)}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			s := org.Snapshot{Employments: append(employments(tt.rows, time.UTC), other)}
			ended := append(employments(tt.stated, time.FixedZone("", 3600)), other)
			var want []org.PersonnelNumber
			if tt.news {
				want = append(want, "W1")
			}
			if got := s.News(ended); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	t.Run("in order, each once", func(t *testing.T) {
		var ended []org.Employment
		for _, worker := range []org.PersonnelNumber{"W9", "W1", "W10", "W9"} {
			ended = append(ended, org.Employment{Worker: worker, End: now}, org.Employment{Worker: worker, End: now.Add(-time.Hour)})
		}
		if got, want := (org.Snapshot{}).News(ended), []org.PersonnelNumber{"W1", "W10", "W9"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestUpdatedEmployments: who W1 works for is what the update says, whole; who
// is not in it is as before.
func TestUpdatedEmployments(t *testing.T) {
	cases := []struct {
		name         string
		rows, update []int
		want         string
	}{
		{"not asked about", []int{0, -2}, nil, "W1 -2h0m0s, W1 goes on"},
		{"dismissed", []int{0}, []int{-1}, "W1 -1h0m0s"},
		{"hired again the same day", []int{0}, []int{-1, 0}, "W1 -1h0m0s, W1 goes on"},
		{"moved to another company", []int{0, -9}, []int{-9, -1, 0}, "W1 -1h0m0s, W1 -9h0m0s, W1 goes on"},
		{"left one of two", []int{0, 0}, []int{-1, 0}, "W1 -1h0m0s, W1 goes on"},
		{"left both", []int{0, 0}, []int{-1, -1}, "W1 -1h0m0s, W1 -1h0m0s"},
		{"new", nil, []int{-1, 0}, "W1 -1h0m0s, W1 goes on"},
		{"an ended row was corrected", []int{-1, -2}, []int{-1, 0}, "W1 -1h0m0s, W1 goes on"},
		{"a row of years ago", []int{0}, []int{0, -50_000}, "W1 -50000h0m0s, W1 goes on"},
	}
	other := org.Employment{Worker: "W2"}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			s := org.Snapshot{Employments: append(employments(tt.rows, time.UTC), other)}
			before := copied(s)
			update := org.Update{Employments: employments(tt.update, time.UTC)}
			want := tt.want + ", W2 goes on"
			once := s.With(update)
			if got := ends(once.Employments); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
			if !slices.Equal(s.Employments, before.Employments) {
				t.Error("the snapshot was changed")
			}
			if again := ends(once.With(update).Employments); again != want {
				t.Errorf("said twice: %s", again)
			}
		})
	}
}

// TestStatedInactive: only rows that say no beyond those there are have changed
// something.
func TestStatedInactive(t *testing.T) {
	row := func(channel string, worker org.PersonnelNumber, active org.Flag) org.ChannelWorker {
		return org.ChannelWorker{Channel: channel, Worker: worker, Active: active}
	}
	yes, no, unknown := row("c1", "W1", org.Yes), row("c1", "W1", org.No), row("c1", "W1", org.Unknown)
	others := []org.ChannelWorker{row("c1", "W2", org.Yes), row("c2", "W1", org.Yes)}
	type rows = []org.ChannelWorker
	cases := []struct {
		name               string
		rows, stated, want rows
	}{
		{"nothing", rows{yes}, nil, rows{yes}},
		{"yes", rows{yes}, rows{no}, rows{no}},
		{"one of two", rows{yes, yes}, rows{no}, rows{no, yes}},
		{"both", rows{yes, yes}, rows{no, no}, rows{no, no}},
		{"no beside yes all along", rows{no, yes}, rows{no}, rows{no, yes}},
		{"yes beside no all along", rows{yes, no}, rows{no}, rows{yes, no}},
		{"the yes beside a no", rows{yes, no}, rows{no, no}, rows{no, no}},
		{"another row beside no and yes", rows{no, yes}, rows{no, no, no}, rows{no, no, no}},
		{"unknown", rows{unknown}, rows{no}, rows{no}},
		{"unknown before yes", rows{yes, unknown}, rows{no}, rows{yes, no}},
		{"unknown and yes", rows{yes, unknown}, rows{no, no}, rows{no, no}},
		{"no", rows{no}, rows{no}, rows{no}},
		{"fewer than there were", rows{no, no, yes}, rows{no}, rows{no, no, yes}},
		{"no row", nil, rows{no, no}, rows{no, no}},
		{"not stated", rows{yes}, rows{yes, unknown}, rows{yes}},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			s := org.Snapshot{ChannelWorkers: slices.Concat(others, tt.rows)}
			before := copied(s)
			update, want := org.Update{Inactive: tt.stated}, slices.Concat(others, tt.want)
			once := s.With(update)
			if !slices.Equal(once.ChannelWorkers, want) {
				t.Errorf("got %v\nwant %v", once.ChannelWorkers, want)
			}
			if again := once.With(update).ChannelWorkers; !slices.Equal(again, want) {
				t.Errorf("said twice: %v", again)
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
	for name, u := range map[string]org.Update{"nothing stated": {}, "nothing new": {Inactive: c.ChannelWorkers[1:]}} {
		got := c.With(u)
		if &got.ChannelWorkers[0] != &c.ChannelWorkers[0] || &got.Employments[0] != &c.Employments[0] || !reflect.DeepEqual(got, c.Snapshot) {
			t.Errorf("%s: rows were copied", name)
		}
	}
	if n := testing.AllocsPerRun(10, func() { c.With(org.Update{}); c.News(nil) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

// TestRandomStatements: of whoever has news, the first of two readings with an
// update says what the second does, and of all others what it said; the order of
// rows does not matter.
func TestRandomStatements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, next := drawChain(t), drawChain(t)
		var ended, asked []org.Employment
		for _, row := range next.Employments {
			if !row.End.IsZero() && !row.End.After(now) {
				ended = append(ended, row)
			}
		}
		before, news := copied(c.Snapshot), c.News(ended)
		for _, row := range next.Employments {
			if slices.Contains(news, row.Worker) {
				asked = append(asked, row)
			}
		}
		update := org.Update{Inactive: next.ChannelWorkers, Employments: asked}
		got := c.With(update)
		if !slices.Equal(before.Employments, c.Employments) || !slices.Equal(before.ChannelWorkers, c.ChannelWorkers) {
			t.Fatal("the snapshot was changed")
		}
		for _, worker := range []org.PersonnelNumber{"W1", "W2", "W3", "W4", "W5"} {
			checkEmployments(t, worker, c.Employments, next.Employments, got.Employments)
			for _, channel := range []string{"c1", "c2", "c3"} {
				checkInactive(t, org.ChannelWorker{Channel: channel, Worker: worker}, c.ChannelWorkers, next.ChannelWorkers, got.ChannelWorkers)
			}
		}
		for _, rows := range [][]org.Employment{c.Employments, ended, asked} {
			slices.Reverse(rows)
		}
		slices.Reverse(c.ChannelWorkers)
		slices.Reverse(update.Inactive)
		again := c.With(update)
		if !slices.Equal(c.News(ended), news) || ends(again.Employments) != ends(got.Employments) || flags(again.ChannelWorkers) != flags(got.ChannelWorkers) {
			t.Fatal("the order of rows matters")
		}
	})
}

// checkEmployments: a worker is what the second reading says if it has an ended
// row that the first one cannot account for, else what the first one says.
func checkEmployments(t *rapid.T, worker org.PersonnelNumber, first, second, got []org.Employment) {
	of := func(rows []org.Employment) []org.Employment {
		return slices.DeleteFunc(slices.Clone(rows), func(e org.Employment) bool { return e.Worker != worker })
	}
	left, want := of(first), of(first)
	for _, row := range of(second) {
		if row.End.IsZero() || row.End.After(now) {
			continue
		}
		i := slices.IndexFunc(left, func(e org.Employment) bool { return e.End.Equal(row.End) })
		if i < 0 {
			want = of(second)
			break
		}
		left = slices.Delete(left, i, i+1)
	}
	if ends(of(got)) != ends(want) {
		t.Fatalf("%s has %s, want %s", worker, ends(of(got)), ends(want))
	}
}

// checkInactive: of a channel's rows of a worker as many say no as in whichever
// reading has more, taken from those that said nothing first.
func checkInactive(t *rapid.T, of org.ChannelWorker, first, second, got []org.ChannelWorker) {
	count := func(rows []org.ChannelWorker, flag org.Flag) (n int) {
		for _, row := range rows {
			if row.Channel == of.Channel && row.Worker == of.Worker && row.Active == flag {
				n++
			}
		}
		return n
	}
	no := max(count(first, org.No), count(second, org.No))
	news := no - count(first, org.No)
	unknown := max(0, count(first, org.Unknown)-news)
	yes := count(first, org.Yes) - min(count(first, org.Yes), news-(count(first, org.Unknown)-unknown))
	if count(got, org.No) != no || count(got, org.Unknown) != unknown || count(got, org.Yes) != yes {
		t.Fatalf("%s in %s: %v\nand %v\nmake %v", of.Worker, of.Channel, first, second, got)
	}
}

// flags is the rows in some order that is always the same.
func flags(rows []org.ChannelWorker) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = fmt.Sprint(row)
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}
