package main

import (
	"os"
	"runtime"
	"testing"
	"time"
)

func TestProcessorTime(t *testing.T) {
	t.Parallel()
	const behind = " S 1 2 3 4 5 6 7 8 9 10 250 75 13 14\n"
	for name, stat := range map[string]string{
		"plain":                 "42 (handler)" + behind,
		"brackets in the name":  "42 (a) S 9 (b)" + behind,
		"a name with a newline": "42 (a\nb)" + behind,
	} {
		got, err := processorTime(stat)
		if want := 3250 * time.Millisecond; got != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", name, got, err, want)
		}
	}
	for name, stat := range map[string]string{
		"empty": "", "cut off": "42 (handler) S 1 2", "no numbers": "42 (h) S 1 2 3 4 5 6 7 8 9 10 x y 13",
	} {
		if got, err := processorTime(stat); err == nil {
			t.Errorf("%s: %v, want an error", name, got)
		}
	}
}

func TestPeakMemory(t *testing.T) {
	t.Parallel()
	got, err := peakMemory("Name:\thandler\nVmPeak:\t  900 kB\nVmHWM:\t  123456 kB\nVmRSS:\t 7 kB\n")
	if want := int64(123456 << 10); got != want || err != nil {
		t.Errorf("%d, %v, want %d", got, err, want)
	}
	for _, status := range []string{"", "VmRSS:\t7 kB\n", "VmHWM:\tmuch kB\n"} {
		if got, err := peakMemory(status); err == nil {
			t.Errorf("%q: %d, want an error", status, got)
		}
	}
}

// A process can be measured, one that has ended is an error.
func TestUsageOf(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		if _, err := usageOf(os.Getpid()); err == nil {
			t.Error("figures without /proc")
		}
		return
	}
	used, err := usageOf(os.Getpid())
	if err != nil || used.peak < 1<<20 {
		t.Errorf("this test uses %+v (%v), want over a mebibyte", used, err)
	}
	if used, err := usageOf(0); err == nil {
		t.Errorf("no process uses %+v", used)
	}
}
