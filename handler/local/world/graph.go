package world

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// do makes one request to Graph as the person, and decodes its answer, if there
// is one to decode. The path is below the root.
func (m Member) do(ctx context.Context, method, path, ifMatch string, body map[string]any, answer any) error {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, m.root()+path, content)
	if err != nil {
		return err
	}
	// The simulated tenant lets whoever says so be the person.
	r.Header.Set("Authorization", "Bearer user:"+m.ID)
	r.Header.Set("Content-Type", "application/json")
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	client := m.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return fmt.Errorf("read the answer: %w", err)
	case resp.StatusCode >= 300:
		return fmt.Errorf("graph answered %d: %s", resp.StatusCode, graphExplanation(data))
	case answer == nil:
		return nil
	}
	return json.Unmarshal(data, answer)
}

func (m Member) root() string { return strings.TrimSuffix(m.URL, "/") }

// graphExplanation finds what Graph says is wrong. Planner may give no code.
func graphExplanation(data []byte) string {
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(data, &body) != nil || body.Error.Code+body.Error.Message == "" {
		return fmt.Sprintf("%.200s", data)
	}
	return strings.TrimSpace(body.Error.Code + " " + body.Error.Message)
}

// list reads everything at a path, page by page.
func list[T any](ctx context.Context, m Member, path string) ([]T, error) {
	var all []T
	for next := path; next != ""; {
		var page struct {
			Value []T    `json:"value"`
			Next  string `json:"@odata.nextLink"`
		}
		if err := m.do(ctx, http.MethodGet, next, "", nil, &page); err != nil {
			return nil, fmt.Errorf("list %s: %w", path, err)
		}
		all = append(all, page.Value...)
		next = ""
		if page.Next != "" {
			var below bool
			if next, below = strings.CutPrefix(page.Next, m.root()); !below {
				return nil, fmt.Errorf("list %s: the next page is at %q, outside of Graph", path, page.Next)
			}
		}
	}
	return all, nil
}
