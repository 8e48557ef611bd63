package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

const (
	partJob = "job"

	// keptJobs is how long a job can be asked for, at the least. It is forgotten
	// when another one begins after that.
	keptJobs = 24 * time.Hour
)

// job is the row of an operator's call that takes longer than its caller waits.
// It is in the ledger because the call that asks for its answer may reach
// another process. What it means, whether it was lost included, is package
// trigger's to say.
type job struct {
	ID    string          `json:"id"`
	Begun time.Time       `json:"begun"`
	State json.RawMessage `json:"state"`
	Ended bool            `json:"ended,omitempty"` // the answer is in the blob

	etag string
}

func (j *job) key(string) Key   { return Key{partJob, j.ID} }
func (j *job) version() *string { return &j.etag }

func jobBlob(id string) string { return "job/" + id }

// BeginJob notes a job under an id that no other has, with its state: JSON that
// [Book.ReadJob] returns as it is. Jobs that began over a day before now are
// deleted first. After an error the job may be there or not, as after one of
// Store.Put.
func (b *Book) BeginJob(ctx context.Context, id string, state []byte, now time.Time) error {
	if err := b.forgetJobs(ctx, now.Add(-keptJobs)); err != nil {
		return fmt.Errorf("ledger: forget jobs: %w", err)
	}
	if err := saveRow(ctx, b, &job{ID: id, Begun: now.UTC(), State: state}); err != nil {
		return fmt.Errorf("ledger: begin a job: %w", err)
	}
	return nil
}

// RenewJob replaces a job's state. It is a fault.NotFound when there is no such
// job, and a fault.Conflict when it has ended or somebody wrote it meanwhile.
func (b *Book) RenewJob(ctx context.Context, id string, state []byte) error {
	const op = "ledger: renew a job"
	j, err := b.readJob(ctx, op, id)
	if err != nil {
		return err
	}
	if j.Ended {
		return fault.Newf(fault.Conflict, op, "job %s has ended", id)
	}
	j.State = state
	if err := saveRow(ctx, b, j); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// EndJob keeps a job's last state and its answer, both or neither. A job ends
// once: after any error the same may be said again, and after none it changes
// nothing. A fault.NotFound: there is no such job.
func (b *Book) EndJob(ctx context.Context, id string, state, answer []byte) error {
	const op = "ledger: end a job"
	j, err := b.readJob(ctx, op, id)
	if err != nil || j.Ended {
		return err
	}
	if err := b.saveAnswer(ctx, id, answer); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	j.State, j.Ended = state, true
	if err := saveRow(ctx, b, j); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// saveAnswer writes a job's answer. A whole one that is there already is the
// same: an earlier try has written it.
func (b *Book) saveAnswer(ctx context.Context, id string, answer []byte) error {
	name := jobBlob(id)
	_, err := WriteBlob(ctx, b.store, name, "", func(w io.Writer) error {
		_, err := w.Write(answer)
		return err
	})
	if fault.Is(err, fault.Conflict) {
		if _, readErr := ReadBlob(ctx, b.store, name, func(io.Reader) error { return nil }); readErr == nil {
			return nil
		}
	}
	return err
}

// ReadJob returns a job's state and, once it has ended, its answer. It is a
// fault.NotFound when there is no such job, or none any more.
func (b *Book) ReadJob(ctx context.Context, id string) (state, answer []byte, err error) {
	const op = "ledger: read a job"
	j, err := b.readJob(ctx, op, id)
	if err != nil || !j.Ended {
		return j.State, nil, err
	}
	var content bytes.Buffer
	_, err = ReadBlob(ctx, b.store, jobBlob(id), func(r io.Reader) error {
		_, err := content.ReadFrom(r)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", op, err)
	}
	return j.State, content.Bytes(), nil
}

// readJob returns a job's row, or a fault.NotFound and a job of nothing.
func (b *Book) readJob(ctx context.Context, op, id string) (*job, error) {
	j, err := readRow(ctx, b, Key{partJob, id}, new(job))
	if err == nil && j == nil {
		err = fault.Newf(fault.NotFound, op, "there is no job %s, or none any more", id)
	}
	if err != nil {
		return new(job), err
	}
	return j, nil
}

// forgetJobs deletes the jobs that began before a time, with their answers, and
// those whose row cannot be read: nobody will get an answer from them. One that
// somebody else deletes or writes at the same time is left to them.
func (b *Book) forgetJobs(ctx context.Context, before time.Time) error {
	for row, err := range b.store.List(ctx, partJob, "") {
		if err != nil {
			return err
		}
		if j, err := decodeRow(b, row, new(job)); err == nil && !j.Begun.Before(before) {
			continue
		}
		err := DeleteBlob(ctx, b.store, jobBlob(row.Row))
		if err == nil || fault.Is(err, fault.NotFound) {
			err = b.store.Delete(ctx, row.Key, row.ETag)
		}
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}
