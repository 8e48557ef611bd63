package trigger

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// The forms an operator can name in the query, as format=text.
const (
	jsonForm = "json"
	textForm = "text"
)

// ask carries out an operation within its time and answers with what came of
// it under its name. A form that nothing has is refused before: a change that
// was made must not look refused.
func ask[T any](c call, name string, operation func(context.Context) (T, error)) (answer, error) {
	form := c.URL.Query().Get("format")
	if form != "" && form != jsonForm && form != textForm {
		return answer{}, fault.Newf(fault.Invalid, "choose format", "the format is unknown, expected json or text")
	}
	ctx, cancel := context.WithTimeout(c.Context(), operationTimeout)
	defer cancel()
	value, err := operation(ctx)
	if err != nil {
		return answer{}, err
	}
	return show(c, form, name, value)
}

// show answers with the value in the form the caller asks for: JSON under its
// name, in an object that says its version, or text if the value has that form.
// What came of a change is shown even if it has not.
func show(c call, form, name string, value any) (answer, error) {
	document, hasText := value.(Document)
	switch {
	case form == textForm && !hasText && c.reads():
		return answer{}, fault.Newf(fault.Invalid, "choose format", "this has no text form, expected format=json")
	case hasText && (form == textForm || form == "" && prefersText(c.Header.Values("Accept"))):
		var text bytes.Buffer
		if err := document.WriteText(&text); err != nil {
			return answer{}, fault.New(fault.Internal, "trigger: write answer as text", err)
		}
		return textAnswer(text.Bytes()), nil
	}
	return jsonAnswer(http.StatusOK, map[string]any{"v": 1, name: value})
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
