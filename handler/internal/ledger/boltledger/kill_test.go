package boltledger_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
)

// writerFile names, in the environment, the file that this test binary is to
// write to until it is killed.
const writerFile = "BOLTLEDGER_TEST_WRITER_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerFile); path != "" {
		fmt.Fprintln(os.Stdout, "writer ended:", writeOn(path, os.Stdout))
		return
	}
	m.Run()
}

// writeOn counts in one row, on and on, and prints each number with its ETag
// once Put has returned. The rest of the value makes each write many pages.
func writeOn(path string, answers io.Writer) error {
	s, err := boltledger.Open(path)
	if err != nil {
		return err
	}
	etag := ""
	for n := 1; ; n++ {
		if etag, err = s.Put(context.Background(), key, numbered(n), etag); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(answers, n, etag); err != nil {
			return err
		}
	}
}

func numbered(n int) []byte { return fmt.Appendf(nil, "%0100000d", n) }

// TestKilled kills a process in the middle of its writes and finds every write
// that had been answered, whole.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	etags := map[string]bool{}
	last := 0
	for _, after := range []int{1, 20, 57} {
		last = killWriter(t, path, after, etags)
		s := open(t, path)
		row, err := s.Get(t.Context(), key)
		noError(t, err)
		n, err := strconv.Atoi(string(row.Value))
		noError(t, err)
		if len(row.Value) != len(numbered(n)) || n != last && n != last+1 {
			t.Fatalf("the last answered write was %d; the file holds %d in %d bytes", last, n, len(row.Value))
		}
		etag, err := s.Put(t.Context(), key, nil, row.ETag)
		noError(t, err)
		if etags[etag] {
			t.Fatalf("ETag %s came back after a kill", etag)
		}
		etags[etag] = true
		noError(t, s.Delete(t.Context(), key, etag)) // the next writer begins anew
		closeStore(t, s)
	}
}

// killWriter runs a writer, kills it when it has answered so many writes, notes
// their ETags, and returns the last answered number.
func killWriter(t *testing.T, path string, after int, etags map[string]bool) (last int) {
	t.Helper()
	writer := exec.CommandContext(t.Context(), os.Args[0])
	writer.Env = append(os.Environ(), writerFile+"="+path)
	answers, err := writer.StdoutPipe()
	noError(t, err)
	noError(t, writer.Start())
	lines := bufio.NewScanner(answers)
	for lines.Scan() {
		var etag string
		if _, err := fmt.Sscanln(lines.Text(), &last, &etag); err != nil {
			t.Fatalf("the writer says %q", lines.Text())
		}
		if etags[etag] {
			t.Fatalf("ETag %s came back", etag)
		}
		etags[etag] = true
		if last == after {
			noError(t, writer.Process.Kill())
		}
	}
	if err := writer.Wait(); err == nil || last < after {
		t.Fatalf("the writer ended by itself at %d: %v", last, err)
	}
	return last
}

// TestCopiedWhileOpen opens a copy of a file that nobody has closed: what a
// backup, or a disk after a power cut, holds.
func TestCopiedWhileOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	s := open(t, path)
	defer closeStore(t, s)
	for n := range 50 {
		_, err := s.Put(t.Context(), ledger.Key{Partition: "p", Row: strconv.Itoa(n)}, numbered(n), "")
		noError(t, err)
	}
	content, err := os.ReadFile(path)
	noError(t, err)
	noError(t, os.WriteFile(path+".copy", content, 0o600))

	c := open(t, path+".copy")
	defer closeStore(t, c)
	for n := range 50 {
		row, err := c.Get(t.Context(), ledger.Key{Partition: "p", Row: strconv.Itoa(n)})
		if err != nil || string(row.Value) != string(numbered(n)) {
			t.Fatalf("row %d of the copy: %d bytes, %v", n, len(row.Value), err)
		}
	}
}
