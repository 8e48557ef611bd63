// Command ready is azd's preprovision hook: it says at once what an environment
// lacks for a deployment, all of it, and makes the secret of notifications where
// there is none. azd gives its hooks the environment's values.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

func main() {
	parameters, err := os.ReadFile("infra/main.parameters.json")
	if err == nil {
		err = run(os.Environ(), string(parameters), azdSet, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// keySize is that of the secret in bytes; the program refuses fewer than 32.
const keySize = 48

// run checks an environment ("NAME=value" each), of which parameters are made,
// and completes it through set.
func run(environ []string, parameters string, set func(name, value string) error, out io.Writer) error {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	if mistakes := check(values, parameters); len(mistakes) > 0 {
		return fmt.Errorf("The environment is not ready:\n  - %s", strings.Join(mistakes, "\n  - ")) //nolint:staticcheck // sentences for a person
	}
	switch {
	case values["NOTIFICATIONS"] == "off":
		if values["NOTIFICATION_SECRETS"] == "" {
			_, err := fmt.Fprintln(out, "NOTIFICATIONS=off: changes are found by the timers alone.")
			return err
		}
		return set("NOTIFICATION_SECRETS", "")
	case values["NOTIFICATION_SECRETS"] != "":
		return nil
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // does not fail
	if err := set("NOTIFICATION_SECRETS", "k1:"+base64.StdEncoding.EncodeToString(key)); err != nil {
		return fmt.Errorf("keep the secret of notifications in the environment: %w", err)
	}
	_, err := fmt.Fprintln(out, "NOTIFICATION_SECRETS made: it is in the environment's .env file, which stays on this machine, and will be in the key vault.")
	return err
}

// check returns a sentence for each value that is missing or cannot be right.
// Everything else about settings the program itself says when it starts.
func check(values map[string]string, parameters string) []string {
	var mistakes []string
	say := func(format string, args ...any) { mistakes = append(mistakes, fmt.Sprintf(format, args...)) }
	if u, err := url.Parse(values["COMMERCE_URL"]); err != nil || u.Scheme != "https" || u.Host == "" {
		say("COMMERCE_URL: expected the address of Commerce headquarters: azd env set COMMERCE_URL https://<environment>.operations.dynamics.com")
	}
	if values["FALLBACK_OWNERS"] == "" {
		say("FALLBACK_OWNERS: expected licensed users who own a team that has no manager: azd env set FALLBACK_OWNERS <user principal name>")
	}
	if instance := cmp.Or(values["INSTANCE"], values["AZURE_ENV_NAME"]); instance != "" && !instanceName.MatchString(instance) {
		say("INSTANCE: %q is no name of an installation, which has 1 to 12 lower-case letters and digits: azd env set INSTANCE <name>", instance)
	}
	for _, name := range passedOn(parameters) {
		if strings.ContainsAny(values[name], "\"\\\n") {
			say("%s: quotes, backslashes and line breaks cannot be passed on to the template", name)
		}
	}
	if n := values["NOTIFICATIONS"]; n != "" && n != "off" && n != "on" {
		say("NOTIFICATIONS: expected on or off, not %q", n)
	}
	if values["PRIVATE_NETWORK"] == "true" && values["COMMERCE_EVENTS"] == "true" {
		say("PRIVATE_NETWORK and COMMERCE_EVENTS: Commerce sends from outside and would not reach a private queue; choose one")
	}
	return mistakes
}

// instanceName is what the program takes for INSTANCE.
var instanceName = regexp.MustCompile(`^[a-z0-9]{1,12}$`)

// passedOn are the names of the values that parameters, a file's text, are made of.
func passedOn(parameters string) []string {
	var names []string
	for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(parameters, -1) {
		names = append(names, m[1])
	}
	return names
}

// azdSet keeps a value in azd's current environment.
func azdSet(name, value string) error {
	cmd := exec.CommandContext(context.Background(), "azd", "env", "set", name, value)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
