package environment

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/storeteams/storeteams/handler/local/world"
)

// shutters is the part of headquarters that needs a memory: what went when a store
// closed is kept here until it reopens, and forgotten with the environment. Its
// addresses stand beside Commerce's, so that another process can use them.
type shutters struct {
	hq world.Headquarters

	mu     sync.Mutex
	closed map[string]world.Closed // by store number
}

// The shutters's addresses; the store's number is their query.
const (
	shuttersPath = "/shutters/"
	closePath    = shuttersPath + "close"
	reopenPath   = shuttersPath + "reopen"
)

// CloseStore closes a store in Commerce. ReopenStore brings it back.
func (e *Environment) CloseStore(ctx context.Context, number string) error {
	return e.shutters.close(ctx, number)
}

// ReopenStore brings a store back that CloseStore closed, as it was.
func (e *Environment) ReopenStore(ctx context.Context, number string) error {
	return e.shutters.reopen(ctx, number)
}

func (s *shutters) close(ctx context.Context, number string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.closed[number]; known {
		return fmt.Errorf("close: store %s is closed already", number)
	}
	closed, err := s.hq.Close(ctx, number)
	if closed.Any() {
		s.closed[number] = closed
	}
	return err
}

func (s *shutters) reopen(ctx context.Context, number string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	closed, known := s.closed[number]
	if !known {
		return fmt.Errorf("reopen: store %s is not closed", number)
	}
	if err := s.hq.Reopen(ctx, closed); err != nil {
		return err
	}
	delete(s.closed, number)
	return nil
}

// beside serves the shutters's addresses, and all others by commerce.
func (s *shutters) beside(commerce http.Handler) http.Handler {
	shutters := http.NewServeMux()
	serve := func(do func(context.Context, string) error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := do(r.Context(), r.URL.Query().Get("store")); err != nil {
				http.Error(w, err.Error(), http.StatusConflict)
			}
		}
	}
	shutters.HandleFunc("POST "+closePath, serve(s.close))
	shutters.HandleFunc("POST "+reopenPath, serve(s.reopen))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Not through a mux for everything: one would tidy Commerce's paths.
		if strings.HasPrefix(r.URL.Path, shuttersPath) {
			shutters.ServeHTTP(w, r)
			return
		}
		commerce.ServeHTTP(w, r)
	})
}

// Shutters changes the stores of an environment in another process.
type Shutters struct {
	Commerce string // the environment's address of Commerce
}

// CloseStore is [Environment.CloseStore].
func (s Shutters) CloseStore(ctx context.Context, number string) error {
	return s.ask(ctx, closePath, number)
}

// ReopenStore is [Environment.ReopenStore].
func (s Shutters) ReopenStore(ctx context.Context, number string) error {
	return s.ask(ctx, reopenPath, number)
}

func (s Shutters) ask(ctx context.Context, path, number string) error {
	address := strings.TrimSuffix(s.Commerce, "/") + path + "?" + url.Values{"store": {number}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	why, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode == http.StatusOK {
		return err
	}
	return fmt.Errorf("%s", strings.TrimSpace(string(why)))
}
