package simplanner

import (
	"net/http"
	"slices"
	"time"
)

// record is one resource through time: what it is, what it was for as long as
// reads lag, and which properties each of its versions changed.
type record[T any] struct {
	kind   string // names the resource in its ETags
	id     string
	serial uint64 // the order of being made; pages go by it
	now    state[T]
	past   []state[T] // the oldest first
	edits  [][]string // of version i+1: the properties that were written
}

// state is what a resource is from one moment on. Values are never changed in
// place: each version has its own.
type state[T any] struct {
	since   time.Time
	version uint64 // 0: there is no such resource
	value   T
}

func (s state[T]) exists() bool { return s.version > 0 }

// put makes the next version.
func (r *record[T]) put(value T, now time.Time, lag time.Duration, written []string) {
	r.turn(state[T]{since: now, version: uint64(len(r.edits)) + 1, value: value}, lag)
	r.edits = append(r.edits, written)
}

// remove makes the resource vanish.
func (r *record[T]) remove(now time.Time, lag time.Duration) {
	r.turn(state[T]{since: now}, lag)
}

func (r *record[T]) turn(next state[T], lag time.Duration) {
	if lag > 0 {
		horizon := next.since.Add(-lag)
		// Of the states that began before the horizon, reads need the last.
		young := slices.IndexFunc(r.past, func(s state[T]) bool { return s.since.After(horizon) })
		if young < 0 {
			young = len(r.past)
		}
		r.past = append(slices.Delete(r.past, 0, max(young-1, 0)), r.now)
	}
	r.now = next
}

// at is the state that was there at a moment, if it is no longer ago than the
// lag the record was written with.
func (r *record[T]) at(moment time.Time) state[T] {
	if !r.now.since.After(moment) {
		return r.now
	}
	for _, s := range slices.Backward(r.past) {
		if !s.since.After(moment) {
			return s
		}
	}
	return state[T]{}
}

// forgotten reports whether the resource was gone at the horizon already.
func (r *record[T]) forgotten(horizon time.Time) bool {
	return !r.now.exists() && !r.now.since.After(horizon)
}

// tag is the ETag of a version of this resource.
func (r *record[T]) tag(version uint64) string { return mint(r.kind, version) }

// guard is the precondition of a write: the version the client knows.
type guard uint64

// guarded reads If-Match. Whatever is no ETag of a version of this resource is
// a 412.
func (r *record[T]) guarded(c *call) (guard, error) {
	header := c.request.Header.Get("If-Match")
	if header == "" {
		return 0, refuse(http.StatusPreconditionFailed, "The If-Match header must be specified for this kind of request.")
	}
	known, ok := parseTag(r.kind, header)
	if !ok || known < 1 || known > uint64(len(r.edits)) {
		return 0, refuse(http.StatusPreconditionFailed, "The If-Match header contains an invalid value.")
	}
	return guard(known), nil
}

// admits refuses a write of these properties if a version the client does not
// know wrote one of them.
func (r *record[T]) admits(g guard, written []string) error {
	for _, later := range r.edits[g:] {
		for _, name := range later {
			if slices.Contains(written, name) {
				return refuse(http.StatusConflict, "The item has been changed: property '%s' conflicts with a newer version.", name)
			}
		}
	}
	return nil
}

// deletable refuses to delete what the client does not know as it is.
func (r *record[T]) deletable(c *call) error {
	known, err := r.guarded(c)
	if err != nil {
		return err
	}
	if uint64(known) < uint64(len(r.edits)) {
		return refuse(http.StatusConflict, "The item has been changed since the version it was to be deleted in.")
	}
	return nil
}

// patch changes a resource: under If-Match, only these properties, and not if
// that conflicts with what the client has not seen.
func patch[T valued](s *Service, c *call, r *record[T], allowed string, change func(*body, *T)) (reply, error) {
	known, err := r.guarded(c)
	if err != nil {
		return reply{}, err
	}
	b := c.object(allowed)
	next := r.now.value
	change(b, &next)
	if b.err != nil {
		return reply{}, b.err
	}
	written := b.written()
	if err := r.admits(known, written); err != nil {
		return reply{}, err
	}
	if len(written) > 0 {
		r.put(next, c.now, s.opts.ReadLag, written)
	}
	return updated(c, r)
}
