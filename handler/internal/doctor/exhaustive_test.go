package doctor

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// constants returns the values of package org's text constants of a type. Nothing
// at run time lists them, and one that is added must not be forgotten here.
func constants(t *testing.T, typeName string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../org/roster.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == typeName {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return true
	})
	if len(values) < 5 {
		t.Fatalf("org has %d constants of type %s", len(values), typeName)
	}
	return values
}

// TestEveryCode: each code of a roster's finding has its own advice, and is told
// in the check the advice names, about a store or about none.
func TestEveryCode(t *testing.T) {
	general := adviceOn("nobody's code")
	for _, value := range constants(t, "FindingCode") {
		code := org.FindingCode(value)
		a := adviceOn(code)
		if a.fix == "" || a.fix == general.fix || a.text == "" || !slices.ContainsFunc(checks(), func(c check) bool { return c.name == a.check }) {
			t.Errorf("on %q the advice is %+v", code, a)
		}
		for _, store := range []org.StoreNumber{"", "000101"} {
			s := &signs{survey: &orgsync.Survey{Roster: org.Roster{Findings: []org.Finding{{Code: code, Team: org.TeamKey{Store: store}, Text: "its text"}}}}}
			told := s.coded(a.check)
			switch {
			case sharpened(code) != (len(told) == 0):
				t.Errorf("of %q about store %q is told %+v", code, store, told)
			case len(told) > 0 && (told[0].Fix != a.fix || !strings.Contains(told[0].Text, map[bool]string{true: "its text", false: "000101"}[store == ""])):
				t.Errorf("of %q about store %q is told %+v", code, store, told)
			}
		}
	}
	if s := (&signs{survey: &orgsync.Survey{Roster: org.Roster{Findings: []org.Finding{{Code: "nobody's code"}}}}}); len(s.coded(checkStores)) != 1 {
		t.Error("a code that is not known is not told")
	}
}

func TestEveryCause(t *testing.T) {
	general := FixFor("nobody's cause")
	for _, value := range constants(t, "UnmappedCause") {
		if fix := FixFor(org.UnmappedCause(value)); fix == "" || fix == general {
			t.Errorf("what to do about %q is %q", value, fix)
		}
		if !slices.Contains(causes(), org.UnmappedCause(value)) {
			t.Errorf("%q is not among the causes", value)
		}
	}
}

func TestEveryKind(t *testing.T) {
	for name, table := range map[string]*cures{"commerce": &commerceCures, "graph": &graphCures, "tables": &tableCures, "file": &fileCures} {
		kinds := 0
		for kind := fault.Internal; kind == fault.Internal || kind.String() != fault.Internal.String(); kind++ {
			kinds++
			if int(kind) >= len(table) || table[kind] == "" {
				t.Errorf("%s has no cure for %s", name, kind)
			}
			if f := failed("", "it failed", fault.New(kind, "test", nil), table.of(fault.New(kind, "test", nil))); f.Fix == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if kinds != len(table) {
			t.Errorf("%s has cures for %d kinds of %d", name, len(table), kinds)
		}
	}
}

// TestEveryAttribute: of each attribute that is read it is known what it tells.
func TestEveryAttribute(t *testing.T) {
	text, err := os.ReadFile("../commerce/testdata/attributes.json")
	if err != nil {
		t.Fatal(err)
	}
	var attributes map[string][]string
	if err := json.Unmarshal(text, &attributes); err != nil || len(attributes) < 10 {
		t.Fatalf("%d collections, %v", len(attributes), err)
	}
	general := meaning("NoCollection", "NoAttribute")
	for collection, names := range attributes {
		for _, name := range names {
			if meaning(collection, name) == general {
				t.Errorf("nobody knows what %s.%s tells", collection, name)
			}
		}
	}
}

// TestOnlyOptional: what is done without where a collection is missing is known
// of the optional ones, and said of no other.
func TestOnlyOptional(t *testing.T) {
	for _, collection := range []string{"Employees", "SecurityUserRoleOrganizations"} {
		if without(collection) == without("another") {
			t.Errorf("nobody knows what follows without %s", collection)
		}
	}
}

// A kind that is newer than the tables of cures is like one nobody classified.
func TestNewerKind(t *testing.T) {
	if got := graphCures.of(fault.New(fault.Canceled+1, "test", nil)); got != graphCures[fault.Internal] {
		t.Error(got)
	}
}

func TestBrief(t *testing.T) {
	for _, text := range []string{"1h", "15m", "1h30m", "10m", "20h", "1m30s", "30s", "2h10m5s"} {
		if got := brief(mustDuration(t, text)); got != text {
			t.Errorf("%s is written %s", text, got)
		}
	}
}

func mustDuration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestList(t *testing.T) {
	var names []string
	for i := range 23 {
		names = append(names, strconv.Itoa(i))
	}
	if got := list(names); !strings.HasSuffix(got, "18, 19 and 3 more") {
		t.Error(got)
	}
	if got := list(names[:2]); got != "0, 1" {
		t.Error(got)
	}
}
