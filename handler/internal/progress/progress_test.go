package progress_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/progress"
)

func TestReportReachesWhoeverWatches(t *testing.T) {
	t.Parallel()
	var outer, inner []progress.Progress
	watched := progress.With(t.Context(), func(p progress.Progress) { outer = append(outer, p) })
	closer := progress.With(watched, func(p progress.Progress) { inner = append(inner, p) })
	detached := context.WithoutCancel(watched)

	progress.Report(t.Context(), progress.Progress{Doing: "unseen"})
	progress.Report(watched, progress.Progress{Doing: "reading", Done: 1, Total: 2})
	progress.Report(closer, progress.Progress{Doing: "writing"})
	progress.Report(detached, progress.Progress{Doing: "reading", Done: 2, Total: 2})

	want := []progress.Progress{{Doing: "reading", Done: 1, Total: 2}, {Doing: "reading", Done: 2, Total: 2}}
	if !slices.Equal(outer, want) {
		t.Errorf("the outer one saw %v, want %v", outer, want)
	}
	if want := []progress.Progress{{Doing: "writing"}}; !slices.Equal(inner, want) {
		t.Errorf("the inner one saw %v, want %v", inner, want)
	}
}

func TestProgressAsJSON(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]progress.Progress{
		`{"doing":"reading"}`:                     {Doing: "reading"},
		`{"doing":"reading","done":3,"total":40}`: {Doing: "reading", Done: 3, Total: 40},
	} {
		got, err := json.Marshal(p)
		if err != nil || string(got) != want {
			t.Errorf("got %s (%v), want %s", got, err, want)
		}
	}
}
