package simhost

import (
	"context"
	"sync"
	"time"
)

// timer is one timer function's schedule, and what the host remembers of it.
type timer struct {
	schedule  schedule
	constant  bool // an interval rather than a cron expression
	monitored bool // whether the host keeps, and tells, a status

	mu     sync.Mutex // guards status
	status scheduleStatus
}

// timerInfo is the trigger's value as the handler gets it.
type timerInfo struct {
	Schedule       timerSchedule
	ScheduleStatus *scheduleStatus // null when the timer is not monitored
	IsPastDue      bool
}

type timerSchedule struct {
	AdjustForDST bool
}

// scheduleStatus tells of the last run and the next. LastUpdated is when the
// host last wrote it down.
type scheduleStatus struct {
	Last, Next, LastUpdated localTime
}

// localTime is a time as .NET prints a local DateTime: with the offset and up
// to seven digits of fraction; one that never was is the year 1, without a zone.
type localTime time.Time

// MarshalJSON implements json.Marshaler.
func (t localTime) MarshalJSON() ([]byte, error) {
	at := time.Time(t)
	if at.IsZero() {
		return []byte(`"0001-01-01T00:00:00"`), nil
	}
	return []byte(at.Local().Format(`"2006-01-02T15:04:05.9999999-07:00"`)), nil
}

// newTimer makes the timer of a binding. useMonitor is nil when the binding
// says nothing, which means yes.
func newTimer(text string, useMonitor *bool, now time.Time) (*timer, error) {
	s, err := parseSchedule(text)
	if err != nil {
		return nil, err
	}
	_, constant := s.(every)
	monitored := (useMonitor == nil || *useMonitor) && !firesWithinAMinute(s, now)
	return &timer{
		schedule: s, constant: constant, monitored: monitored,
		status: scheduleStatus{Next: localTime(s.Next(now)), LastUpdated: localTime(now)},
	}, nil
}

// info is the value of a run that begins now.
func (t *timer) info() timerInfo {
	t.mu.Lock()
	defer t.mu.Unlock()
	info := timerInfo{Schedule: timerSchedule{AdjustForDST: !t.constant}}
	if t.monitored {
		status := t.status
		info.ScheduleStatus = &status
	}
	return info
}

// run calls fire at every time the schedule names, until ctx ends. Runs never
// overlap: the next time is worked out when a run is over, so a long one skips
// the times it covers. What comes of a run does not matter to the schedule.
func (t *timer) run(ctx context.Context, fire func(context.Context)) {
	due := t.schedule.Next(time.Now())
	for !due.IsZero() {
		wake := time.NewTimer(time.Until(due))
		select {
		case <-ctx.Done():
			wake.Stop()
			return
		case <-wake.C:
		}
		fire(ctx)
		ran := localTime(due)
		due = t.schedule.Next(time.Now())
		t.remember(scheduleStatus{Last: ran, Next: localTime(due), LastUpdated: ran})
	}
}

func (t *timer) remember(s scheduleStatus) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status = s
}
