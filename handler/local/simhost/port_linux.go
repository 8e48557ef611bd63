package simhost

import (
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// reservePort finds a free port of 127.0.0.1 for the handler and keeps others
// off it until release is called. The real host only binds and lets go, so that
// another program can take the port before the handler does; between tests that
// run side by side this happens.
//
// The reservation is a socket that is bound but does not listen. Linux gives
// its port to nobody who asks for any port, yet lets a program that asks for
// this one listen on it, as both sockets have SO_REUSEADDR (Go and most servers
// set it).
func reservePort() (address string, release func() error, err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", nil, fmt.Errorf("reserve a port for the handler: %w", err)
	}
	release = func() error { return syscall.Close(fd) }
	port, err := bindAny(fd)
	if err != nil {
		_ = release() // the first error tells more
		return "", nil, fmt.Errorf("reserve a port for the handler: %w", err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), release, nil
}

func bindAny(fd int) (port int, err error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, err
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	inet, ok := bound.(*syscall.SockaddrInet4)
	if !ok {
		return 0, fmt.Errorf("the socket is bound to %T", bound)
	}
	return inet.Port, nil
}
