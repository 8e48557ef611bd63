package simhost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// function is one function of the script root. Exactly one of timer, route,
// queue and fault is set.
type function struct {
	name    string
	trigger string // the trigger binding's name
	timer   *timer
	route   *route
	queue   *queue
	fault   error // why it cannot run
}

// binding is one entry of function.json. Which fields count depends on Type.
type binding struct {
	Name         string   `json:"name"`
	Type         string   `json:"type"`
	Direction    string   `json:"direction"`
	Schedule     string   `json:"schedule"`
	UseMonitor   *bool    `json:"useMonitor"`
	RunOnStartup bool     `json:"runOnStartup"`
	AuthLevel    string   `json:"authLevel"`
	Methods      []string `json:"methods"`
	Route        *string  `json:"route"`

	QueueName            string `json:"queueName"`
	TopicName            string `json:"topicName"`
	SubscriptionName     string `json:"subscriptionName"`
	Connection           string `json:"connection"`
	Cardinality          string `json:"cardinality"`
	DataType             string `json:"dataType"`
	IsSessionsEnabled    bool   `json:"isSessionsEnabled"`
	AutoCompleteMessages *bool  `json:"autoCompleteMessages"`
}

// index reads every function of the script root, sorted by name. As in the
// host, one that cannot be read does not keep the others from running.
func index(root string, host hostFile, env environment) ([]*function, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("read the script root: %w", err)
	}
	var functions []*function
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(root, e.Name(), "function.json"))
		switch {
		case !e.IsDir(), errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, fmt.Errorf("read the script root: %w", err)
		}
		f, err := newFunction(e.Name(), text, host, env)
		if err != nil {
			f = &function{name: e.Name(), fault: fmt.Errorf("the function %s is in error: %w", e.Name(), err)}
		}
		functions = append(functions, f)
	}
	return functions, nil
}

// newFunction makes a function of its function.json.
func newFunction(name string, text []byte, host hostFile, env environment) (*function, error) {
	if !regexp.MustCompile(`(?i)^[a-z][a-z0-9_-]{0,127}$`).MatchString(name) || strings.EqualFold(name, "host") {
		return nil, errors.New("its name is not allowed")
	}
	var file struct {
		Bindings []binding       `json:"bindings"`
		Retry    json.RawMessage `json:"retry"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("function.json: %w", err)
	}
	if file.Retry != nil {
		return nil, errors.New("retry is not simulated")
	}
	trigger, err := onlyTrigger(file.Bindings)
	if err != nil {
		return nil, err
	}
	if err := trigger.resolve(env); err != nil {
		return nil, err
	}
	f := &function{name: name, trigger: trigger.Name}
	switch trigger.Type {
	case "timerTrigger":
		f.timer, err = timerOf(trigger, file.Bindings)
	case "httpTrigger":
		f.route, err = routeOf(name, trigger, file.Bindings, host)
	case "serviceBusTrigger":
		f.queue, err = queueOf(trigger, file.Bindings, host, env)
	default:
		err = fmt.Errorf("the trigger type %s is not simulated", trigger.Type)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// onlyTrigger returns the one binding that triggers the function.
func onlyTrigger(bindings []binding) (binding, error) {
	var triggers []binding
	allowed := regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9]{0,127}|\$return)$`)
	for _, b := range bindings {
		if !allowed.MatchString(b.Name) {
			return binding{}, fmt.Errorf("the binding name %q is not allowed", b.Name)
		}
		if strings.HasSuffix(strings.ToLower(b.Type), "trigger") {
			triggers = append(triggers, b)
		}
	}
	if len(triggers) != 1 {
		return binding{}, fmt.Errorf("it has %d triggers, must have exactly one", len(triggers))
	}
	if triggers[0].Direction != "in" {
		return binding{}, fmt.Errorf("the direction of the trigger %s must be in", triggers[0].Name)
	}
	return triggers[0], nil
}

// resolve replaces the %SETTING% references.
func (b *binding) resolve(env environment) (err error) {
	if b.Schedule, err = env.expand(b.Schedule); err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	if b.QueueName, err = env.expand(b.QueueName); err != nil {
		return fmt.Errorf("queueName: %w", err)
	}
	if b.Route == nil {
		return nil
	}
	route, err := env.expand(*b.Route)
	if err != nil {
		return fmt.Errorf("route: %w", err)
	}
	b.Route = &route
	return nil
}

func timerOf(trigger binding, all []binding) (*timer, error) {
	if len(all) > 1 {
		return nil, errors.New("bindings beside a timerTrigger are not simulated")
	}
	if trigger.RunOnStartup {
		return nil, errors.New("runOnStartup is not simulated")
	}
	return newTimer(trigger.Schedule, trigger.UseMonitor, time.Now())
}

// routeOf holds a function to the host's condition for proxying: one
// httpTrigger in, one http out, nothing else.
func routeOf(name string, trigger binding, all []binding, host hostFile) (*route, error) {
	if !host.proxying {
		return nil, errors.New("HTTP functions are simulated only with customHandler.enableProxyingHttpRequest in host.json")
	}
	isOutput := func(b binding) bool { return b.Type == "http" && b.Direction == "out" }
	if len(all) != 2 || !slices.ContainsFunc(all, isOutput) {
		return nil, errors.New("an HTTP function is simulated only with exactly one httpTrigger and one http output")
	}
	template := name
	if trigger.Route != nil {
		template = *trigger.Route
	}
	return newRoute(host.routePrefix, template, trigger.AuthLevel, trigger.Methods)
}
