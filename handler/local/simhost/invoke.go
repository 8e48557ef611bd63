package simhost

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"time"
)

// hostVersion is what the stand-in calls itself toward the handler: the version
// whose behaviour it follows.
const hostVersion = "4.1052.200.0"

// Headers the host puts on every call into the handler.
const (
	versionHeader    = "X-Azure-Functions-HostVersion"
	invocationHeader = "X-Azure-Functions-InvocationId"
)

// Result is what a successful invocation left behind.
type Result struct {
	Invocation string   // the id the handler saw
	Logs       []string // the Logs of the answer, which the host also logged
}

// envelope is the body of an invocation.
type envelope struct {
	Data     map[string]any
	Metadata map[string]any
}

// value is what a trigger has to tell the function. A timer has no metadata:
// its own entry ends in "trigger", and the host leaves those out.
type value struct {
	data     any
	metadata map[string]any // without sys, which every invocation gets
}

// dispatch invokes a function that is not forwarded over HTTP, and logs what
// came of it.
func (h *Host) dispatch(ctx context.Context, f *function, v value) (Result, error) {
	id := newID()
	result, err := h.invoke(ctx, f, id, v)
	line := Line{Level: slog.LevelInfo, Source: FromFunction, Function: f.name, Invocation: id}
	for _, text := range result.Logs {
		line.Text = text
		h.journal.write(line)
	}
	line.Source, line.Text = FromHost, "the invocation succeeded"
	if err != nil {
		err = fmt.Errorf("invoke %s: %w", f.name, err)
		line.Level, line.Text = slog.LevelError, err.Error()
	}
	h.journal.write(line)
	return result, err
}

// invoke makes the call and judges the answer. The handler may take
// functionTimeout; then its process is replaced, as there is no other way to
// stop a function.
func (h *Host) invoke(ctx context.Context, f *function, id string, v value) (Result, error) {
	if err := h.ready(ctx); err != nil {
		return Result{}, err
	}
	body, err := encodeEnvelope(f, v, time.Now())
	if err != nil {
		return Result{}, err
	}
	limited, cancel := ctx, context.CancelFunc(func() {})
	if h.file.functionTimeout > 0 {
		limited, cancel = context.WithTimeoutCause(ctx, h.file.functionTimeout, ErrTimeout)
	}
	defer cancel()
	result, err := h.post(limited, f.name, id, body)
	switch {
	case err != nil && errors.Is(context.Cause(limited), ErrTimeout):
		return Result{}, errors.Join(ErrTimeout, h.worker.end(ctx, true))
	case err != nil && ctx.Err() != nil:
		return Result{}, fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return result, err
}

// ready waits for the handler. A handler that stays away too long stops the
// host.
func (h *Host) ready(ctx context.Context) error {
	err := h.worker.await(ctx)
	if errors.Is(err, errNeverReady) {
		err = fmt.Errorf("%w: %w", ErrStopped, err)
		h.cancel(err)
	}
	return err
}

// post sends one invocation and reads its answer.
func (h *Host) post(ctx context.Context, name, id string, body []byte) (Result, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+h.worker.address+"/"+name, bytes.NewReader(body))
	if err != nil {
		return Result{}, err
	}
	req.ContentLength = -1 // chunked, as in Azure
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Azure-Functions-Host/"+hostVersion)
	req.Header.Set(versionHeader, hostVersion)
	req.Header.Set(invocationHeader, id)
	// The client follows redirects, as the host does: a 301 or 302 turns the
	// POST into a GET.
	resp, err := h.client.Do(req)
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrConnection, err)
	}
	logs, err := judge(resp)
	return Result{Invocation: id, Logs: logs}, errors.Join(err, resp.Body.Close())
}

// encodeEnvelope writes the body of an invocation.
func encodeEnvelope(f *function, v value, now time.Time) ([]byte, error) {
	metadata := map[string]any{"sys": map[string]string{
		"MethodName": f.name,
		"UtcNow":     now.UTC().Format("2006-01-02T15:04:05.9999999Z"),
		"RandGuid":   newID(),
	}}
	maps.Copy(metadata, v.metadata)
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false) // .NET does not
	err := encoder.Encode(envelope{Data: map[string]any{f.trigger: v.data}, Metadata: metadata})
	if err != nil {
		return nil, fmt.Errorf("encode the invocation: %w", err)
	}
	return buffer.Bytes(), nil
}

// newID makes a random GUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return guid(b)
}

func guid(b [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
