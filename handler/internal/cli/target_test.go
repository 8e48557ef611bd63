package cli

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	sampleKey      = "s3cret-k3y_for==Operations"
	sampleResource = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-stores/providers/Microsoft.Web/sites/app-1"
	managerHost    = "127.0.0.1:9999"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(sampleKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, give := range map[string]func(p *place) []string{
		"flag":     func(*place) []string { return []string{"--key", sampleKey} },
		"file":     func(*place) []string { return []string{"--key-file", file} },
		"variable": func(p *place) []string { p.variables[keyVariable] = sampleKey; return nil },
		"file before variable": func(p *place) []string {
			p.variables[keyVariable] = "another"
			return []string{"--key-file", file}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.app.key = sampleKey
			got := p.run(t.Context(), append(give(p), "blocks")...)
			if got.code != exitDone || strings.Contains(got.out+got.errout, sampleKey) {
				t.Errorf("code %d, stdout %q, stderr %q", got.code, got.out, got.errout)
			}
		})
	}
}

// TestKeysStaySecret has everything go wrong that can while there is a key.
func TestKeysStaySecret(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"status --app http://example.com", "status --app https://nowhere.example", "status --app https://redirect.example",
		"status --app https://far.example", "nonsense", "status --key bad\x01" + sampleKey, "status --key-file " + empty,
		"status -h", "status --app " + sampleResource + " --resource-manager http://127.0.0.1:1",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.variables[keyVariable] = sampleKey
			var seen []string
			note := func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, r.Header.Get("x-functions-key")) }
			p.hosts["example.com"] = http.HandlerFunc(note)
			p.hosts["elsewhere.example"] = http.HandlerFunc(note)
			p.hosts["redirect.example"] = http.RedirectHandler("https://elsewhere.example/", http.StatusTemporaryRedirect)
			p.hosts["far.example"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://elsewhere.example/api/ops/jobs/1")
				reply(w, http.StatusAccepted, "job", "{}")
			})
			got := p.run(t.Context(), strings.Split(args, " ")...)
			if got.code == exitDone != strings.HasSuffix(args, "-h") || strings.Contains(got.out+got.errout, sampleKey) {
				t.Errorf("code %d, stdout %q, stderr %q", got.code, got.out, got.errout)
			}
			if len(seen) > 0 {
				t.Errorf("foreign servers were asked, with the keys %q", seen)
			}
		})
	}
	if text := fmt.Sprintf("%v %#v %s", secret(sampleKey), secret(sampleKey), secret(sampleKey)); strings.Contains(text, sampleKey) {
		t.Errorf("a key prints as %s", text)
	}
}

// fakeManager is Azure Resource Manager with one app.
type fakeManager struct {
	t           *testing.T
	keys        string // the answer to listkeys
	status      int    // instead of any answer
	address     string // defaultHostName
	asked, auth []string
}

// ServeHTTP implements http.Handler.
func (m *fakeManager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.asked = append(m.asked, r.Method+" "+r.URL.Path)
	m.auth = append(m.auth, r.Header.Get("Authorization"))
	if r.URL.Query().Get("api-version") != webVersion {
		m.t.Errorf("asked with %s", r.URL.RawQuery)
	}
	switch {
	case m.status != 0:
		refuse(w, m.status, "AuthorizationFailed", "The client may not.")
	case r.Method == http.MethodGet && r.URL.Path == sampleResource:
		fmt.Fprintf(w, `{"id":"x","properties":{"defaultHostName":%q,"state":"Running"}}`, m.address)
	case r.Method == http.MethodPost && r.URL.Path == sampleResource+"/functions/Operations/listkeys":
		fmt.Fprint(w, m.keys)
	default:
		m.t.Errorf("asked for %s %s", r.Method, r.URL)
	}
}

func TestResourceID(t *testing.T) {
	t.Parallel()
	ask := []string{"GET " + sampleResource, "POST " + sampleResource + "/functions/Operations/listkeys"}
	tests := []struct {
		name    string
		manager fakeManager
		given   string // a key
		code    int
		errout  string
		asked   []string
	}{
		{"a key by its name", fakeManager{keys: `{"aaa":"other","default":"` + sampleKey + `"}`, address: localHost}, "", exitDone, "", ask},
		{"another key", fakeManager{keys: `{"ours":"` + sampleKey + `"}`, address: localHost}, "", exitDone, "", ask},
		{"as described", fakeManager{keys: `{"id":"x","properties":{"default":"` + sampleKey + `"}}`, address: localHost}, "", exitDone, "", ask},
		{"a key that is given", fakeManager{address: localHost}, sampleKey, exitDone, "", ask[:1]},
		{"no key", fakeManager{keys: `{}`, address: localHost}, "", exitFailed, "the app's function Operations has no key", ask},
		{"no address", fakeManager{address: ""}, "", exitFailed, "names no address for the app", ask[:1]},
		{"an address with more", fakeManager{address: localHost + "/x"}, "", exitFailed, "names no address for the app", ask[:1]},
		{"not JSON", fakeManager{keys: `<html>`, address: localHost}, "", exitFailed, "cannot be read", ask},
		{"no login", fakeManager{status: 401}, "", exitFailed, "401 Unauthorized: The client may not.\nLog in with: az login\n", ask[:1]},
		{"no right", fakeManager{status: 403}, "", exitFailed, "Microsoft.Web/sites/functions/listkeys/action", ask[:1]},
		{"no app", fakeManager{status: 404}, "", exitFailed, "Check the resource id", ask[:1]},
		{"our mistake", fakeManager{status: 400}, "", exitFailed, "answered 400 Bad Request", ask[:1]},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			m := &test.manager
			m.t = t
			p.hosts[managerHost] = m
			p.app.key = sampleKey
			p.variables[armVariable], p.variables[keyVariable] = "http://"+managerHost, test.given
			p.variables[appVariable] = sampleResource
			got := p.run(t.Context(), "blocks")
			got.holds(t, test.code, "", test.errout)
			if !slices.Equal(m.asked, test.asked) || strings.Contains(got.out+got.errout, sampleKey) {
				t.Errorf("asked %q, stdout %q, stderr %q", m.asked, got.out, got.errout)
			}
			if slices.ContainsFunc(m.auth, func(token string) bool { return token != "Bearer local" }) {
				t.Errorf("authorized by %q", m.auth)
			}
		})
	}
}

func TestResourceIDForms(t *testing.T) {
	t.Parallel()
	for id, good := range map[string]bool{
		sampleResource:                                               true,
		sampleResource + "/slots/stage":                              true,
		strings.ToLower(sampleResource):                              true,
		strings.ToUpper(sampleResource):                              true,
		sampleResource + "/":                                         false,
		sampleResource + "/functions/x":                              false,
		sampleResource + "?x=1":                                      false,
		"/subscriptions/x":                                           false,
		"/subscriptions/../../providers":                             false,
		strings.Replace(sampleResource, "rg-stores", "..", 1):        false,
		strings.Replace(sampleResource, "rg-stores", "a/b", 1):       false,
		strings.Replace(sampleResource, "rg-stores", "Läden_(1)", 1): true,
	} {
		if got := siteID.MatchString(id); got != good {
			t.Errorf("%s: %t, want %t", id, got, good)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"https://x.azurewebsites.net": true, "https://x.azurewebsites.net/": true, "http://localhost:7071": true,
		"http://[::1]:7071": true, "http://127.9.9.9": true, "http://128.0.0.1": false, "http://localhost.example.com": false,
		"x.azurewebsites.net": false, "//x": false, "https://x/#f": false, "": false,
	} {
		if _, err := parseAddress("--app", text); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
}
