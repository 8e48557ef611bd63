package orgsync

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// archive archives the team of a closed store. The link says so before it
// happens: a team found archived is then known as our doing, whatever became of
// the run.
func (j *job) archive(ctx context.Context) error {
	if j.link.Archived.IsZero() {
		j.link.Archived = time.Now().UTC()
		if err := j.syncer.Book.SaveLink(ctx, j.link); err != nil {
			return err
		}
	}
	op, err := j.syncer.Teams.Archive(ctx, j.group.ID)
	if err != nil {
		return err
	}
	if err := j.await(ctx, op); err != nil {
		return err
	}
	j.group.Archived = true
	return nil
}

// unarchive makes the team of a store that came back active again.
func (j *job) unarchive(ctx context.Context) error {
	op, err := j.syncer.Teams.Unarchive(ctx, j.group.ID)
	if err != nil {
		return err
	}
	if err := j.await(ctx, op); err != nil {
		return err
	}
	j.group.Archived, j.link.Archived = false, time.Time{}
	return nil
}

// await waits for an operation on a team that is there. No operation: it is so
// already. One that nobody knows any more counts as over; the daily
// verification sees how it went.
func (j *job) await(ctx context.Context, op Operation) error {
	if op == "" {
		return nil
	}
	for range polls {
		if err := j.pause(ctx, j.syncer.settings.TeamPollInterval); err != nil {
			return err
		}
		switch state, err := j.syncer.Provisioner.OperationState(ctx, op); {
		case fault.Is(err, fault.NotFound):
			return nil
		case err != nil:
			return err
		case state == OperationSucceeded:
			return nil
		case state == OperationFailed:
			return fault.Newf(fault.Unavailable, "orgsync: await an operation", "Teams reports that it failed")
		}
	}
	return fmt.Errorf("Teams is still at it: %w", errWaiting)
}
