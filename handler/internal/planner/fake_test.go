package planner_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// calls are the requests that were made, as "METHOD path body" below the root.
type calls struct {
	mu   sync.Mutex
	made []string
}

// note notes what is asked of next.
func (c *calls) note(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		var body []byte
		if r.Body != nil {
			var err error
			if body, err = io.ReadAll(r.Body); err != nil {
				return nil, err
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
		}
		c.mu.Lock()
		c.made = append(c.made, strings.TrimSpace(r.Method+" "+strings.TrimPrefix(r.URL.Path, "/v1.0")+" "+string(body)))
		c.mu.Unlock()
		return next.RoundTrip(r)
	})
}

// all returns the calls since the last time it was asked.
func (c *calls) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	made := c.made
	c.made = nil
	return made
}

// server answers in process; nil drops the connection.
type server func(r *http.Request, body string) *http.Response

// RoundTrip implements http.RoundTripper.
func (s server) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	resp := s(r, string(body))
	if resp == nil {
		return nil, errors.New("connection reset")
	}
	resp.Request = r
	return resp, nil
}

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}
}

func refusal(status int, code string) *http.Response { return answer(status, refusalBody(code)) }

func refusalBody(code string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":"Ms. Secret <secret@contoso.com> is not welcome."}}`, code)
}

// ask is a request by method and path below the root.
func ask(r *http.Request) string { return r.Method + " " + strings.TrimPrefix(r.URL.Path, "/v1.0") }

// scripted answers each request by its method and path, with a 404 for what is
// not there. A batch is answered item by item.
func scripted(script map[string]string) server {
	answerTo := func(asked string) (int, string) {
		text, there := script[asked]
		if !there {
			return 404, refusalBody("")
		}
		status := 200
		if n, rest, found := strings.Cut(text, " "); found {
			if code, err := strconv.Atoi(n); err == nil {
				status, text = code, rest
			}
		}
		return status, text
	}
	return func(r *http.Request, body string) *http.Response {
		if ask(r) != "POST /$batch" {
			return answer(answerTo(ask(r)))
		}
		var batch struct {
			Requests []struct{ ID, Method, URL string }
		}
		if err := json.Unmarshal([]byte(body), &batch); err != nil {
			return refusal(400, "BadRequest")
		}
		var items []string
		for _, request := range batch.Requests {
			path, _, _ := strings.Cut(request.URL, "?")
			status, text := answerTo(request.Method + " " + path)
			items = append(items, fmt.Sprintf(`{"id":%q,"status":%d,"body":%s}`, request.ID, status, text))
		}
		return answer(200, `{"responses":[`+strings.Join(items, ",")+`]}`)
	}
}

// id is the n-th id in Planner's form.
func id(n int) string { return fmt.Sprintf("id-%025d", n) }
