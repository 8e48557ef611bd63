package trigger

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Operations answers operators. All methods are safe for concurrent use and
// classify their errors with package fault; the text of a classified error is
// shown to the operator. ctx has a deadline of minutes.
//
// What a method returns is something encoding/json can write, with an empty
// list rather than none. If it is a [Document] too, operators may have it as
// text.
type Operations interface {
	Reports
	Decisions
	Blocking
}

// Reports say what happened and what comes. They change nothing.
type Reports interface {
	// LastRun returns the record of the newest run, or a fault.NotFound when
	// there was none.
	LastRun(ctx context.Context) (any, error)

	// Plan returns what the next run would do.
	Plan(ctx context.Context) (Document, error)
}

// Decisions are what the rails need from a person. Each may be said again
// without harm: an answer can be lost on its way.
type Decisions interface {
	// Holds returns what waits for a person, and what was decided of it.
	Holds(ctx context.Context) (any, error)

	// Decide allows or refuses the hold and returns it as decided. hash is 16
	// lower-case hex digits. A fault.NotFound: there is no such hold; a
	// fault.Conflict: it expired.
	Decide(ctx context.Context, hash string, allow bool) (any, error)

	// AcceptBaseline takes the newest reading as the one later readings are
	// compared with, and returns it. A fault.NotFound: nothing was read yet.
	AcceptBaseline(ctx context.Context) (any, error)

	// Rebuild has the next run read everything anew, and returns what it noted
	// for that.
	Rebuild(ctx context.Context) (any, error)
}

// Blocking keeps people out of teams, whatever Commerce wants. user and store
// come as the operator wrote them: user never empty, store empty for every team.
type Blocking interface {
	// Blocks returns who is blocked, and where.
	Blocks(ctx context.Context) (any, error)

	// Block keeps the user out from the next run on. A user who is blocked there
	// already stays so. A fault.Invalid: user is no object id, or the store is
	// unknown.
	Block(ctx context.Context, user, store string) error

	// Unblock takes back the block of exactly that user and store. A
	// fault.NotFound: there is none. A fault.Invalid: user is no object id.
	Unblock(ctx context.Context, user, store string) error

	// Revoke takes the user out of every team now, blocks them, and returns what
	// was done. A fault.Invalid: user is no object id.
	Revoke(ctx context.Context, user string) (any, error)
}

// Document is something with a form for people, beside the JSON that
// encoding/json makes of it.
type Document interface {
	// WriteText writes the form for people: plain text in UTF-8.
	WriteText(w io.Writer) error
}

func (f *front) lastRun(c call) (answer, error) {
	return ask(c, "run", f.functions.Operations.LastRun)
}

func (f *front) plan(c call) (answer, error) {
	return ask(c, "plan", f.functions.Operations.Plan)
}

func (f *front) holds(c call) (answer, error) {
	return ask(c, "holds", f.functions.Operations.Holds)
}

func (f *front) allow(c call) (answer, error) { return f.decide(c, true) }

func (f *front) refuse(c call) (answer, error) { return f.decide(c, false) }

func (f *front) decide(c call, allow bool) (answer, error) {
	if len(c.hash) != 16 || strings.Trim(c.hash, "0123456789abcdef") != "" {
		return answer{}, fault.Newf(fault.Invalid, "read path", "expected a hold's hash, 16 hex digits in lower case")
	}
	if err := c.noFields(); err != nil {
		return answer{}, err
	}
	return ask(c, "hold", func(ctx context.Context) (any, error) {
		return f.functions.Operations.Decide(ctx, c.hash, allow)
	})
}

func (f *front) acceptBaseline(c call) (answer, error) {
	if err := c.noFields(); err != nil {
		return answer{}, err
	}
	return ask(c, "baseline", f.functions.Operations.AcceptBaseline)
}

func (f *front) rebuild(c call) (answer, error) {
	if err := c.noFields(); err != nil {
		return answer{}, err
	}
	return ask(c, "rebuild", f.functions.Operations.Rebuild)
}

// blocks answers with the blocks there are, after a change if one is asked for.
func (f *front) blocks(c call) (answer, error) {
	switch c.Method {
	case http.MethodPost:
		return f.changeBlocks(c, f.functions.Operations.Block)
	case http.MethodDelete:
		return f.changeBlocks(c, f.functions.Operations.Unblock)
	}
	return ask(c, "blocks", f.functions.Operations.Blocks)
}

func (f *front) changeBlocks(c call, change func(ctx context.Context, user, store string) error) (answer, error) {
	given, err := c.fields(userField, storeField)
	if err != nil {
		return answer{}, err
	}
	return ask(c, "blocks", func(ctx context.Context) (any, error) {
		if err := change(ctx, given[userField], given[storeField]); err != nil {
			return nil, err
		}
		blocks, err := f.functions.Operations.Blocks(ctx)
		if err != nil {
			return nil, fmt.Errorf("the change was made, but not shown: %w", err)
		}
		return blocks, nil
	})
}

func (f *front) revoke(c call) (answer, error) {
	given, err := c.fields(userField)
	if err != nil {
		return answer{}, err
	}
	return ask(c, "revoked", func(ctx context.Context) (any, error) {
		return f.functions.Operations.Revoke(ctx, given[userField])
	})
}
