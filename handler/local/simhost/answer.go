package simhost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// answer is the body of a success. Names match without case, unknown ones are
// ignored, none is required. Outputs and ReturnValue are not looked at, since
// no output binding is simulated that would take them.
type answer struct {
	Logs []string
}

// judge decides as the host does (DefaultHttpWorkerService) whether an answer
// is a success, and returns its log lines.
func judge(resp *http.Response) ([]string, error) {
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, fmt.Errorf("%w: StatusCode: %d (the host does not read the body)", ErrStatus, resp.StatusCode)
	}
	if resp.ContentLength == 0 {
		return nil, fmt.Errorf("%w (StatusCode: %d, empty body)", ErrHang, resp.StatusCode)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConnection, err)
	}
	unreadable := func(why any) error {
		return fmt.Errorf("%w: %v; StatusCode: %d, Content-Type: %q, body: %s",
			ErrAnswer, why, resp.StatusCode, resp.Header.Get("Content-Type"), body)
	}
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || media != "application/json" && media != "text/json" {
		return nil, unreadable("the media type must be application/json")
	}
	switch text := bytes.TrimSpace(body); {
	case len(text) == 0, bytes.Equal(text, []byte("null")):
		return nil, fmt.Errorf("%w (StatusCode: %d, body %q)", ErrHang, resp.StatusCode, text)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, unreadable(err)
	}
	return a.Logs, nil
}
