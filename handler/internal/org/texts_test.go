package org_test

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// largeTexts is a snapshot that has each of nine large texts in several rows, as
// many copies as rows, and in others texts that are empty or nobody else's.
func largeTexts() org.Snapshot {
	text := func(letter string) string { return strings.Repeat(letter, 1<<20) }
	worker := func() org.PersonnelNumber { return org.PersonnelNumber(text("w")) }
	return org.Snapshot{
		Stores:         []org.Store{{Number: "1", Channel: text("c")}, {Number: "2"}},
		Units:          []org.Unit{{Number: text("u")}, {Number: "own"}},
		Workers:        []org.Worker{{Number: worker(), Party: text("y")}, {Number: "other"}},
		ChannelWorkers: []org.ChannelWorker{{Channel: text("c"), Worker: worker(), Active: org.Yes}, {Channel: "none", Worker: "nobody"}},
		Employments:    []org.Employment{{Worker: worker()}, {Worker: worker(), End: now}, {Worker: "nobody"}},
		Staff:          []org.Staff{{Worker: worker(), ObjectID: "id", Alias: text("a")}, {}},
		PersonUsers:    []org.PersonUser{{Party: text("y"), User: text("f")}, {Party: "none", User: "none", To: now}},
		SystemUsers:    []org.SystemUser{{ID: text("f"), Alias: text("a")}, {ID: "g"}},
		Assignments:    []org.Assignment{{Position: text("p"), Worker: worker()}, {Position: "none", Worker: "other", From: now}},
		Positions: []org.Position{
			{ID: text("p"), Department: text("u"), TitleID: "7", Title: text("t")}, {ID: "q", Title: text("t")}, {ID: "r", TitleID: "8"},
		},
		PositionPermissions: []org.PositionPermission{{Position: text("p"), Manager: org.Yes, Group: text("g")}, {Position: "none", Group: text("g")}},
	}
}

// Sharing changes no row, and leaves one copy of each text.
func TestShare(t *testing.T) {
	s := largeTexts()
	before := heap()
	s.Share()
	after := heap()
	if want := largeTexts(); !reflect.DeepEqual(s, want) {
		t.Error("the rows changed")
	}
	// Of 23 texts of a mebibyte nine stay.
	if freed := (before - after) / (1 << 20); freed < 13.5 {
		t.Errorf("sharing freed %.1f MiB, want 14", freed)
	}
	runtime.KeepAlive(s)
	none := org.Snapshot{}
	none.Share()
	if !reflect.DeepEqual(none, org.Snapshot{}) {
		t.Errorf("nothing became %+v", none)
	}
}

func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
