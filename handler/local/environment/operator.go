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

	"github.com/storeteams/storeteams/handler/local/world"
)

// Operator does through Operations what an operator does. Users are named by
// object id, by user principal name, which Graph has to know, or by personnel
// number, whose account Commerce has to know.
type Operator struct {
	App      string // address of the function app
	Key      string // its function key, if it asks for one
	Graph    string // as GRAPH_URL
	Commerce string // as COMMERCE_URL
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
	return o.ask(ctx, http.MethodPost, "baseline/accept", nil, nil)
}

// Rebuild has the ledger made anew from what is found.
func (o Operator) Rebuild(ctx context.Context) error {
	return o.ask(ctx, http.MethodPost, "rebuild", nil, nil)
}

// Block keeps a user out of a store's team, or with no store out of all, and
// returns their object id, as the next two do.
func (o Operator) Block(ctx context.Context, user, store string) (id string, err error) {
	return o.aboutUser(ctx, user, func(id string) error {
		return o.ask(ctx, http.MethodPost, "blocks", fields(id, store), nil)
	})
}

// Unblock ends what Block began with the same user and store.
func (o Operator) Unblock(ctx context.Context, user, store string) (id string, err error) {
	return o.aboutUser(ctx, user, func(id string) error {
		query := url.Values{}
		for name, value := range fields(id, store) {
			query.Set(name, value)
		}
		return o.ask(ctx, http.MethodDelete, "blocks?"+query.Encode(), nil, nil)
	})
}

// Revoke takes a user out of every team at once.
func (o Operator) Revoke(ctx context.Context, user string) (id string, err error) {
	return o.aboutUser(ctx, user, func(id string) error {
		return o.ask(ctx, http.MethodPost, "revoke", fields(id, ""), nil)
	})
}

func fields(user, store string) map[string]string {
	if store == "" {
		return map[string]string{"user": user}
	}
	return map[string]string{"user": user, "store": store}
}

func (o Operator) aboutUser(ctx context.Context, user string, do func(id string) error) (string, error) {
	id, err := o.find(ctx, user)
	if err != nil {
		return "", err
	}
	return id, do(id)
}

var objectID = regexp.MustCompile(`^\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?$`)

// find finds a user's object id.
func (o Operator) find(ctx context.Context, user string) (string, error) {
	account := user
	if !objectID.MatchString(user) && !strings.Contains(user, "@") {
		var err error
		if account, err = (world.Headquarters{URL: o.Commerce}).Account(ctx, user); err != nil {
			return "", err
		}
	}
	if objectID.MatchString(account) {
		return strings.ToLower(strings.Trim(account, "{}")), nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.Graph+"/users/"+url.PathEscape(account)+"?$select=id", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer local")
	body, err := exchange(req)
	if err != nil {
		return "", fmt.Errorf("look for the user %s: %w", account, err)
	}
	var found struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &found); err != nil {
		return "", fmt.Errorf("look for the user %s: %w", account, err)
	}
	return found.ID, nil
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
	answer, err := exchange(req)
	if err != nil {
		return nil, fmt.Errorf("ask Operations: %w", err)
	}
	return answer, nil
}

// exchange sends a request and returns the body of a good answer. Of another
// it makes an error: Operations and Graph explain one alike.
func exchange(req *http.Request) ([]byte, error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if resp.StatusCode/100 == 2 {
		return body, nil
	}
	var refused struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &refused) == nil && refused.Error.Message != "" {
		return nil, errors.New(refused.Error.Message)
	}
	return nil, fmt.Errorf("%s: %.200s", resp.Status, body)
}
