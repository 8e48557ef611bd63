package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The sample is what this program writes, byte for byte: run go generate in the
// folder above after a change.
func TestCommittedSampleIsCurrent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sample.json")
	if err := write(path); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "sample.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("sample.json is not what this program writes: run go generate ./handler/local/world")
	}
}

// People read the sample and it is part of the local program: a row a line,
// and not too many.
func TestSampleIsReadable(t *testing.T) {
	data, err := larkmoor().encode()
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 400_000 {
		t.Errorf("the sample has %d bytes", len(data))
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		if bytes.Count(line, []byte(`"PersonnelNumber"`)) > 1 || bytes.Count(line, []byte(`"userPrincipalName"`)) > 1 {
			t.Errorf("line %d has more than one row", i+1)
		}
	}
}
