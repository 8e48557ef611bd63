package world_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/storeteams/storeteams/handler/local/world"
)

func TestLoad(t *testing.T) {
	w, err := world.Load(strings.NewReader("\xef\xbb\xbf" + `{"commerce":{"Workers":[{"PersonnelNumber":null},{}]},"graph":{"users":[{"id":"u"}]}}` + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Commerce["Workers"]) != 2 || string(w.Commerce["Workers"][0]) != `{"PersonnelNumber":null}` || len(w.Graph.Users) != 1 {
		t.Errorf("loaded %+v", w)
	}
}

func TestLoadErrorsNameThePlace(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "ends too early"},
		{`{"commerce":{"Workers":[`, "ends too early"},
		{"{\"commerce\":\n  {\"Workers\": [}}", "line 2, column 16"},
		{`{"commerce":{},"grahp":{}}`, `unknown field "grahp"`},
		{`{"commerce":{},"graph":{"teams":[]}}`, `unknown field "teams"`},
		{"{\n\"commerce\":{\"Workers\":{}}}", "line 2"},
		{`{"commerce":{"Workers":{}}}`, "expected a list of rows, found a JSON object"},
		{`{"commerce":[]}`, "commerce: expected an object, found a JSON array"},
		{`[]`, "expected an object"},
		{`{}`, `no "commerce" part`},
		{`{"commerce":null}`, `no "commerce" part`},
		{`{"commerce":{"Workers":[{},"Ada"]}}`, `commerce.Workers, row 2: expected an object, found "Ada"`},
		{`{"commerce":{"Workers":[null]}}`, "commerce.Workers, row 1: expected an object, found null"},
		{`{"commerce":{},"graph":{"users":[{"id":""}]}}`, `graph.users, row 1: expected an "id"`},
		{`{"commerce":{},"graph":{"groups":[{"id":"a"},{"id":7}]}}`, `graph.groups, row 2: expected an "id"`},
		{`{"commerce":{},"graph":{"groups":[[]]}}`, `graph.groups, row 1: expected an object`},
		{`{"commerce":{}} {}`, "goes on after its end, at line 1"},
	} {
		_, err := world.Load(strings.NewReader(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.file, err, c.want)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := world.Load(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func TestLoadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "world.json")
	if _, err := world.LoadFile(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for content, want := range map[string]string{`{"commerce":{}}`: "", `{"commerce":{}`: "world.json"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := world.LoadFile(path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", content, err, want)
		}
	}
}
