package simplanner_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simplanner"
)

// BenchmarkListPlans lists the tasks of one plan among a thousand with 50 each.
// It is to cost what one plan of 50 costs.
func BenchmarkListPlans(b *testing.B) {
	const plans, tasks = 1_000, 50
	service := simplanner.New(simplanner.Options{Limits: simplanner.Limits{Plans: plans}})
	send := func(method, path, body string) string {
		request := httptest.NewRequestWithContext(b.Context(), method, "http://planner.test/v1.0"+path, strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer test")
		request.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		service.ServeHTTP(recorder, request)
		if recorder.Code >= 300 {
			b.Fatalf("%s %s: %d %s", method, path, recorder.Code, recorder.Body)
		}
		return recorder.Body.String()
	}
	for range plans {
		send("POST", "/planner/plans", `{"title":"x","container":{"containerId":"`+store+`","type":"group"}}`)
	}
	all := service.Plans(store)
	for _, plan := range all {
		for range tasks {
			send("POST", "/planner/tasks", `{"planId":"`+plan.ID+`","title":"x"}`)
		}
	}
	next := 0
	for b.Loop() {
		page := send("GET", "/planner/plans/"+all[next%plans].ID+"/tasks", "")
		if got := strings.Count(page, `"@odata.etag"`); got != tasks {
			b.Fatalf("%d tasks listed, want %d", got, tasks)
		}
		next++
	}
}
