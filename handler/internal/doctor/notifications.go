package doctor

import (
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// onNotifications judges whether Graph tells the app of changes.
func (s *signs) onNotifications() []Finding {
	const subject = "NOTIFICATION_URL"
	switch {
	case s.settings.Hints.URL == nil:
		return []Finding{fine(subject, "NOTIFICATION_URL is not set: changes are found by the timers alone")}
	case s.hintsErr != nil:
		return []Finding{wrong("org-hints", "the queue cannot be used: "+fault.KindOf(s.hintsErr).String(),
			"create the queue org-hints with sessions and duplicate detection, as the app's template does, and let the app's identity send and receive")}
	case s.healthErr != nil:
		return []Finding{wrong(subject, "what is known of notifications could not be read: "+fault.KindOf(s.healthErr).String(), "see the tables above")}
	case s.health.Wrong != "":
		return []Finding{wrong(subject, "subscriptions are not in order: "+s.health.Wrong,
			"see whether "+s.settings.Hints.URL.String()+" can be reached from the internet, and what SubscriptionRenew logs")}
	case !s.health.Silent.IsZero():
		return []Finding{wrong(subject, "no notifications have arrived since "+s.health.Silent.Format(time.RFC3339)+", although the canary was touched",
			"see whether GraphNotification is called, and whether its secret, NOTIFICATION_SECRETS, is that of the subscriptions; the timers find changes meanwhile")}
	case len(s.health.Held) == 0:
		return []Finding{note(subject, "no subscription has been made yet", "wait for SubscriptionRenew")}
	}
	var held []string
	for resource, subscription := range s.health.Held {
		if subscription.Expires.Before(s.now) {
			held = append(held, resource)
		}
	}
	if len(held) > 0 {
		return []Finding{wrong(subject, "subscriptions have ended: "+strings.Join(held, ", "), "see whether SubscriptionRenew runs")}
	}
	return []Finding{fine(subject, "Graph tells of changes of groups and users")}
}
