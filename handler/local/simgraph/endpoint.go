package simgraph

import (
	"slices"
	"time"
)

// How the service treats an address that answers slowly
// (change-notifications-delivery-webhooks, as of 2025).
const (
	slowAnswer    = 10 * time.Second
	answersWindow = 10 * time.Minute
	slowPercent   = 10 // of the answers: new notifications wait
	dropPercent   = 15 // of the answers: new notifications are dropped
	slowDelay     = 10 * time.Second
	fewestToJudge = 20 // answers; how many the service wants is not published
)

// answered is an answer of an address.
type answered struct {
	at   time.Time
	slow bool // it came late or not at all
}

// endpoint is what is known of an address.
type endpoint struct {
	answers []answered
	dropped time.Time // until when what is new is dropped
}

// heard notes an answer.
func (e *endpoint) heard(a answered) {
	e.answers = slices.DeleteFunc(e.answers, func(old answered) bool { return a.at.Sub(old.at) > answersWindow })
	e.answers = append(e.answers, a)
}

// slow is the percentage of slow answers lately; zero while they are few.
func (e *endpoint) slow(now time.Time) int {
	all, slow := 0, 0
	for _, a := range e.answers {
		if now.Sub(a.at) > answersWindow {
			continue
		}
		all++
		if a.slow {
			slow++
		}
	}
	if all < fewestToJudge {
		return 0
	}
	return 100 * slow / all
}

// fate is what becomes of a new notification because of how the address answers.
func (e *endpoint) fate(now time.Time) Fate {
	switch percent := e.slow(now); {
	case now.Before(e.dropped):
		return Fate{Drop: true}
	case percent > dropPercent:
		e.dropped = now.Add(answersWindow)
		e.answers = nil // judged anew afterwards
		return Fate{Drop: true}
	case percent > slowPercent:
		return Fate{Delay: slowDelay}
	}
	return Fate{}
}

// endpointAt is what is known of an address, under the lock.
func (t *Tenant) endpointAt(url string) *endpoint {
	if t.endpoints == nil {
		t.endpoints = map[string]*endpoint{}
	}
	e := t.endpoints[url]
	if e == nil {
		e = &endpoint{}
		t.endpoints[url] = e
	}
	return e
}
