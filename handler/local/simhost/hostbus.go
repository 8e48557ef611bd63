package simhost

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// busOptions is what the stand-in heeds of host.json's extensions.serviceBus.
// The defaults are those of the Service Bus extension 5.x (ServiceBusOptions).
type busOptions struct {
	calls        int           // maxConcurrentCalls, of a function without sessions
	sessions     int           // maxConcurrentSessions
	renewal      time.Duration // maxAutoLockRenewalDuration, 0: locks are not renewed
	idle         time.Duration // sessionIdleTimeout
	autoComplete bool          // autoCompleteMessages
}

// tryTimeout is how long the SDK waits for a session or a message before it
// asks anew. It is also what sessionIdleTimeout defaults to.
const tryTimeout = time.Minute

// busSection begins the keys of the section in a configuration.
const busSection = "extensions:serviceBus:"

// serviceBus reads the section. What would change how messages come, and is
// not simulated, is an error.
func (c configuration) serviceBus(into *busOptions) error {
	*into = busOptions{autoComplete: true}
	for _, read := range []func() error{
		func() error { return c.count(&into.calls, busSection+"maxConcurrentCalls", 16*runtime.NumCPU()) },
		func() error { return c.count(&into.sessions, busSection+"maxConcurrentSessions", 8) },
		func() error { return c.only(busSection+"maxConcurrentCallsPerSession", "1") },
		func() error { return c.only(busSection+"prefetchCount", "0") },
		func() error { return c.only("concurrency:dynamicConcurrencyEnabled", "false") },
		func() error { return c.renewal(&into.renewal) },
		func() error { return c.span(&into.idle, busSection+"sessionIdleTimeout", tryTimeout) },
		func() error { return c.flag(&into.autoComplete, busSection+"autoCompleteMessages") },
	} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

// renewal reads the one time span of the section that may be zero.
func (c configuration) renewal(into *time.Duration) error {
	const key = busSection + "maxAutoLockRenewalDuration"
	if c[strings.ToLower(key)] == "00:00:00" {
		return nil
	}
	return c.span(into, key, 5*time.Minute)
}

// count reads a number of one or more.
func (c configuration) count(into *int, key string, otherwise int) error {
	*into = otherwise
	text, found := c[strings.ToLower(key)]
	if !found {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fmt.Errorf("%s is %q, must be a number of 1 or more", strings.ReplaceAll(key, ":", "."), text)
	}
	*into = n
	return nil
}

// only refuses every value but the one that is simulated, which is also what
// the host takes when nothing is said.
func (c configuration) only(key, simulated string) error {
	if text, found := c[strings.ToLower(key)]; found && !strings.EqualFold(text, simulated) {
		return fmt.Errorf("%s is %q, simulated is only %s", strings.ReplaceAll(key, ":", "."), text, simulated)
	}
	return nil
}
