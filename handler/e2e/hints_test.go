package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/world"
)

// hinted are settings with which Graph tells of changes, and nothing else makes
// anybody look: Commerce's last reading serves for an hour.
func hinted() map[string]string {
	return map[string]string{
		"NOTIFICATION_URL":      environment.NotificationURL,
		"NOTIFICATION_SECRETS":  "k1:" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("s"), 32)),
		"SUBSCRIPTION_SCHEDULE": "*/2 * * * * *",
		"SNAPSHOT_MAX_AGE":      "1h",
	}
}

// toldOf starts a chain whose teams are as they should be, and of whose changes
// the app is told.
func toldOf(t *testing.T) *site {
	t.Helper()
	s := full(t, chain(3, 3))
	s.restartWith(t, hinted())
	eventually(t, "Graph is asked to tell", func() bool {
		return slices.Equal(s.Tenant.Subscriptions(), []string{"groups", "users"})
	})
	eventually(t, "the gap before is looked into", func() bool {
		done := s.Bus.Counts(environment.OrgQueue)
		return done.Completed >= 2 && done.Active+done.Locked+done.Scheduled == 0
	})
	return s
}

// raise puts an event on Commerce's queue.
func (s *site) raise(t *testing.T, event string) {
	t.Helper()
	client, err := azservicebus.NewClientFromConnectionString(s.Bus.ConnectionString(), nil)
	do(t, err)
	defer func() { do(t, client.Close(t.Context())) }()
	sender, err := client.NewSender(environment.EventQueue, nil)
	do(t, err)
	do(t, sender.SendMessage(t.Context(), &azservicebus.Message{Body: []byte(event)}, nil))
}

func (s *site) in(t *testing.T, store, user string) bool {
	t.Helper()
	team := s.store(t, store)
	return slices.Contains(slices.Concat(team.Owners, team.Members), user)
}

// TestChangesArriveByThemselves: nobody starts a run, and no timer does.
func TestChangesArriveByThemselves(t *testing.T) {
	t.Parallel()
	s := toldOf(t)
	leaver := account(t, chain(3, 3), "000002001")
	others := s.rest(t, "000002")
	do(t, s.Tenant.SetUser(leaver, func(u *simgraph.User) { u.AccountEnabled = false }))
	began := time.Now()
	eventually(t, "whose account is disabled is out", func() bool { return !s.in(t, "000002", leaver) })
	t.Logf("out after %v", time.Since(began))
	s.untouched(t, others, "000002")

	s.raise(t, "no event at all")
	hired, err := s.hq().Hire(t.Context(), "000001", world.Recruit{UPN: "newcomer.a@contoso.example"})
	do(t, err)
	s.raise(t, fmt.Sprintf(`{"BusinessEventId":"WorkerHired","EventId":"{0F0F0F0F-0000-4000-8000-000000000001}",`+
		`"EventTime":"/Date(1764000000000)/","ControlNumber":7,"PersonnelNumber":%q}`, hired.PersonnelNumber))
	newcomer := spareID("newcomer.a")
	began = time.Now()
	eventually(t, "who was hired is in", func() bool { return s.in(t, "000001", newcomer) })
	t.Logf("in after %v", time.Since(began))
	if reasons := s.letters(t, http.MethodGet, "tasks/dead-letters", ""); reasons != "NoEvent" {
		t.Errorf("given up is %q", reasons)
	}
}

// TestForgedNotificationsDoNothing, and real ones get through beside them.
func TestForgedNotificationsDoNothing(t *testing.T) {
	t.Parallel()
	s := toldOf(t)
	item := `{"subscriptionId":"aaaaaaaa-0000-0000-0000-000000000001","clientState":"v1.k1.AAAAAAAAAAAAAAAA.` + strings.Repeat("A", 43) +
		`","changeType":"updated","resource":"Groups/` + s.store(t, "000001").ID + `"}`
	for _, forged := range []struct {
		kind, body string
		status     int
	}{
		{"application/json", `{"value":[` + strings.Repeat(item+",", 999) + item + `]}`, 202},
		{"application/json", `{"value":[{"lifecycleEvent":"missed","subscriptionId":"aaaaaaaa-0000-0000-0000-000000000001"}]}`, 202},
		{"application/json", `{"value":[1,"a",{"subscriptionId":{}}]}`, 202},
		{"application/json", strings.Repeat("[", 1000), 400},
		{"application/json", `{"value":` + strings.Repeat(`{"a":`, 1000), 400},
		{"application/json", strings.Repeat(" ", 2<<20), 413},
		{"text/plain", `{"value":[]}`, 415},
		{"application/json", ``, 400},
	} {
		for range 5 {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Host.URL()+"/api/graph/notifications", strings.NewReader(forged.body))
			do(t, err)
			req.Header.Set("Content-Type", forged.kind)
			resp, err := http.DefaultClient.Do(req)
			do(t, err)
			do(t, resp.Body.Close())
			if resp.StatusCode != forged.status {
				t.Errorf("%.40s: %d, want %d", forged.body, resp.StatusCode, forged.status)
			}
		}
	}
	if messages := s.Bus.Messages(environment.OrgQueue); len(messages) > 0 {
		t.Errorf("%d hints wait, the first %s", len(messages), messages[0].Body)
	}
	leaver := account(t, chain(3, 3), "000003001")
	do(t, s.Tenant.SetUser(leaver, func(u *simgraph.User) { u.AccountEnabled = false }))
	eventually(t, "a real one gets through", func() bool { return !s.in(t, "000003", leaver) })
}
