package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/bus"
	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// The Functions host's own rules for names (its Utility.cs).
var (
	legalFunction = regexp.MustCompile(`^(?i)[a-z][a-z0-9_-]{0,127}$`)
	legalBinding  = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9]{0,127}|\$return)$`)
	settingInText = regexp.MustCompile(`%([^%]*)%`)
)

// binding is a binding of a function.json, with every property used here. A
// property that is not in it is a slip, and the host would not tell.
type binding struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Direction string `json:"direction"`
	DataType  string `json:"dataType"`

	QueueName         string `json:"queueName"`
	Connection        string `json:"connection"`
	IsSessionsEnabled bool   `json:"isSessionsEnabled"`

	Schedule     string `json:"schedule"`
	RunOnStartup *bool  `json:"runOnStartup"`
	UseMonitor   *bool  `json:"useMonitor"`

	AuthLevel string   `json:"authLevel"`
	Methods   []string `json:"methods"`
	Route     string   `json:"route"`
}

func (b binding) isTrigger() bool { return strings.HasSuffix(b.Type, "Trigger") }

// folders lists the functions.
func folders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("../functions")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			t.Errorf("functions/%s is no function's folder", e.Name())
			continue
		}
		names = append(names, e.Name())
	}
	if len(names) == 0 {
		t.Fatal("there are no functions")
	}
	return names
}

// readJSON decodes a file of the repository and accepts no unknown properties.
func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func bindings(t *testing.T, function string) []binding {
	t.Helper()
	var file struct {
		Bindings []binding `json:"bindings"`
	}
	readJSON(t, filepath.Join("../functions", function, "function.json"), &file)
	return file.Bindings
}

func routesOf(function string) []trigger.Route {
	return slices.DeleteFunc(trigger.Routes(), func(r trigger.Route) bool { return r.Function != function })
}

func TestEveryFolderHasARouteAndEveryRouteAFolder(t *testing.T) {
	t.Parallel()
	var routed []string
	for _, r := range trigger.Routes() {
		if r.Function != "" {
			routed = append(routed, r.Function)
		}
	}
	slices.Sort(routed)
	routed = slices.Compact(routed)
	if found := folders(t); !slices.Equal(found, routed) {
		t.Errorf("folders %q, routes %q", found, routed)
	}
}

func TestFunctionsAreWellFormed(t *testing.T) {
	t.Parallel()
	for _, function := range folders(t) {
		if !legalFunction.MatchString(function) || strings.EqualFold(function, "host") {
			t.Errorf("%s: the host refuses the name", function)
		}
		files, err := os.ReadDir(filepath.Join("../functions", function))
		if err != nil || len(files) != 1 {
			t.Errorf("%s: %d files, want function.json alone: the host takes another for the script (%v)", function, len(files), err)
		}
		triggers, names := 0, map[string]bool{}
		for _, b := range bindings(t, function) {
			checkBinding(t, function, b)
			if names[b.Name] {
				t.Errorf("%s: two bindings are called %s", function, b.Name)
			}
			names[b.Name] = true
			if b.isTrigger() {
				triggers++
			}
		}
		if triggers != 1 {
			t.Errorf("%s: %d triggers, want one", function, triggers)
		}
	}
}

func checkBinding(t *testing.T, function string, b binding) {
	t.Helper()
	if !legalBinding.MatchString(b.Name) {
		t.Errorf("%s: the host refuses the binding's name %q", function, b.Name)
	}
	if want := map[bool]string{true: "in", false: "out"}[b.isTrigger()]; b.Direction != want {
		t.Errorf("%s: %s goes %q, want %q", function, b.Name, b.Direction, want)
	}
	// As text, a message's own properties would overwrite its metadata.
	if want := map[bool]string{true: "binary"}[b.Type == "serviceBusTrigger"]; b.DataType != want {
		t.Errorf("%s: %s has dataType %q, want %q", function, b.Name, b.DataType, want)
	}
}

func TestTimers(t *testing.T) {
	t.Parallel()
	timers := 0
	for _, function := range folders(t) {
		for _, b := range bindings(t, function) {
			if b.Type != "timerTrigger" {
				continue
			}
			timers++
			if b.Name != "timer" {
				t.Errorf("%s: package trigger reads a timer called timer, not %s", function, b.Name)
			}
			if !settingInText.MatchString(b.Schedule) {
				t.Errorf("%s: the schedule %q is no setting", function, b.Schedule)
			}
			if b.RunOnStartup == nil || *b.RunOnStartup || b.UseMonitor == nil || !*b.UseMonitor {
				t.Errorf("%s: want no run at each start, and missed ticks noticed", function)
			}
			want := []trigger.Route{{Function: function, Path: "/" + function, Methods: []string{"POST"}}}
			if got := routesOf(function); !slices.EqualFunc(got, want, sameRoute) {
				t.Errorf("%s: routes %v, the host posts to %v", function, got, want)
			}
		}
	}
	if timers == 0 {
		t.Error("there are no timers")
	}
}

// TestQueues: package trigger reads a message called message, in the order of its
// session, from a connection that package config has the settings of.
func TestQueues(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, s := range config.Settings() {
		known[s.Name] = true
	}
	queues := map[string]string{}
	for _, function := range folders(t) {
		for _, b := range bindings(t, function) {
			if b.Type != "serviceBusTrigger" {
				continue
			}
			queues[function] = b.QueueName
			// Commerce knows of no sessions.
			if b.Name != "message" || b.IsSessionsEnabled != (b.QueueName != bus.EventQueue) {
				t.Errorf("%s: %+v, want a message, with sessions if we send it", function, b)
			}
			if !known[b.Connection] || !known[b.Connection+"__fullyQualifiedNamespace"] {
				t.Errorf("%s: the connection %s is no setting", function, b.Connection)
			}
			want := []trigger.Route{{Function: function, Path: "/" + function, Methods: []string{"POST"}}}
			if got := routesOf(function); !slices.EqualFunc(got, want, sameRoute) {
				t.Errorf("%s: routes %v, the host posts to %v", function, got, want)
			}
		}
	}
	want := map[string]string{"TaskChanged": bus.DefaultQueue, "OrgChanged": bus.OrgQueue, "CommerceEvent": bus.EventQueue}
	if !maps.Equal(queues, want) {
		t.Errorf("received is from %v, sent to %v", queues, want)
	}
}

func sameRoute(a, b trigger.Route) bool {
	return a.Function == b.Function && a.Path == b.Path && slices.Equal(a.Methods, b.Methods)
}

// TestHTTPFunctionsArePassedOn: the host passes a request on as it came only if
// the function has one HTTP trigger, one HTTP output and nothing else.
func TestHTTPFunctionsArePassedOn(t *testing.T) {
	t.Parallel()
	found := 0
	for _, function := range folders(t) {
		all := bindings(t, function)
		i := slices.IndexFunc(all, func(b binding) bool { return b.Type == "httpTrigger" })
		if i < 0 {
			continue
		}
		found++
		in := all[i]
		if len(all) != 2 || all[1-i].Type != "http" {
			t.Errorf("%s: bindings %v, want a trigger and an http output", function, all)
		}
		if !slices.Contains([]string{"anonymous", "function", "admin"}, in.AuthLevel) {
			t.Errorf("%s: authLevel %q", function, in.AuthLevel)
		}
		checkHTTPRoutes(t, function, in)
	}
	if found == 0 {
		t.Error("there are no HTTP functions")
	}
}

func checkHTTPRoutes(t *testing.T, function string, in binding) {
	t.Helper()
	fixed, rest, hasRest := strings.Cut(in.Route, "{")
	if hasRest && (!strings.HasPrefix(rest, "*") || !strings.HasSuffix(rest, "}")) {
		t.Errorf("%s: the route %q does not take whole paths", function, in.Route)
	}
	if len(in.Methods) == 0 {
		t.Errorf("%s: the host would pass on every method", function)
	}
	var answered []string
	for _, r := range routesOf(function) {
		path := "/api/" + fixed
		if r.Path != path && (!hasRest || !strings.HasPrefix(r.Path, path)) {
			t.Errorf("%s: the route %q never leads to %s", function, in.Route, r.Path)
		}
		answered = append(answered, r.Methods...)
	}
	passed := []string{"HEAD"} // comes with GET, should a host pass it on
	for _, method := range in.Methods {
		passed = append(passed, strings.ToUpper(method))
		if !slices.Contains(answered, strings.ToUpper(method)) {
			t.Errorf("%s: nothing answers %s", function, method)
		}
	}
	for _, method := range answered {
		if !slices.Contains(passed, method) {
			t.Errorf("%s: the host does not pass on %s", function, method)
		}
	}
}

// TestFunctionsNameKnownSettings: the host leaves a function out when one of
// its settings is missing, so each must be one that package config demands.
func TestFunctionsNameKnownSettings(t *testing.T) {
	t.Parallel()
	known := map[string]config.Setting{}
	for _, s := range config.Settings() {
		known[s.Name] = s
	}
	named := 0
	for _, function := range folders(t) {
		text, err := os.ReadFile(filepath.Join("../functions", function, "function.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range settingInText.FindAllStringSubmatch(string(text), -1) {
			named++
			if !known[match[1]].Required {
				t.Errorf("%s: %s is no setting, or not a required one", function, match[0])
			}
		}
	}
	if named == 0 {
		t.Error("no function names a setting")
	}
}

func TestHostJSON(t *testing.T) {
	t.Parallel()
	var host struct {
		Version         string `json:"version"`
		FunctionTimeout string `json:"functionTimeout"`
		CustomHandler   struct {
			Description struct {
				DefaultExecutablePath string `json:"defaultExecutablePath"`
			} `json:"description"`
			EnableProxyingHTTPRequest bool `json:"enableProxyingHttpRequest"`
		} `json:"customHandler"`
		ExtensionBundle struct {
			ID      string `json:"id"`
			Version string `json:"version"`
		} `json:"extensionBundle"`
		Extensions struct {
			ServiceBus struct {
				MaxConcurrentSessions        int    `json:"maxConcurrentSessions"`
				MaxConcurrentCallsPerSession int    `json:"maxConcurrentCallsPerSession"`
				MaxAutoLockRenewalDuration   string `json:"maxAutoLockRenewalDuration"`
				SessionIdleTimeout           string `json:"sessionIdleTimeout"`
			} `json:"serviceBus"`
		} `json:"extensions"`
		Logging json.RawMessage `json:"logging"`
	}
	readJSON(t, "../host.json", &host)
	if host.Version != "2.0" || host.CustomHandler.Description.DefaultExecutablePath != "handler" ||
		host.ExtensionBundle.ID != "Microsoft.Azure.Functions.ExtensionBundle" || host.ExtensionBundle.Version == "" {
		t.Errorf("host.json is not what the host needs: %+v", host)
	}
	if !host.CustomHandler.EnableProxyingHTTPRequest {
		t.Error("HTTP requests would come as envelopes, which package trigger does not expect")
	}
	if queue := host.Extensions.ServiceBus; queue.MaxConcurrentCallsPerSession != 1 || queue.MaxAutoLockRenewalDuration != "00:05:00" {
		t.Errorf("%+v: want a store's hints one after the other, and their lock for longer than package trigger works on one", queue)
	}
	limit, err := time.Parse(time.TimeOnly, host.FunctionTimeout)
	if err != nil {
		t.Fatalf("functionTimeout: %v", err)
	}
	midnight := limit.Truncate(24 * time.Hour)
	if timeout := limit.Sub(midnight); timeout < trigger.DefaultTimeout+30*time.Second {
		t.Errorf("functionTimeout %v leaves a run of %v no time to write down how far it came", timeout, trigger.DefaultTimeout)
	}
}
