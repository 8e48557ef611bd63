package simbus

import "time"

// history is duplicate detection: the message ids of the last window, counted
// from their first message on. It does not care what became of that message.
type history struct {
	window time.Duration // 0: off
	ids    map[string]bool
	order  []arrival
}

type arrival struct {
	id string
	at time.Time
}

// has tells whether an id came within the window before now. Messages without
// an id are never duplicates.
func (h *history) has(id string, now time.Time) bool {
	for len(h.order) > 0 && now.Sub(h.order[0].at) >= h.window {
		delete(h.ids, h.order[0].id)
		h.order = h.order[1:]
	}
	return h.ids[id]
}

// add notes an id that the history does not have.
func (h *history) add(id string, now time.Time) {
	if h.window == 0 || id == "" {
		return
	}
	if h.ids == nil {
		h.ids = map[string]bool{}
	}
	h.ids[id] = true
	h.order = append(h.order, arrival{id, now})
}
