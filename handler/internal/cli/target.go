package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// maxKey bounds a key file, in bytes. Keys have about 60.
const maxKey = 4 << 10

// secret is a key. It shows itself to nobody who prints it.
type secret string

// String implements fmt.Stringer.
func (secret) String() string { return "redacted" }

// GoString implements fmt.GoStringer.
func (secret) GoString() string { return "redacted" }

// target is an app and what it is asked with.
type target struct {
	base *url.URL
	key  secret // may be empty: Core Tools and the local environment ask for none
}

// target finds out which app is meant, and its key.
func (s *seat) target(ctx context.Context) (target, error) {
	key, err := s.key()
	if err != nil {
		return target{}, err
	}
	app := cmp.Or(s.flags.app, s.Getenv(appVariable), defaultApp)
	if strings.HasPrefix(app, "/") {
		return s.resourceTarget(ctx, app, key)
	}
	base, err := parseAddress("--app", app)
	return target{base: base, key: key}, err
}

// key returns the key that was given, if any.
func (s *seat) key() (secret, error) {
	key, from := cmp.Or(s.flags.key, s.Getenv(keyVariable)), "the key"
	if s.flags.keyFile != "" {
		text, err := readFile(s.flags.keyFile, maxKey)
		if err != nil {
			return "", err
		}
		key, from = string(text), s.flags.keyFile
	}
	key = strings.TrimSpace(key)
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", wrong("%s is no function key: it has characters that no key has", from)
	}
	if key == "" && s.flags.keyFile != "" {
		return "", wrong("%s is empty", from)
	}
	return secret(key), nil
}

// parseAddress reads the address of a server that is sent a key or a token:
// nothing but scheme, host and port, and http only on this machine.
func parseAddress(from, text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, wrong("%s is no address, expected https://HOST or a resource id /subscriptions/…/sites/NAME", from)
	case u.User != nil || u.Path != "" || strings.ContainsAny(text, "?#"):
		return nil, wrong("%s has more than an address, expected https://HOST and nothing after it", from)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, wrong("%s is http: and not this machine; the key and the answers would travel for all to read, expected https:", from)
	}
	return u, nil
}

// isLoopback reports whether the host is this machine by its name or number.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}

// readFile reads a file of at most so many bytes.
func readFile(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, wrong("cannot read the file: %s", pathless(name, err))
	}
	defer func() { _ = file.Close() }() // nothing was written
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, wrong("cannot read the file: %s", pathless(name, err))
	case int64(len(text)) > limit:
		return nil, wrong("%s is longer than %d bytes", name, limit)
	}
	return text, nil
}

// pathless is what went wrong with a file, without the system call.
func pathless(name string, err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Sprintf("%s: %s", name, err)
}
