package rails_test

import (
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/rails"
)

func TestShortfall(t *testing.T) {
	base := rails.Baseline{ReadAt: noon, Rows: map[string]int{"RetailStores": 10, "Workers": 100, "Employees": 0}}
	rows := func(stores, workers int) map[string]int {
		return map[string]int{"RetailStores": stores, "Workers": workers}
	}
	tests := map[string]struct {
		base    rails.Baseline
		rows    map[string]int
		percent int
		want    []string // parts of the sentence; none: not short
	}{
		"as many":             {base, rows(10, 100), 80, nil},
		"just enough":         {base, rows(8, 80), 80, nil},
		"more":                {base, rows(20, 1000), 80, nil},
		"one too few":         {base, rows(8, 79), 80, []string{"Workers", "79", "100", "MIN_SOURCE=80", "baseline accept"}},
		"the first is named":  {base, rows(1, 1), 80, []string{"RetailStores", "1 ", "10"}},
		"a collection is out": {base, map[string]int{"RetailStores": 10}, 80, []string{"Workers", "0 rows", "100"}},
		"nothing at all":      {base, nil, 80, []string{"RetailStores"}},
		"empty, at 0 percent": {base, rows(10, 0), 0, []string{"Workers"}},
		"few, at 0 percent":   {base, rows(1, 1), 0, nil},
		"all, at 100 percent": {base, rows(10, 99), 100, []string{"Workers"}},
		"a new collection":    {base, map[string]int{"RetailStores": 10, "Workers": 100, "New": 0}, 80, nil},
		"no baseline":         {rails.Baseline{}, rows(0, 0), 80, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := test.base.Shortfall(test.rows, test.percent)
			if (got == "") != (test.want == nil) {
				t.Fatalf("got %q", got)
			}
			for _, part := range test.want {
				if !strings.Contains(got, part) {
					t.Errorf("%q does not say %q", got, part)
				}
			}
		})
	}
}

func TestOverBudget(t *testing.T) {
	tests := []struct {
		tried, failed, percent int
		want                   bool
	}{
		{0, 0, 10, false},
		{9, 9, 10, false}, // too few to tell
		{10, 1, 10, false},
		{10, 2, 10, true},
		{100, 10, 10, false},
		{100, 11, 10, true},
		{10, 1, 0, true},
		{10, 0, 0, false},
		{1000, 1000, 100, false},
	}
	for _, test := range tests {
		if got := rails.OverBudget(test.tried, test.failed, test.percent); got != test.want {
			t.Errorf("%d of %d failed, %d percent may: got %t", test.failed, test.tried, test.percent, got)
		}
	}
}
