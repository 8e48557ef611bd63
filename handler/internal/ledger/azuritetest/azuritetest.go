// Package azuritetest starts Azurite, Microsoft's stand-in for Azure Storage,
// for tests: its table service alone, on a free port, in memory, without
// telemetry. It uses the copy that .ci/azurite pins and never downloads one.
package azuritetest

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/ledger/tableledger"
)

// startWithin is patient: a cold disk has thousands of small files to read.
const startWithin = 2 * time.Minute

// preload runs inside node before Azurite does. It ends the process when its
// standard input ends, so that none outlives a test binary that was killed, and
// prints the port that the system chose, which Azurite keeps to itself.
const preload = `
import net from "node:net";
process.stdin.on("end", () => process.exit()).resume();
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  this.once("listening", () => console.log("` + portLine + `" + this.address().port));
  return listen.apply(this, args);
};`

// portLine is how the line with the port begins.
const portLine = "listening on port "

// Start starts Azurite and returns its connection string. Azurite ends, and
// forgets everything, with the test. Start fails the test if Azurite or node is
// not installed: a store that was not tested must not look tested.
func Start(t testing.TB) (connectionString string) {
	t.Helper()
	azurite := exec.CommandContext(t.Context(), "node",
		"--import", "data:text/javascript,"+url.PathEscape(preload),
		script(t), "--tableHost", "127.0.0.1", "--tablePort", "0",
		"--inMemoryPersistence", "--disableTelemetry", "--silent")
	azurite.Dir = t.TempDir() // it looks for its configuration where it runs
	azurite.WaitDelay = 10 * time.Second
	out := &output{port: make(chan string, 1)}
	azurite.Stdout, azurite.Stderr = out, out
	stdin, err := azurite.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := azurite.Start(); err != nil {
		t.Fatalf("Azurite needs Node.js: %v", err)
	}
	exited := make(chan struct{})
	var group errgroup.Group
	group.Go(func() error {
		defer close(exited)
		return azurite.Wait()
	})
	t.Cleanup(func() { // t's context has ended by now, which kills the process
		_ = stdin.Close()
		_ = group.Wait()
	})
	select {
	case port := <-out.port:
		return tableledger.DevelopmentConnection("http://127.0.0.1:" + port + "/devstoreaccount1")
	case <-exited:
		t.Fatalf("Azurite ended while it started:\n%s", out)
	case <-time.After(startWithin):
		t.Fatalf("Azurite did not start within %v:\n%s", startWithin, out)
	}
	return ""
}

// script returns the path of Azurite's table service, in the folder of the
// module that is being tested.
func script(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for root := folder; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			path := filepath.Join(root, ".ci", "azurite", "node_modules", "azurite", "dist", "src", "table", "main.js")
			if _, err := os.Stat(path); err != nil {
				t.Fatalf("Azurite is not installed: run make azurite (%v)", err)
			}
			return path
		}
		if root == filepath.Dir(root) {
			t.Fatalf("there is no go.mod in or above %s", folder)
		}
	}
}

// output keeps what Azurite prints and finds the port in it.
type output struct {
	port chan string // gets the port, once

	mu   sync.Mutex
	text bytes.Buffer
	sent bool
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if _, after, found := strings.Cut(o.text.String(), portLine); found && !o.sent {
		if port, _, whole := strings.Cut(after, "\n"); whole {
			o.port <- port
			o.sent = true
		}
	}
	return len(p), nil
}

// String returns everything printed so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
