package simhost

import (
	"errors"
	"net"
	"testing"
)

// A reserved port stays free for the handler, however often it is restarted,
// and is taken as far as everybody else is concerned.
func TestAReservedPort(t *testing.T) {
	t.Parallel()
	address, release, err := reservePort()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if conn, err := net.Dial("tcp", address); err == nil {
			t.Fatalf("something listens already: %v", conn.Close())
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	other, releaseOther, err := reservePort()
	if err != nil {
		t.Fatal(err)
	}
	if other == address {
		t.Errorf("reserved %s twice", other)
	}
	if err := errors.Join(release(), releaseOther()); err != nil {
		t.Error(err)
	}
}
