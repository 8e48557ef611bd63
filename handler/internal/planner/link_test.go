package planner

import (
	"strings"
	"testing"
)

// FuzzLink shows any link by a reference and reads it back, with a client's own
// way to encode names too.
func FuzzLink(f *testing.F) {
	for _, seed := range []string{
		"", "https://contoso.com/", "https://contoso.com:8443/@team/a%20b/100%25?x=1&y=%23#top.2", "http://[::1]/", "HTTPS://X",
		"Open drawer", "Büro/Lager: 50 %", "ftp://contoso.com", "https://", "mailto:anna@contoso.com", "javascript:alert(1)",
		"https://pos.invalid/a%2Fb", "https://pos.invalid/", "%", "%zz", "%2525", "a.b:c@d#e", "//contoso.com", "https://pos.invalid.example/x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		link = canonLink(link)
		changes := relink(map[string]reference{"https%3A//others%2Eexample": {Alias: "Manual"}}, link)
		if link == "" {
			if len(changes) != 0 {
				t.Errorf("no link needs %v", changes)
			}
			return
		}
		there, encoded := map[string]reference{}, map[string]reference{}
		for key, r := range changes {
			if strings.ContainsAny(key, ".:@#") || !strings.HasPrefix(addressOf(key), "http") && !strings.HasPrefix(addressOf(key), "HTTP") {
				t.Errorf("%q cannot be the name of a reference", key)
			}
			there[key] = *r
			encoded[strings.NewReplacer("/", "%2F", "?", "%3f", "&", "%26").Replace(key)] = *r
		}
		if len(there) != 1 || linkIn(there) != link || linkIn(encoded) != link {
			t.Errorf("%q comes back as %q and %q, from %v", link, linkIn(there), linkIn(encoded), there)
		}
		for key, r := range relink(encoded, "") {
			if _, is := encoded[key]; !is || r != nil {
				t.Errorf("to remove %q, %v is written at %q", link, r, key)
			}
		}
		if again := relink(encoded, link); len(again) != 1 || again[one(encoded)] == nil {
			t.Errorf("the same link again is %v", again)
		}
	})
}

func one(references map[string]reference) string {
	for key := range references {
		return key
	}
	return ""
}

// TestLinksOfPeoples reads references that we did not write.
func TestLinksOfPeoples(t *testing.T) {
	tests := map[string]struct {
		references map[string]reference
		want       string
	}{
		"none":             {nil, ""},
		"others":           {map[string]reference{"https%3A//a%2Eb/": {Alias: "Plan"}, "https%3A//c%2Ed/": {}}, ""},
		"ours among them":  {map[string]reference{"https%3A//a%2Eb/": {Alias: "Plan"}, "https%3A//c%2Ed/": {Alias: "Link"}}, "https://c.d/"},
		"two of ours":      {map[string]reference{"https%3A//d%2Ed/": {Alias: "Link"}, "https%3A//c%2Ed/": {Alias: "Link"}}, "https://c.d/"},
		"a name, retitled": {map[string]reference{"https%3A//pos%2Einvalid/Open%2520drawer": {Alias: "?"}}, "Open drawer"},
	}
	for name, test := range tests {
		if got := linkIn(test.references); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	odd := map[string]reference{"https%3A//a/50%": {Alias: "Link"}}
	if got := linkIn(odd); got != "https%3A//a/50%" {
		t.Errorf("a key that cannot be decoded is %q, want it as it is", got)
	}
}
