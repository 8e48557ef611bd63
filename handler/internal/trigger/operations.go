package trigger

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Operations answers operators. Both methods are safe for concurrent use and
// classify their errors with package fault; the text of a classified error is
// shown to the operator. ctx has a deadline of minutes.
type Operations interface {
	// LastRun returns the record of the newest run, something encoding/json can
	// write, or a fault.NotFound when there was none.
	LastRun(ctx context.Context) (any, error)

	// Plan returns what the next run would do.
	Plan(ctx context.Context) (Document, error)
}

// Document is something with a form for people, beside the JSON that
// encoding/json makes of it.
type Document interface {
	// WriteText writes the form for people: plain text in UTF-8.
	WriteText(w io.Writer) error
}

func (f *front) lastRun(c call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), operationTimeout)
	defer cancel()
	run, err := f.functions.Operations.LastRun(ctx)
	if err != nil {
		return answer{}, err
	}
	return show(c, "run", run)
}

func (f *front) plan(c call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), operationTimeout)
	defer cancel()
	plan, err := f.functions.Operations.Plan(ctx)
	if err != nil {
		return answer{}, err
	}
	return show(c, "plan", plan)
}

// show answers with the value in the form the caller asks for: JSON under its
// name, in an object that says its version, or text if the value has that form.
func show(c call, name string, value any) (answer, error) {
	document, hasText := value.(Document)
	switch format := c.URL.Query().Get("format"); {
	case format == "text" && !hasText:
		return answer{}, fault.Newf(fault.Invalid, "choose format", "this has no text form, expected format=json")
	case format == "text", format == "" && hasText && prefersText(c.Header.Values("Accept")):
		var text bytes.Buffer
		if err := document.WriteText(&text); err != nil {
			return answer{}, fault.New(fault.Internal, "trigger: write answer as text", err)
		}
		return textAnswer(text.Bytes()), nil
	case format == "", format == "json":
		return jsonAnswer(http.StatusOK, map[string]any{"v": 1, name: value})
	}
	return answer{}, fault.Newf(fault.Invalid, "choose format", "the format is unknown, expected json or text")
}

// prefersText reports whether Accept ranks plain text over JSON. What ranks
// both alike, as "*/*" does, gets JSON.
func prefersText(accept []string) bool {
	ranges := strings.Split(strings.Join(accept, ","), ",")
	return quality(ranges, "text/plain", "text/*") > quality(ranges, "application/json", "application/*")
}

// quality is the q of the most specific of the media ranges that takes the
// type, and 0 if none does (RFC 9110, 12.5.1).
func quality(ranges []string, exact, family string) float64 {
	const none = 4
	best, q := none, 0.0
	for _, text := range ranges {
		media, parameters, err := mime.ParseMediaType(text)
		rank := map[string]int{exact: 1, family: 2, "*/*": 3}[media]
		if err != nil || rank == 0 || rank >= best {
			continue
		}
		best, q = rank, 1
		if given, ok := parameters["q"]; ok {
			if n, err := strconv.ParseFloat(given, 64); err == nil {
				q = n
			}
		}
	}
	return q
}
