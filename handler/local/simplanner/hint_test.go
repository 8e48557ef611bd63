package simplanner

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestHintsAsPublished(t *testing.T) {
	// The published example: '5637' and 'adhg' are there, the rest is put around
	// them by composing.
	s := New(Options{})
	inOrder := []string{" 5637!", " 5637! 5637 adhg!!", "5637 adhg!", "adhg", "adhg ! !"}
	var stored []string
	for _, sent := range inOrder {
		hint := sent
		if strings.HasSuffix(sent, "!") {
			var err error
			if hint, err = s.order(sent); err != nil {
				t.Fatal(err)
			}
		}
		stored = append(stored, hint)
	}
	// The second and the third are both placed by what the client composed, so
	// only their distance from 5637 and adhg is certain.
	if stored[0] >= "5637" || stored[1] >= "adhg" || stored[2] <= "5637" || stored[2] >= "adhg" || stored[4] <= "adhg" {
		t.Errorf("stored as %q", stored)
	}
	for _, sent := range []string{" !", "  !!", " ! !", "adhg !"} {
		if _, err := s.order(sent); err != nil {
			t.Errorf("%q: %v", sent, err)
		}
	}
}

func TestHintsRefused(t *testing.T) {
	s := New(Options{})
	server := s.newestFirst()
	for _, sent := range []string{
		"", "!", "a!", "a", server, "a b", "a b c!", "b a!", "a a!", " !x", "x! !y", "ü !", "a\t!", "a #!", "!! !",
	} {
		if hint, err := s.order(sent); err == nil {
			t.Errorf("%q is stored as %q", sent, hint)
		}
	}
}

func TestHintsStayInOrder(t *testing.T) {
	s := New(Options{})
	rng := rand.New(rand.NewPCG(1, 1))
	list := []string{s.newestFirst()}
	for range 2_000 {
		at := rng.IntN(len(list) + 1)
		if rng.IntN(2) == 0 {
			at = min(at, 1) // the same places again and again
		}
		var previous, next string
		if at > 0 {
			previous = list[at-1]
		}
		if at < len(list) {
			next = list[at]
		}
		hint, err := s.order(previous + " " + next + "!")
		if err != nil {
			t.Fatal(err)
		}
		list = slices.Insert(list, at, hint)
	}
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			t.Fatalf("%q is not before %q", list[i-1], list[i])
		}
	}
	for _, hint := range list {
		if strings.ContainsAny(hint, " !") {
			t.Fatalf("%q cannot be composed with", hint)
		}
	}
}

func TestTagsGrow(t *testing.T) {
	for _, kind := range []string{"Plan", "PlanDetails", "Bucket", "Task", "TaskDetails"} {
		last := ""
		for version := uint64(1); version < 12_000; version++ {
			tag := mint(kind, version)
			if tag <= last {
				t.Fatalf("%s of version %d does not come after %s", tag, version, last)
			}
			if got, ok := parseTag(kind, tag); !ok || got != version {
				t.Fatalf("%s is read as %d, %v; want %d", tag, got, ok, version)
			}
			last = tag
		}
	}
	if _, ok := parseTag("Plan", mint("PlanDetails", 1)); ok {
		t.Error("a tag of details passes for one of a plan")
	}
	// As published, but for the letters of the version.
	if got := mint("Task", 6); got != `W/"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBASCc="` {
		t.Errorf("version 6 of a task is %s", got)
	}
}
