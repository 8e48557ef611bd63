package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has used since it started.
type usage struct {
	processor time.Duration // of all threads, in user and kernel mode
	peak      int64         // most bytes of memory held at once, mapped files included
}

// usageOf reads what a running process has used (proc_pid_stat(5),
// proc_pid_status(5)).
func usageOf(pid int) (usage, error) {
	var u usage
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, fmt.Errorf("read the handler's processor time: %w", err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, fmt.Errorf("read the handler's memory: %w", err)
	}
	if u.processor, err = processorTime(string(stat)); err != nil {
		return u, err
	}
	u.peak, err = peakMemory(string(status))
	return u, err
}

// tick is the unit of times in /proc: Linux has USER_HZ at 100 wherever Go runs.
const tick = time.Second / 100

// processorTime reads fields 14 and 15, utime and stime. They are counted from
// behind the command's name, which is in brackets and may have anything in it.
func processorTime(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:]) // from field 3 on
	if len(fields) < 13 {
		return 0, fmt.Errorf("a process's stat has only %d fields", len(fields))
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read utime: %w", err)
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read stime: %w", err)
	}
	return time.Duration(user+system) * tick, nil
}

// peakMemory reads the high-water mark of the resident set.
func peakMemory(status string) (int64, error) {
	for line := range strings.Lines(status) {
		if text, found := strings.CutPrefix(line, "VmHWM:"); found {
			kibibytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read VmHWM: %w", err)
			}
			return kibibytes << 10, nil
		}
	}
	return 0, fmt.Errorf("a process's status has no VmHWM")
}
