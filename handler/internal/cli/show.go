package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// view is how the value of an answer is shown, and what it means for the exit
// code.
type view struct {
	text  func(p *page, value json.RawMessage) error
	table func(value json.RawMessage) ([][]string, error) // for CSV, heads first; nil: the value is no list
	code  func(value json.RawMessage) (int, error)
}

// viewOf is a view of values of one type. table may be nil if the value is no
// list, code if it cannot mean trouble.
func viewOf[T any](text func(p *page, value T), table func(T) [][]string, code func(T) int) view {
	v := view{
		text: func(p *page, value json.RawMessage) error {
			decoded, err := decode[T](value)
			if err == nil {
				harmless(&decoded)
				text(p, decoded)
			}
			return err
		},
		code: func(value json.RawMessage) (int, error) {
			decoded, err := decode[T](value)
			if err != nil || code == nil {
				return exitDone, err
			}
			return code(decoded), nil
		},
	}
	if table != nil {
		v.table = func(value json.RawMessage) ([][]string, error) {
			decoded, err := decode[T](value)
			return table(decoded), err
		}
	}
	return v
}

func decode[T any](value json.RawMessage) (T, error) {
	var decoded T
	if err := json.Unmarshal(value, &decoded); err != nil {
		return decoded, &failure{
			kind: fault.Unavailable, err: err,
			text: "the app's answer is not what this command line understands",
			hint: "With --output json it is shown as it is. If the app is newer than this command line, update this.",
		}
	}
	return decoded, nil
}

// answer asks the app and shows what it answers.
func (s *seat) answer(ctx context.Context, what call, v view) error {
	if err := s.hasForm(v); err != nil {
		return err
	}
	got, err := s.ask(ctx, what)
	if err != nil {
		return err
	}
	return s.show(got.value, v)
}

// hasForm refuses CSV of what is no list, before the app does anything.
func (s *seat) hasForm(v view) error {
	if s.flags.form == csvForm && v.table == nil {
		return wrong("this answer is no list and has no CSV form, expected --output text or json")
	}
	return nil
}

// ask asks the app.
func (s *seat) ask(ctx context.Context, what call) (answer, error) {
	c, err := s.client(ctx)
	if err != nil {
		return answer{}, err
	}
	return c.ask(ctx, what)
}

// show writes an answer in the form that was asked for and notes its exit code.
// JSON is written even if its value cannot be judged.
func (s *seat) show(value json.RawMessage, v view) error {
	var p page
	switch s.flags.form {
	case jsonForm:
		if err := writeJSON(&p, value); err != nil {
			return err
		}
	case csvForm:
		rows, err := v.table(value)
		if err != nil {
			return err
		}
		writeCSV(&p, rows)
	default:
		if err := v.text(&p, value); err != nil {
			return err
		}
	}
	if err := s.write(&p); err != nil {
		return err
	}
	code, err := v.code(value)
	s.code = code
	return err
}

// write writes what is ready to stdout. CSV keeps what it was given for other
// programs; a terminal is spared it.
func (s *seat) write(p *page) error {
	text := p.Bytes()
	if s.flags.form == csvForm && s.IsTerminal(s.Stdout) {
		text = []byte(harmlessText(string(text)))
	}
	if _, err := s.Stdout.Write(text); err != nil {
		return &failure{kind: fault.Unavailable, text: "cannot write the answer: " + err.Error(), err: err}
	}
	return nil
}

// writeJSON writes a value as it came, indented.
func writeJSON(w io.Writer, value json.RawMessage) error {
	var indented bytes.Buffer
	if err := json.Indent(&indented, value, "", "  "); err != nil {
		return &failure{kind: fault.Unavailable, text: "the app's answer is no JSON", err: err}
	}
	indented.WriteByte('\n')
	_, err := w.Write(harmlessJSON(indented.Bytes()))
	return err
}

// writeCSV writes rows to memory, which takes everything.
func writeCSV(p *page, rows [][]string) {
	w := csv.NewWriter(p)
	for _, row := range rows {
		_ = w.Write(row)
	}
	w.Flush()
}
