// Command release makes what a release consists of: the app as a zip that Azure
// takes, and the checksums of all files beside it:
//
//	go run ./infra/release -version v1.2.0            # into release/
//
// The same sources and Go version give the same zip, byte for byte: who wants to
// know what is in a release can build it.
package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/infra/stage/layout"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// semver is a release's version.
var semver = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9a-z.]+)?$`)

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.SetOutput(stderr)
	version := flags.String("version", "", "the release's version, e.g. v1.2.0")
	out := flags.String("o", "release", "folder for the files")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	if !semver.MatchString(*version) {
		return fmt.Errorf("release: -version is %q, expected a version such as v1.2.0", *version)
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	dist, err := layout.Stage(ctx, layout.Options{Version: *version, Progress: stderr})
	if err != nil {
		return err
	}
	name := filepath.Join(*out, "storeteams-"+*version+"-linux-amd64.zip")
	if err := pack(dist, name); err != nil {
		return fmt.Errorf("release: pack %s: %w", name, err)
	}
	if err := sums(*out); err != nil {
		return fmt.Errorf("release: write checksums: %w", err)
	}
	_, err = fmt.Fprintln(stdout, name)
	return err
}

// epoch is the time of everything in the zip, the earliest there can be.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// pack writes a folder as a zip: sorted, without times, and with the handler
// executable, which Azure's own zips lose when they are made on Windows.
func pack(folder, name string) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	archive := zip.NewWriter(file)
	err = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return add(archive, folder, path)
	})
	return errors.Join(err, archive.Close())
}

func add(archive *zip.Writer, folder, path string) error {
	in, err := filepath.Rel(folder, path)
	if err != nil {
		return err
	}
	header := &zip.FileHeader{Name: filepath.ToSlash(in), Method: zip.Deflate, Modified: epoch}
	header.SetMode(0o644)
	if in == "handler" {
		header.SetMode(0o755)
	}
	into, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(into, from)
	return errors.Join(err, from.Close())
}

// sums writes SHA256SUMS, as sha256sum -c reads it, for every file in a folder.
func sums(folder string) error {
	const name = "SHA256SUMS"
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var lines []string
	for _, e := range entries {
		if e.IsDir() || e.Name() == name {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(text), e.Name()))
	}
	slices.Sort(lines)
	return os.WriteFile(filepath.Join(folder, name), []byte(strings.Join(lines, "")), 0o644)
}
