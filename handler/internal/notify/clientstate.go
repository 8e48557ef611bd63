package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Kind is what a subscription is about. A clientState is good for one.
type Kind string

// The kinds of subscriptions.
const (
	Groups  Kind = "groups"
	Users   Kind = "users"
	Members Kind = "members" // of one team
)

// kinds are all there are, for what does not say which it is.
var kinds = [...]Kind{Groups, Users, Members}

// Key is a secret that signs clientStates.
type Key struct {
	ID     string // 1 to 8 of [a-z0-9]: clientState names it
	Secret []byte // 32 bytes at least
}

// String tells which key it is and not the secret.
func (k Key) String() string { return k.ID }

// GoString is String: %#v must not tell the secret either.
func (k Key) GoString() string { return k.ID }

// LogValue implements [slog.LogValuer].
func (k Key) LogValue() slog.Value { return slog.StringValue(k.ID) }

var (
	keyID   = regexp.MustCompile(`^[a-z0-9]{1,8}$`)
	base64s = base64.RawURLEncoding
)

// minSecret is the length of HMAC-SHA256's own output (RFC 2104: shorter keys
// weaken it).
const minSecret = 32

// ParseKeys reads "id:secret" or, while secrets are exchanged, the new one and
// the old one with a comma between. Secrets are base64, of either alphabet. No
// error quotes one.
func ParseKeys(text string) ([]Key, error) {
	var keys []Key
	for part := range strings.SplitSeq(text, ",") {
		id, secret, found := strings.Cut(strings.TrimSpace(part), ":")
		if !found || !keyID.MatchString(id) {
			return nil, fmt.Errorf("expected id:secret, the id of 1 to 8 characters a-z and 0-9")
		}
		plain := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(secret, "="))
		raw, err := base64s.DecodeString(plain)
		if err != nil || len(raw) < minSecret {
			return nil, fmt.Errorf("expected the secret %s to be base64 of at least %d random bytes", id, minSecret)
		}
		keys = append(keys, Key{ID: id, Secret: raw})
	}
	if len(keys) > 2 || len(keys) == 2 && keys[0].ID == keys[1].ID {
		return nil, fmt.Errorf("expected one secret, or two with different ids while they are exchanged")
	}
	return keys, nil
}

// Keys sign and verify clientStates for one instance of storeteams in one tenant.
type Keys struct {
	about string
	keys  []Key
}

// NewKeys returns keys of which the first signs and all verify. A fault.Invalid:
// there is none.
func NewKeys(instance, tenant string, keys []Key) (*Keys, error) {
	if len(keys) == 0 {
		return nil, fault.Newf(fault.Invalid, "notify: keys", "there is no secret to sign with")
	}
	return &Keys{about: instance + "\x00" + strings.ToLower(tenant), keys: keys}, nil
}

// Current is the id of the key that signs.
func (k *Keys) Current() string { return k.keys[0].ID }

const (
	stateVersion = "v1"
	nonceSize    = 12
)

// Sign makes a clientState, v1.keyid.nonce.HMAC-SHA256 with nonce and MAC in
// base64: at most 71 characters, of Graph's 128. Whoever has none of the secrets
// can make none, and one that leaked is good for its kind in its instance alone.
func (k *Keys) Sign(about Kind, random io.Reader) (string, error) {
	var nonce [nonceSize]byte
	if _, err := io.ReadFull(random, nonce[:]); err != nil {
		return "", fmt.Errorf("notify: make a nonce: %w", err)
	}
	signed := stateVersion + "." + k.keys[0].ID + "." + base64s.EncodeToString(nonce[:])
	return signed + "." + base64s.EncodeToString(k.mac(k.keys[0], signed, about)), nil
}

// mac is over everything the clientState is good for. No part can have a zero
// byte in it.
func (k *Keys) mac(key Key, signed string, about Kind) []byte {
	h := hmac.New(sha256.New, key.Secret)
	io.WriteString(h, signed+"\x00"+k.about+"\x00"+string(about)) //nolint:errcheck // a hash takes everything
	return h.Sum(nil)
}

// maxState is Graph's limit for a clientState, in characters ("subscription
// resource type").
const maxState = 128

// Verify reports whether one of the keys signed a clientState for the kind. What
// it takes does not depend on how much of the MAC is right.
func (k *Keys) Verify(about Kind, state string) bool {
	if len(state) > maxState {
		return false
	}
	i := strings.LastIndexByte(state, '.')
	if i < 0 {
		return false
	}
	signed, mac := state[:i], state[i+1:]
	version, rest, _ := strings.Cut(signed, ".")
	id, nonce, _ := strings.Cut(rest, ".")
	if version != stateVersion || strings.Contains(nonce, ".") {
		return false
	}
	for _, key := range k.keys {
		if key.ID == id {
			return hmac.Equal([]byte(mac), []byte(base64s.EncodeToString(k.mac(key, signed, about))))
		}
	}
	return false
}

// verifyAny is Verify for what does not say its kind.
func (k *Keys) verifyAny(state string) bool {
	for _, kind := range kinds {
		if k.Verify(kind, state) {
			return true
		}
	}
	return false
}
