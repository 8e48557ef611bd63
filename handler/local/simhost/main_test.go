package simhost_test

import (
	"os"
	"testing"
)

// TestMain lets the test binary be its own custom handler: the host under test
// starts this very file again, with the switch set.
func TestMain(m *testing.M) {
	if os.Getenv(fakeSwitch) != "" {
		os.Exit(fakeHandler())
	}
	os.Exit(m.Run())
}
