package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPack: the zip has what the folder has, the handler executable, and is the
// same whenever it is made.
func TestPack(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	files := map[string]string{"host.json": "{}", "handler": "binary", "OrgSync/function.json": "{}"}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	first, second := filepath.Join(out, "first.zip"), filepath.Join(out, "second.zip")
	if err := pack(dir, first); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "host.json"), later, later); err != nil {
		t.Fatal(err)
	}
	if err := pack(dir, second); err != nil {
		t.Fatal(err)
	}
	one, two := read(t, first), read(t, second)
	if !bytes.Equal(one, two) {
		t.Error("two packings of one folder differ")
	}
	archive, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.File) != len(files) {
		t.Errorf("%d files, want %d", len(archive.File), len(files))
	}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(r)
		if string(text) != files[f.Name] {
			t.Errorf("%s is %q", f.Name, text)
		}
		if executable := f.Mode()&0o111 != 0; executable != (f.Name == "handler") {
			t.Errorf("%s has mode %v", f.Name, f.Mode())
		}
	}
	if err := sums(out); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%x  first.zip\n", sha256.Sum256(one))
	if got := string(read(t, filepath.Join(out, "SHA256SUMS"))); !strings.Contains(got, want) || strings.Count(got, "\n") != 2 {
		t.Errorf("checksums\n%swant among them\n%s", got, want)
	}
}

func TestVersionIsOne(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"", "1.2.0", "v1.2", "latest", "v1.2.0 "} {
		err := run(t.Context(), []string{"-version", version, "-o", t.TempDir()}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), "v1.2.0") {
			t.Errorf("%q: %v", version, err)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
