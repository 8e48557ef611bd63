package boltledger_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
)

var key = ledger.Key{Partition: "partition", Row: "row"}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	s := open(t, path)
	first, err := s.Put(t.Context(), key, []byte("1"), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), key, first); err != nil {
		t.Fatal(err)
	}
	second, err := s.Put(t.Context(), key, []byte("2"), "")
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)

	s = open(t, path)
	defer closeStore(t, s)
	row, err := s.Get(t.Context(), key)
	if err != nil || string(row.Value) != "2" || row.ETag != second {
		t.Fatalf("after reopening: %q with ETag %s, %v; want 2 with %s", row.Value, row.ETag, err, second)
	}
	third, err := s.Put(t.Context(), key, []byte("3"), second)
	if err != nil {
		t.Fatal(err)
	}
	if third == first || third == second {
		t.Errorf("ETag %s came back after reopening", third)
	}
}

func TestOpenLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	s := open(t, path)
	_, err := boltledger.Open(path)
	if !fault.Is(err, fault.Unavailable) || err.Error() != "ledger file: open: "+path+" is in use by another process" {
		t.Errorf("opening a file in use: %v (%v)", err, fault.KindOf(err))
	}
	closeStore(t, s)
	closeStore(t, open(t, path))
}

// TestOpenRefuses checks the kind, the sentence, and that the file stays as it was.
func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(t *testing.T, path string)
		kind    fault.Kind
		says    string
	}{
		{"short text", writes("a"), fault.Invalid, "is not a storeteams ledger"},
		{"long text", writes(strings.Repeat("no ledger at all ", 10_000)), fault.Invalid, "is not a storeteams ledger"},
		{"zeros", writes(strings.Repeat("\x00", 1<<16)), fault.Invalid, "is not a storeteams ledger"},
		{"another program's bbolt file", foreign, fault.Invalid, "is not a storeteams ledger"},
		{"a folder", func(t *testing.T, path string) { noError(t, os.Mkdir(path, 0o700)) }, fault.Invalid, "is a directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger")
			test.prepare(t, path)
			before, _ := os.ReadFile(path) // nothing, for a folder
			_, err := boltledger.Open(path)
			if !fault.Is(err, test.kind) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("Open: %v (%v)", err, fault.KindOf(err))
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("Open changed a file that it refused")
			}
		})
	}
}

func TestOpenWithoutFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "ledger")
	_, err := boltledger.Open(path)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), path) {
		t.Errorf("Open: %v (%v)", err, fault.KindOf(err))
	}
}

// TestOpenBegun opens what a process leaves that was killed while it made the file.
func TestOpenBegun(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, path string){
		"an empty file":       writes(""),
		"no ledger in it yet": func(t *testing.T, path string) { boltFile(t, path, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger")
			prepare(t, path)
			s := open(t, path)
			defer closeStore(t, s)
			_, err := s.Put(t.Context(), key, nil, "")
			noError(t, err)
		})
	}
}

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	closeStore(t, open(t, path))
	info, err := os.Stat(path)
	noError(t, err)
	if others := info.Mode().Perm() & 0o077; others != 0 {
		t.Errorf("others may access the file: %v", info.Mode())
	}
}

func writes(content string) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		t.Helper()
		noError(t, os.WriteFile(path, []byte(content), 0o600))
	}
}

func foreign(t *testing.T, path string) {
	t.Helper()
	boltFile(t, path, func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("somebody else's"))
		return err
	})
}

// boltFile makes a bbolt file, with what fill puts in it.
func boltFile(t *testing.T, path string, fill func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	noError(t, err)
	if fill != nil {
		noError(t, db.Update(fill))
	}
	noError(t, db.Close())
}

func closeStore(t *testing.T, s *boltledger.Store) {
	t.Helper()
	noError(t, s.Close())
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
