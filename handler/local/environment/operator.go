package environment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Operator does through Operations what an operator does. Users are named by
// object id, by user principal name or by personnel number.
type Operator struct {
	App string // address of the function app
	Key string // its function key, if it asks for one
}

// Hold is what the rails stopped, waiting for a person.
type Hold struct {
	Hash     string    `json:"hash"`
	Team     string    `json:"team"`
	Rail     string    `json:"rail"`
	Why      string    `json:"why"`
	Changes  []Change  `json:"changes"`
	Since    time.Time `json:"since"`
	Expires  time.Time `json:"expires"`
	Decision string    `json:"decision"` // waiting, allowed or refused
}

// Change is one line of a plan.
type Change struct {
	Kind   string `json:"kind"`
	User   string `json:"user"`
	Worker string `json:"worker"`
	Name   string `json:"name"` // of the team, where it gets one
}

// Holds lists what waits for a person.
func (o Operator) Holds(ctx context.Context) ([]Hold, error) {
	var answer struct {
		Holds []Hold `json:"holds"`
	}
	err := o.ask(ctx, http.MethodGet, "holds", nil, &answer)
	return answer.Holds, err
}

// Allow lets a hold's changes be made.
func (o Operator) Allow(ctx context.Context, hash string) error {
	return o.ask(ctx, http.MethodPost, "holds/"+url.PathEscape(hash)+"/allow", nil, nil)
}

// Refuse keeps a hold's changes from being made.
func (o Operator) Refuse(ctx context.Context, hash string) error {
	return o.ask(ctx, http.MethodPost, "holds/"+url.PathEscape(hash)+"/refuse", nil, nil)
}

// AcceptBaseline takes Commerce's last reading as what to expect of the next.
func (o Operator) AcceptBaseline(ctx context.Context) error {
	var answer struct {
		Baseline struct {
			Newest string `json:"newest"`
		} `json:"baseline"`
	}
	if err := o.ask(ctx, http.MethodGet, "baseline", nil, &answer); err != nil {
		return err
	}
	return o.ask(ctx, http.MethodPost, "baseline/accept", map[string]string{"readAt": answer.Baseline.Newest}, nil)
}

// Rebuild has the ledger made anew from what is found.
func (o Operator) Rebuild(ctx context.Context) error {
	return o.ask(ctx, http.MethodPost, "rebuild", nil, nil)
}

// Block keeps a user out of a store's team, or with no store out of all.
func (o Operator) Block(ctx context.Context, user, store string) error {
	return o.ask(ctx, http.MethodPost, "block", subject(user, store), nil)
}

// Unblock ends what Block began with the same user and store.
func (o Operator) Unblock(ctx context.Context, user, store string) error {
	return o.ask(ctx, http.MethodPost, "unblock", subject(user, store), nil)
}

// Revoke takes a user out of every team at once.
func (o Operator) Revoke(ctx context.Context, user string) error {
	return o.ask(ctx, http.MethodPost, "revoke", subject(user, ""), nil)
}

var objectID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// subject names somebody as Operations wants it.
func subject(user, store string) map[string]string {
	fields := map[string]string{"worker": user}
	if objectID.MatchString(user) || strings.Contains(user, "@") {
		fields = map[string]string{"user": user}
	}
	if store != "" {
		fields["store"] = store
	}
	return fields
}

// ask sends a request to Operations and decodes the answer, if it is wanted.
func (o Operator) ask(ctx context.Context, method, path string, body map[string]string, answer any) error {
	text, err := o.send(ctx, method, path, body)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("environment: read the answer of Operations: %w", err)
	}
	return nil
}

func (o Operator) send(ctx context.Context, method, path string, body map[string]string) ([]byte, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(o.App, "/")+"/api/ops/"+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if o.Key != "" {
		req.Header.Set("X-Functions-Key", o.Key)
	}
	answer, later, err := exchange(req)
	for err == nil && later != "" { // a call that takes long is asked about until it has ended
		var poll *http.Request
		if poll, err = http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(o.App, "/")+later, nil); err != nil {
			return nil, err
		}
		poll.Header = req.Header
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pollInterval):
		}
		answer, later, err = exchange(poll)
	}
	if err != nil {
		return nil, fmt.Errorf("ask Operations: %w", err)
	}
	return answer, nil
}

// pollInterval is what Operations asks for between two looks.
const pollInterval = 2 * time.Second

// exchange sends a request and returns the body of a good answer, or where to
// ask later. Of another answer it makes an error.
func exchange(req *http.Request) (answer []byte, later string, err error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, "", fmt.Errorf("read the answer: %w", err)
	}
	switch {
	case resp.StatusCode == http.StatusAccepted:
		return nil, resp.Header.Get("Location"), nil
	case resp.StatusCode/100 == 2:
		return body, "", nil
	}
	var refused struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &refused) == nil && refused.Error.Message != "" {
		return nil, "", errors.New(refused.Error.Message)
	}
	return nil, "", fmt.Errorf("%s: %.200s", resp.Status, body)
}
