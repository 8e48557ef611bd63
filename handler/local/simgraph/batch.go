package simgraph

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// batchLimit is how many requests one $batch may carry.
const batchLimit = 20

// batchItem is one request of a batch.
type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

// batchAnswer is one response of a batch.
type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// batch runs each request as if it had come alone, in the order given, and
// answers in a shuffled one.
func (t *Tenant) batch(c *call) (reply, error) {
	items, err := readBatch(c)
	if err != nil {
		return reply{}, err
	}
	answers := make([]batchAnswer, 0, len(items))
	status := make(map[string]int, len(items))
	for _, item := range items {
		answer := batchAnswer{ID: item.ID, Status: http.StatusFailedDependency}
		if slices.ContainsFunc(item.DependsOn, func(id string) bool { return status[fold(id)] >= 400 }) {
			answer.Body = json.RawMessage(`{"error":{"code":"FailedDependency","message":"A request this one depends on failed."}}`)
		} else {
			answer = t.part(c, item)
		}
		status[fold(item.ID)] = answer.Status
		answers = append(answers, answer)
	}
	t.mu.Lock()
	t.rng.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
	t.mu.Unlock()
	return ok(map[string]any{"responses": answers}), nil
}

// readBatch refuses what makes the whole batch unusable.
func readBatch(c *call) ([]batchItem, error) {
	fields, err := c.object(names("requests"))
	if err != nil {
		return nil, err
	}
	items, _, err := field[[]batchItem](fields, "requests")
	switch {
	case err != nil:
		return nil, err
	case len(items) == 0:
		return nil, badTeams("A batch needs at least one request.")
	case len(items) > batchLimit:
		return nil, badTeams("Number of batch request steps exceeds the maximum value of %d.", batchLimit)
	}
	before := nameSet{}
	for _, item := range items {
		if item.ID == "" || item.Method == "" || item.URL == "" {
			return nil, badTeams("Every request of a batch needs id, method and url.")
		}
		if before[fold(item.ID)] {
			return nil, badTeams("Request id '%s' is there twice; ids are not case-sensitive.", item.ID)
		}
		for _, id := range item.DependsOn {
			if !before[fold(id)] {
				return nil, badTeams("Request '%s' depends on '%s', which is no earlier request.", item.ID, id)
			}
		}
		before[fold(item.ID)] = true
	}
	return items, nil
}

// part performs one request of a batch through the same door as any other.
func (t *Tenant) part(c *call, item batchItem) batchAnswer {
	out := newCapture()
	target, err := url.Parse(t.opts.Root + "/" + strings.TrimPrefix(item.URL, "/"))
	if err != nil || strings.Contains(item.URL, "://") || strings.HasPrefix(strings.TrimPrefix(item.URL, "/"), "$batch") {
		Refuse(http.StatusBadRequest, teamsBad, 0)(out, c.request, nil)
		return out.answer(item.ID)
	}
	body := []byte(item.Body)
	if bytes.Equal(body, []byte("null")) {
		body = nil
	}
	inner, err := http.NewRequestWithContext(c.request.Context(), item.Method, target.String(), bytes.NewReader(body))
	if err != nil {
		Refuse(http.StatusBadRequest, teamsBad, 0)(out, c.request, nil)
		return out.answer(item.ID)
	}
	inner.Host, inner.TLS = c.request.Host, c.request.TLS
	inner.Header.Set("Authorization", c.request.Header.Get("Authorization"))
	for name, value := range item.Headers {
		inner.Header.Set(name, value)
	}
	t.ServeHTTP(out, inner)
	return out.answer(item.ID)
}

// answer turns what was captured into a part of the batch's answer.
func (c *capture) answer(id string) batchAnswer {
	headers := make(map[string]string, len(c.header))
	for name := range c.header {
		headers[name] = c.header.Get(name)
	}
	return batchAnswer{ID: id, Status: c.status, Headers: headers, Body: json.RawMessage(bytes.TrimSpace(c.body.Bytes()))}
}
