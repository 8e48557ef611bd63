package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/world"
)

// post sends a message to the queue of hints, as anybody could.
func (w *workplace) post(t *testing.T, body []byte) {
	t.Helper()
	client, err := azservicebus.NewClientFromConnectionString(w.Bus.ConnectionString(), nil)
	do(t, err)
	defer func() { do(t, client.Close(t.Context())) }()
	sender, err := client.NewSender(environment.TaskQueue, nil)
	do(t, err)
	session := "anybody"
	do(t, sender.SendMessage(t.Context(), &azservicebus.Message{Body: body, SessionID: &session}, nil))
}

// letters asks for the dead letters' reasons.
func (s *site) letters(t *testing.T, method, path, body string) string {
	t.Helper()
	var said struct {
		DeadLetters []struct{ Reason string }
	}
	got := s.tell(t, method, operations+path, body)
	if got.status != http.StatusOK {
		t.Fatalf("%s: %+v", path, got)
	}
	do(t, json.Unmarshal([]byte(got.body), &said))
	var reasons []string
	for _, letter := range said.DeadLetters {
		reasons = append(reasons, letter.Reason)
	}
	return strings.Join(reasons, " ")
}

// TestWhatIsNoHintEndsAmongTheDeadLetters, with why, and nothing else suffers.
func TestWhatIsNoHintEndsAmongTheDeadLetters(t *testing.T) {
	t.Parallel()
	w := startWork(t, nil)
	w.post(t, []byte("no hint"))
	w.post(t, bytes.Repeat([]byte("x"), 250<<10)) // the queue takes no more
	w.post(t, []byte(`{"v":1,"kind":"store","store":"999999"}`))
	eventually(t, "three dead letters", func() bool {
		return strings.Count(w.letters(t, http.MethodGet, "tasks/dead-letters", ""), " ") == 2
	})
	reasons := w.letters(t, http.MethodGet, "tasks/dead-letters", "")
	if strings.Count(reasons, "NoHint") != 2 || strings.Count(reasons, "UnknownStore") != 1 {
		t.Errorf("reasons %q", reasons)
	}
	eventually(t, "tasks are synced all the same", func() bool { return len(w.board(t)) > 0 })
	if left := w.letters(t, http.MethodPost, "tasks/dead-letters/drop", `{"letter":"all"}`); left != "" {
		t.Errorf("left are %q", left)
	}
}

// TestAListFromTheCommunicationsBoard: completed twice by a communications manager,
// a list is on every store's board; what stores complete rolls up.
func TestAListFromTheCommunicationsBoard(t *testing.T) {
	t.Parallel()
	w := startWork(t, nil)
	team := w.marked(t, naive.CommunicationsMarker(w.settings.Instance))
	manager := world.Member{URL: w.GraphURL, ID: team.Owners[0]}
	var plan string
	eventually(t, "the communications team has its board", func() bool {
		boards, err := manager.Boards(t.Context(), team.ID)
		do(t, err)
		for _, b := range boards {
			plan = b.ID
		}
		return plan != ""
	})
	bucket, err := manager.Bucket(t.Context(), plan, "Winter sale")
	do(t, err)
	_, err = manager.Create(t.Context(), plan, bucket, "Hang the posters", time.Time{})
	do(t, err)
	send, err := manager.Create(t.Context(), plan, bucket, "Send", time.Now().AddDate(0, 0, 10))
	do(t, err)
	do(t, manager.Describe(t.Context(), send.ID, taskStore+"\n000102"))

	percent := func() int {
		tasks, err := manager.Tasks(t.Context(), plan)
		do(t, err)
		for _, task := range tasks {
			if task.ID == send.ID {
				return task.PercentComplete
			}
		}
		return -1
	}
	do(t, manager.Complete(t.Context(), send.ID))
	eventually(t, "Send is reopened with what would happen", func() bool { return percent() == 50 })
	if _, there := w.board(t)["Hang the posters"]; there {
		t.Error("it was sent at the first completion")
	}
	do(t, manager.Complete(t.Context(), send.ID))
	eventually(t, "the store has the list", func() bool {
		_, there := w.board(t)["Hang the posters"]
		return there
	})
	do(t, w.someone(t, false).Complete(t.Context(), w.board(t)["Hang the posters"].ID))
	eventually(t, "the roll-up shows it", func() bool {
		got := w.tell(t, http.MethodGet, operations+"tasks?campaign=Winter%20sale", "")
		return strings.Contains(got.body, `"done":1`) && strings.Contains(got.body, `"tasks":2`)
	})
}
