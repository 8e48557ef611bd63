package config

import (
	"net/url"
	"time"

	"github.com/storeteams/storeteams/handler/internal/notify"
)

// Hints are the settings about being told of changes, by Graph and by Commerce.
type Hints struct {
	URL     *url.URL     // NOTIFICATION_URL, where Graph posts; nil: it is not asked to
	Secrets []notify.Key // NOTIFICATION_SECRETS

	Life           time.Duration // SUBSCRIPTION_LIFE
	MemberLife     time.Duration // MEMBER_SUBSCRIPTION_LIFE
	Members        int           // MEMBER_SUBSCRIPTIONS
	CanaryInterval time.Duration // CANARY_INTERVAL; zero: no canary
}

// Graph's limits for a subscription's life and number ("change notifications
// overview"): less than 29 days for groups and users, 10,000 for teams.
const (
	longestLife       = 41760 * time.Minute
	longestMemberLife = 4320 * time.Minute
	mostMembers       = 10_000
)

func (r *reader) hintSettings() []setting {
	h := &r.config.Hints
	return []setting{
		{Setting{notificationSetting, "", false, "an https address that ends in /api/graph/notifications",
			"Where Microsoft Graph posts changes of groups and users: this app's address as seen from the internet. Empty means that changes are found by the timers alone."},
			notificationAddress(&h.URL)},
		{Setting{secretsSetting, "", false, "id:secret, the secret base64 of at least 32 random bytes; two with a comma between while they are exchanged",
			"Secret by which notifications are told from anybody's; with two, the first signs and both count. Needed with NOTIFICATION_URL."},
			notificationKeys(&h.Secrets)},
		{Setting{"SUBSCRIPTION_SCHEDULE", "", true, "a cron expression of six fields, e.g. 0 5/15 * * * *",
			"When subscriptions are looked after; they live for an hour at least."},
			func(string) error { return nil }},
		{Setting{"SUBSCRIPTION_LIFE", "28d", false, "a time such as 28d, at least 45m and at most 29d",
			"How long a subscription to groups or users lives; it is renewed after a third of that."},
			duration(&h.Life, 45*time.Minute, longestLife)},
		{Setting{"MEMBER_SUBSCRIPTIONS", "0", false, "a number from 0 to 10000",
			"How many store teams have a subscription to their members of their own, where notifications about groups are not enough."},
			number(&h.Members, 0, mostMembers)},
		{Setting{"MEMBER_SUBSCRIPTION_LIFE", "1h", false, "a time such as 1h, at least 45m and at most 3d",
			"How long such a subscription lives. Where Graph refuses it, an hour is asked for."},
			duration(&h.MemberLife, 45*time.Minute, longestMemberLife)},
		{Setting{"CANARY_INTERVAL", "1h", false, "a time such as 1h, 0 or at most 7d",
			"How often the canary's group is touched to see whether notifications arrive; 0 for no canary."},
			duration(&h.CanaryInterval, 0, 7*day)},
	}
}

// notificationAddress reads where Graph posts to. This machine's own addresses
// may be without TLS, for local runs.
func notificationAddress(into **url.URL) func(string) error {
	return func(value string) error {
		u, err := url.Parse(value)
		if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Path != "/api/graph/notifications" {
			return errExpected
		}
		if u.Scheme != "https" && (u.Scheme != "http" || !isLoopbackHost(u.Host)) {
			return errExpected
		}
		*into = u
		return nil
	}
}

func notificationKeys(into *[]notify.Key) func(string) error {
	return func(value string) (err error) {
		if *into, err = notify.ParseKeys(value); err != nil {
			return errExpected
		}
		return nil
	}
}

// checkHints tells what notifications need beyond what each setting says.
func (r *reader) checkHints() {
	if r.config.Hints.URL == nil || r.mistakes.about(notificationSetting) {
		return
	}
	if r.value(secretsSetting) == "" {
		r.wrong(secretsSetting, "not set, expected a secret, as NOTIFICATION_URL is set")
	}
	if r.value(busSetting) == "" && r.value(namespaceSetting) == "" && !r.mistakes.about(namespaceSetting) {
		r.wrong(namespaceSetting, "not set, expected a Service Bus namespace here, or ServiceBus, as NOTIFICATION_URL is set")
	}
}
