package config

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// isLoopback reports whether the address is this machine: 127.0.0.0/8, ::1 or
// localhost. It is a simulator or an emulator then. No address is not.
func isLoopback(u *url.URL) bool {
	if u == nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

func address(into **url.URL) func(string) error {
	return func(value string) error {
		u, ok := parseAddress(value)
		if !ok {
			return errExpected
		}
		*into = u
		return nil
	}
}

// parseAddress reads the root of a service that is sent a token or a key.
// Everything but scheme, host and path is refused: a secret in it would be
// logged with every request, a fragment or a query lost with the first.
func parseAddress(value string) (*url.URL, bool) {
	u, err := url.Parse(strings.TrimRight(value, "/"))
	if err != nil || !isHost(u.Hostname()) || !isPort(u.Port()) {
		return nil, false
	}
	if u.User != nil || strings.ContainsAny(value, "?#") {
		return nil, false
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u)) {
		return nil, false
	}
	u.Host = strings.ToLower(u.Host)
	return u, true
}

// isHost reports whether the text can name a host: net/url alone lets much
// pass, such as the angle brackets of a placeholder nobody filled in.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host != "" && !strings.ContainsFunc(host, func(c rune) bool {
		return c != '.' && c != '-' && notIdentifier(c)
	})
}

func isPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}
