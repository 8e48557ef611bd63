package simhost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// session is a locked session. Settling may make the SDK lock the session anew,
// and it writes down the new end of the lock without guarding it against a
// renewal that runs meanwhile: so those two take turns here.
type session struct {
	*azservicebus.SessionReceiver
	mu sync.Mutex
}

// CompleteMessage is that of the SDK.
func (s *session) CompleteMessage(ctx context.Context, m *azservicebus.ReceivedMessage, o *azservicebus.CompleteMessageOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.SessionReceiver.CompleteMessage(ctx, m, o)
}

// AbandonMessage is that of the SDK.
func (s *session) AbandonMessage(ctx context.Context, m *azservicebus.ReceivedMessage, o *azservicebus.AbandonMessageOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.SessionReceiver.AbandonMessage(ctx, m, o)
}

// renew renews the session's lock, and with it that of the message in work.
func (s *session) renew(ctx context.Context) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.RenewSessionLock(ctx, nil); err != nil {
		return time.Time{}, err
	}
	return s.LockedUntil(), nil
}

// serveSessions serves one session after the other over client, until it is
// lost.
func (l *listener) serveSessions(ctx context.Context, client *azservicebus.Client) error {
	for {
		accepting, cancel := context.WithTimeout(ctx, tryTimeout)
		accepted, err := client.AcceptNextSessionForQueue(accepting, l.function.queue.name, nil)
		cancel()
		var refusal *azservicebus.Error
		switch {
		case err == nil:
			l.heard()
			if err := l.serveSession(ctx, &session{SessionReceiver: accepted}); err != nil {
				return err
			}
		case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			continue // no session has a message
		case errors.As(err, &refusal) && refusal.Code == azservicebus.CodeTimeout:
			continue // the same, in the words of the bus
		default:
			return fmt.Errorf("accept a session: %w", err)
		}
	}
}

// serveSession works off a session and lets it go when it is idle. The lock is
// renewed all the while, and no longer than host.json allows: a session that is
// busy for longer is lost, here as with the host.
func (l *listener) serveSession(ctx context.Context, s *session) error {
	end := l.hold(ctx, s.LockedUntil(), s.renew)
	err := l.take(ctx, source{
		receiver: s, patience: l.host.file.bus.idle,
		lease: func(*azservicebus.ReceivedMessage) func() { return func() {} }, // the session's is enough
	})
	end()
	closing, cancel := brief(ctx)
	defer cancel()
	return errors.Join(err, s.Close(closing))
}

// hold renews a lock in the background until the function it returns is called,
// or until maxAutoLockRenewalDuration is over.
func (l *listener) hold(ctx context.Context, until time.Time, renew renewal) (end func()) {
	holding, cancel := context.WithTimeout(ctx, l.host.file.bus.renewal)
	var background sync.WaitGroup
	background.Go(func() {
		if err := keepLocked(holding, until, renew); err != nil {
			l.log(slog.LevelError, err.Error())
		}
	})
	return func() {
		cancel()
		background.Wait()
	}
}

// renewal renews a lock and tells until when it then holds.
type renewal func(context.Context) (time.Time, error)

// keepLocked renews a lock that holds until the given time, again and again
// until ctx ends. A renewal that fails is the last.
func keepLocked(ctx context.Context, until time.Time, renew renewal) error {
	for {
		wake := time.NewTimer(renewIn(time.Until(until)))
		select {
		case <-ctx.Done():
			wake.Stop()
			return nil
		case <-wake.C:
		}
		attempt, cancel := context.WithTimeout(ctx, settleTime)
		var err error
		until, err = renew(attempt)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil // whatever came of it
		case err != nil:
			return fmt.Errorf("renew a lock: %w", err)
		}
	}
}

// renewIn says when to renew a lock that holds for so long: ten seconds before
// its end, but not before half of it has passed (CalculateRenewDelay). The
// host knows no least pause; a bus whose clock stands still needs one.
func renewIn(left time.Duration) time.Duration {
	const buffer, pause = 10 * time.Second, 50 * time.Millisecond
	return max(left-min(left/2, buffer), pause)
}
