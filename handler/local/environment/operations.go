package environment

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Run is what Operations tells of a run, as far as anybody here looks.
type Run struct {
	ID            string         `json:"id"`
	Mode          string         `json:"mode"`
	Started       time.Time      `json:"started"`
	Ended         time.Time      `json:"ended"`
	Outcome       string         `json:"outcome"`
	Error         string         `json:"error"`
	BadRows       int            `json:"badRows"`
	Stores        int            `json:"stores"`
	People        int            `json:"people"`
	Planned       map[string]int `json:"planned"`
	Done          map[string]int `json:"done"`
	Failed        map[string]int `json:"failed"`
	Waiting       int            `json:"waiting"`
	Held          int            `json:"held"`
	Unmapped      map[string]int `json:"unmapped"`
	Findings      map[string]int `json:"findings"`
	Notes         []Note         `json:"notes"`
	GraphCalls    map[string]int `json:"graphCalls"`
	CommerceCalls map[string]int `json:"commerceCalls"`
	Plan          string         `json:"plan"`
}

// Note is one thing about a run in words.
type Note struct {
	Kind string `json:"kind"`
	Team string `json:"team"`
	Text string `json:"text"`
}

// Sync runs OrgSync once and returns its record.
func (e *Environment) Sync(ctx context.Context) (Run, error) {
	if _, err := e.Host.Invoke(ctx, "OrgSync"); err != nil {
		return Run{}, fmt.Errorf("environment: run OrgSync: %w", err)
	}
	return e.LastRun(ctx)
}

// LastRun asks Operations for the newest run.
func (e *Environment) LastRun(ctx context.Context) (Run, error) {
	var answer struct {
		Run Run `json:"run"`
	}
	text, err := e.Operations(ctx, "runs/last")
	if err != nil {
		return Run{}, err
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return Run{}, fmt.Errorf("environment: read the last run: %w", err)
	}
	return answer.Run, nil
}

// Operations asks Operations for a path, such as "plan?format=text".
func (e *Environment) Operations(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Host.URL()+"/api/ops/"+path, nil)
	if err != nil {
		return nil, err
	}
	if e.options.Key != "" {
		req.Header.Set("x-functions-key", e.options.Key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("environment: ask Operations: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("environment: ask Operations: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("environment: ask Operations: %s: %s", resp.Status, body)
	}
	return body, nil
}
