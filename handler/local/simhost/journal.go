package simhost

import (
	"bytes"
	"log"
	"log/slog"
	"strings"
	"sync"
)

// Source says whose words a [Line] carries.
type Source string

// The sources of lines.
const (
	FromHost     Source = "host"     // the host's own remarks
	FromHandler  Source = "handler"  // the handler's stdout and stderr
	FromFunction Source = "function" // the Logs of an answer
)

// Line is one line of the host's log.
type Line struct {
	Level  slog.Level // Info, Warn or Error
	Source Source
	// Function and Invocation tell which call the line belongs to. Both are
	// empty where the host cannot know, as for a handler's stdout.
	Function, Invocation string
	Text                 string
}

// journal hands lines to the caller's function, one at a time and none once it
// is closed: a test may log to its own t, which must not outlive it.
type journal struct {
	mu   sync.Mutex
	take func(Line)
}

func (j *journal) write(l Line) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.take != nil {
		j.take(l)
	}
}

func (j *journal) host(level slog.Level, text string) {
	j.write(Line{Level: level, Source: FromHost, Text: text})
}

func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.take = nil
}

// logger is for the parts of net/http that want a *log.Logger.
func (j *journal) logger() *log.Logger {
	return log.New(&lineWriter{emit: func(text string) { j.host(slog.LevelWarn, text) }}, "", 0)
}

// lineWriter cuts what is written to it into lines.
type lineWriter struct {
	emit func(string)
	rest []byte
}

// Write implements io.Writer. It never fails.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		w.emit(strings.TrimSuffix(string(line), "\r"))
		w.rest = rest
	}
}

// flush emits a last line that was not ended.
func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.emit(string(w.rest))
		w.rest = nil
	}
}
