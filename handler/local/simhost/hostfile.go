package simhost

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// overridePrefix begins the names of settings that override host.json, e.g.
// AzureFunctionsJobHost__customHandler__description__defaultExecutablePath.
const overridePrefix = "AzureFunctionsJobHost__"

// hostFile is what the stand-in heeds of host.json.
type hostFile struct {
	executable      string        // path, or a name found in PATH
	startTimeout    time.Duration // customHandler.initializationTimeout
	functionTimeout time.Duration // 0: unlimited
	routePrefix     string        // extensions.http.routePrefix, without slashes
	proxying        bool          // customHandler.enableProxyingHttpRequest
	bus             busOptions    // extensions.serviceBus
}

// configuration is host.json as .NET's configuration sees it: one table, keys
// in lower case, their parts joined by colons, every value a string.
type configuration map[string]string

// readHostFile reads host.json in root and the settings that override it.
func readHostFile(root string, env environment) (hostFile, error) {
	f, err := parseHostFile(root, env)
	if err != nil {
		return hostFile{}, fmt.Errorf("host.json: %w", err)
	}
	return f, nil
}

func parseHostFile(root string, env environment) (hostFile, error) {
	text, err := os.ReadFile(filepath.Join(root, "host.json"))
	if err != nil {
		return hostFile{}, err
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		return hostFile{}, err
	}
	c := configuration{}
	c.add("", tree)
	for name, value := range env {
		if path, found := strings.CutPrefix(name, overridePrefix); found {
			c.add(strings.ReplaceAll(path, "__", ":"), value)
		}
	}
	if c["version"] != "2.0" {
		return hostFile{}, fmt.Errorf(`version is %q, must be "2.0"`, c["version"])
	}
	if err := c.refuseUnsimulated(); err != nil {
		return hostFile{}, err
	}
	f := hostFile{routePrefix: "api"}
	if prefix, found := c["extensions:http:routeprefix"]; found {
		f.routePrefix = strings.Trim(prefix, "/")
	}
	f.executable, err = executable(root, c["customhandler:description:defaultexecutablepath"], env)
	err = errors.Join(err,
		c.span(&f.startTimeout, "customHandler:initializationTimeout", 30*time.Second),
		c.functionTimeout(&f.functionTimeout),
		c.flag(&f.proxying, "customHandler:enableProxyingHttpRequest"),
		c.serviceBus(&f.bus))
	return f, err
}

// add puts value and everything below it into the table.
func (c configuration) add(key string, value any) {
	join := func(part string) string {
		if key == "" {
			return part
		}
		return key + ":" + part
	}
	switch v := value.(type) {
	case map[string]any:
		for name, child := range v {
			c.add(join(name), child)
		}
	case []any:
		for i, child := range v {
			c.add(join(strconv.Itoa(i)), child)
		}
	case nil:
		c[strings.ToLower(key)] = ""
	default:
		c[strings.ToLower(key)] = fmt.Sprint(v)
	}
}

// refuseUnsimulated names the keys that would change how the handler is run
// and that the stand-in would otherwise pass over.
func (c configuration) refuseUnsimulated() error {
	for _, key := range []string{
		"httpWorker", "retry", "customHandler:port", "customHandler:http",
		"customHandler:description:arguments", "customHandler:description:workingDirectory",
		"customHandler:description:workerDirectory", "customHandler:description:defaultWorkerPath",
		"customHandler:description:workerArguments",
		busSection + "clientRetryOptions", busSection + "transportType", // nor the names of extension 4.x:
		busSection + "messageHandlerOptions", busSection + "sessionHandlerOptions",
	} {
		lower := strings.ToLower(key)
		for have, value := range c {
			if value != "" && (have == lower || strings.HasPrefix(have, lower+":")) {
				return fmt.Errorf("%s is not simulated", strings.ReplaceAll(key, ":", "."))
			}
		}
	}
	return nil
}

// executable finds the handler as the host does: a relative path is tried in
// the script root, where a folder of that name does not count, and is a name in
// PATH otherwise.
func executable(root, path string, env environment) (string, error) {
	if path == "" {
		return "", errors.New("customHandler.description.defaultExecutablePath is required")
	}
	path, err := env.expand(path)
	if err != nil {
		return "", fmt.Errorf("customHandler.description.defaultExecutablePath: %w", err)
	}
	at := path
	if !filepath.IsAbs(at) {
		at = filepath.Join(root, path)
	}
	if info, err := os.Stat(at); err == nil && info.Mode().IsRegular() {
		return at, nil
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return "", fmt.Errorf("the handler %s is neither a file in %s nor found in PATH: %w", path, root, err)
	}
	return found, nil
}

// functionTimeout reads the one time span that may also be unlimited, as "-1".
func (c configuration) functionTimeout(into *time.Duration) error {
	const key = "functionTimeout"
	if c[strings.ToLower(key)] == "-1" {
		return nil
	}
	return c.span(into, key, 30*time.Minute)
}

// span reads a time span of a second or more.
func (c configuration) span(into *time.Duration, key string, otherwise time.Duration) error {
	*into = otherwise
	text, found := c[strings.ToLower(key)]
	if !found {
		return nil
	}
	d, err := parseSpan(text)
	if err == nil && d < time.Second {
		err = fmt.Errorf("%q is less than 00:00:01", text)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", strings.ReplaceAll(key, ":", "."), err)
	}
	*into = d
	return nil
}

func (c configuration) flag(into *bool, key string) error {
	text, found := c[strings.ToLower(key)]
	if !found {
		return nil
	}
	value, err := strconv.ParseBool(strings.ToLower(text))
	if err != nil {
		return fmt.Errorf("%s is %q, must be true or false", strings.ReplaceAll(key, ":", "."), text)
	}
	*into = value
	return nil
}
