//go:build !linux

package simhost

import (
	"fmt"
	"net"
)

// reservePort finds a free port of 127.0.0.1 for the handler as the host does:
// bind to any, and let go. So another program may take it before the handler
// does; only Linux has a way to prevent that.
func reservePort() (address string, release func() error, err error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("find a free port for the handler: %w", err)
	}
	if err := l.Close(); err != nil {
		return "", nil, fmt.Errorf("find a free port for the handler: %w", err)
	}
	return l.Addr().String(), func() error { return nil }, nil
}
