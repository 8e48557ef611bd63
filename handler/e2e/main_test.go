package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/infra/stage/layout"
)

// dist is the staged folder. TestMain sets it, before any test.
var dist string

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

// run stages the handler once, for all tests, and has every request of theirs
// inspected: each of them, and the operator they work through, asks by
// http.DefaultClient.
func run(m *testing.M) (code int, err error) {
	flag.Parse()
	if err := sideBySide(); err != nil {
		return 0, err
	}
	folder, err := os.MkdirTemp("", "storeteams-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	staging := layout.Options{Dist: filepath.Join(folder, "dist"), Progress: os.Stderr}.Local()
	if dist, err = layout.Stage(context.Background(), staging); err != nil {
		return 0, err
	}
	inspector, err := inspect(http.DefaultTransport)
	if err != nil {
		return 0, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	http.DefaultClient.Transport = inspector
	code = m.Run()
	if faults := inspector.found(); len(faults) > 0 {
		return 0, fmt.Errorf("Operations is not as documented:\n%s", strings.Join(faults, "\n"))
	}
	return code, nil
}

// sideBySide lets more tests run at once than there are processors, unless the
// command line says how many: most of their time is the handler's, waiting for
// a team to be made or for a server to recover.
func sideBySide() error {
	const name = "test.parallel"
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return nil
	}
	return flag.Set(name, strconv.Itoa(4*runtime.GOMAXPROCS(0)))
}
