package orgsync

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// Whom finds the user an operator means: by object id, which need not be known,
// or by user principal name, or as the account of a worker. A fault.NotFound:
// there is no such user, or the worker has no account.
func (s *Syncer) Whom(ctx context.Context, user string, worker org.PersonnelNumber) (org.UserID, error) {
	const op = "orgsync: look for the user"
	if worker != "" {
		return s.accountOf(ctx, worker)
	}
	if id, err := org.ParseUserID(user); err == nil {
		if id.IsZero() {
			return id, fault.Newf(fault.Invalid, op, "the object id is all zeros")
		}
		return id, nil
	}
	if !strings.Contains(user, "@") {
		return org.UserID{}, fault.Newf(fault.Invalid, op, "expected an object id or a user principal name; a personnel number is a worker")
	}
	users, err := s.Book.Users(ctx)
	if err != nil {
		return org.UserID{}, err
	}
	found, known := users.Org().ByUPN(strings.TrimSpace(user))
	if !known {
		return org.UserID{}, fault.Newf(fault.NotFound, op, "no user of the tenant has this user principal name, as far as the last run read; the object id does as well")
	}
	return found.ID, nil
}

func (s *Syncer) accountOf(ctx context.Context, worker org.PersonnelNumber) (org.UserID, error) {
	const op = "orgsync: look for the worker's account"
	snapshot, _, err := s.Book.Snapshot(ctx)
	if err != nil {
		return org.UserID{}, err
	}
	users, err := s.Book.Users(ctx)
	if err != nil {
		return org.UserID{}, fmt.Errorf("%s: %w", op, err)
	}
	id, cause := org.AccountOf(snapshot, users.Org(), worker, time.Now())
	if id.IsZero() {
		return id, fault.Newf(fault.NotFound, op, "worker %s has no account (%s); name the user by object id", worker, cause)
	}
	return id, nil
}
