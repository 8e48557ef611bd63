package commerce_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// A collection that refuses the question costs the other nothing.
func TestStatementsRefused(t *testing.T) {
	for _, name := range []string{"RetailChannelWorkers", "Employees"} {
		for _, status := range []int{400, 403, 404, 501} {
			t.Run(fmt.Sprintf("%s %d", name, status), func(t *testing.T) {
				s := simulate(t, leavers, simcommerce.Options{})
				s.Intercept(func(r *http.Request) simcommerce.Fault {
					if path.Base(r.URL.Path) == name && r.URL.Query().Has("$filter") {
						return simcommerce.Fault{Status: status}
					}
					return simcommerce.Fault{}
				})
				var log bytes.Buffer
				got, unread := statementsOf(t, s, commerce.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
				want := leftLately
				if name == "Employees" {
					want.Ended = nil
				} else {
					want.Inactive = nil
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got %+v, want %+v", got, want)
				}
				silent := status == 404 && name == "Employees" // optional
				if silent {
					if len(unread) > 0 {
						t.Errorf("unread %q, want nothing: the collection is optional", unread)
					}
					return
				}
				if len(unread) != 1 || !strings.HasPrefix(unread[0], name+" ") || !strings.Contains(unread[0], fmt.Sprint(status)) {
					t.Errorf("unread %q, want one sentence about %s and status %d", unread, name, status)
				}
				if !strings.Contains(log.String(), "collection="+name) {
					t.Errorf("log %q does not say why", log.String())
				}
			})
		}
	}
}

// An environment that cannot compare the enum says so, and nobody is left out
// by a guess: F&O refuses an operand of another type.
func TestStatementsOfABooleanAttribute(t *testing.T) {
	s := simulate(t, `{"RetailPosPermissionGroups":[{"PersonnelNumber":"000020","RetailChannelId":"1","IsActive":false}]}`,
		simcommerce.Options{Names: map[string]string{"MyChannelWorkers": "RetailPosPermissionGroups"}})
	got, unread := statementsOf(t, s, commerce.Options{Collections: map[string]string{"RetailChannelWorkers": "MyChannelWorkers"}})
	if len(got.Inactive) > 0 || len(unread) != 1 || !strings.Contains(unread[0], "400") {
		t.Errorf("got %v, unread %q, want nothing and a sentence", got.Inactive, unread)
	}
}

// second reports whether r asks for a later page of a collection.
func second(r *http.Request, name string) bool {
	return path.Base(r.URL.Path) == name && r.URL.Query().Has("$skiptoken")
}

// What was read before a page broke states something all the same.
func TestStatementsReadInPart(t *testing.T) {
	const foreign = "https://evil.example/data/Employees?$skiptoken=x"
	for name, c := range map[string]struct {
		broken simcommerce.Fault
		read   int
	}{
		"refused": {simcommerce.Fault{Status: 403}, 1}, "gone": {simcommerce.Fault{Status: 404}, 1}, "rejected": {simcommerce.Fault{Status: 400}, 1},
		"down": {simcommerce.Fault{Status: 503}, 1}, "throttled": {simcommerce.Fault{Status: 429}, 1},
		"cut behind a row": {simcommerce.Fault{Truncate: true}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := simulate(t, leavers, simcommerce.Options{PageSize: 1})
				s.Intercept(func(r *http.Request) simcommerce.Fault {
					if second(r, "Employees") {
						return c.broken
					}
					return simcommerce.Fault{}
				})
				got, unread := statementsOf(t, s, commerce.Options{})
				want := leftLately
				want.Ended = want.Ended[:c.read]
				if !reflect.DeepEqual(got, want) || len(unread) != 1 || !strings.HasPrefix(unread[0], "Employees ") {
					t.Errorf("got %+v, unread %q\nwant %+v and a sentence about Employees", got, unread, want)
				}
			})
		})
	}
	t.Run("continued elsewhere", func(t *testing.T) {
		s := simulate(t, leavers, simcommerce.Options{PageSize: 2})
		s.Intercept(func(r *http.Request) simcommerce.Fault {
			if path.Base(r.URL.Path) == "Employees" {
				return simcommerce.Fault{NextLink: foreign}
			}
			return simcommerce.Fault{}
		})
		got, unread := statementsOf(t, s, commerce.Options{})
		if len(got.Ended) != 2 || len(got.Inactive) != 2 || len(unread) != 1 || strings.Contains(unread[0], "evil") {
			t.Errorf("got %+v, unread %q, want the first page, the other collection and a sentence without the address", got, unread)
		}
		if slices.ContainsFunc(s.asked, func(u *url.URL) bool { return u.Host != "127.0.0.1:8080" }) {
			t.Errorf("asked %v: a token left for another host", s.asked)
		}
	})
}

// Both collections may fail; the caller still has an answer.
func TestStatementsOfAnEnvironmentThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simulate(t, leavers, simcommerce.Options{})
		s.Intercept(func(*http.Request) simcommerce.Fault { return simcommerce.Fault{Status: 503} })
		st, unread := statementsOf(t, s, commerce.Options{})
		if len(st.Inactive)+len(st.Ended) > 0 || len(unread) != 2 {
			t.Errorf("got %+v, unread %q, want nothing and two sentences", st, unread)
		}
	})
}

func TestStatementsCallerGivesUp(t *testing.T) {
	for _, c := range []struct {
		cause error
		want  fault.Kind
	}{{context.Canceled, fault.Canceled}, {context.DeadlineExceeded, fault.Unavailable}} {
		t.Run(c.cause.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := simulate(t, leavers, simcommerce.Options{PageSize: 1})
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				s.Intercept(func(r *http.Request) simcommerce.Fault {
					if !second(r, "Employees") {
						return simcommerce.Fault{}
					}
					if errors.Is(c.cause, context.Canceled) {
						cancel()
					}
					return simcommerce.Fault{Status: 503, RetryAfter: time.Minute}
				})
				st, unread, err := newClient(t, s, commerce.Options{}).Statements(ctx, since, now)
				if !fault.Is(err, c.want) || !errors.Is(err, c.cause) {
					t.Errorf("error %v of kind %v, want %v", err, fault.KindOf(err), c.want)
				}
				if !reflect.DeepEqual(st, org.Statements{}) || unread != nil {
					t.Errorf("got %+v and %q beside the error", st, unread)
				}
			})
		})
	}
}
