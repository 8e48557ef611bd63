// Command ready is azd's preprovision hook: it says at once what an environment
// lacks for a deployment, all of it, and makes the secret of notifications where
// there is none. azd gives its hooks the environment's values.
package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
)

func main() {
	if err := run(os.Environ(), azdSet, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// keySize is that of the secret in bytes; the program refuses fewer than 32.
const keySize = 48

// run checks an environment ("NAME=value" each) and completes it through set.
func run(environ []string, set func(name, value string) error, out io.Writer) error {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	if mistakes := check(values); len(mistakes) > 0 {
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
func check(values map[string]string) []string {
	var mistakes []string
	say := func(format string, args ...any) { mistakes = append(mistakes, fmt.Sprintf(format, args...)) }
	if u, err := url.Parse(values["COMMERCE_URL"]); err != nil || u.Scheme != "https" || u.Host == "" {
		say("COMMERCE_URL: expected the address of Commerce headquarters: azd env set COMMERCE_URL https://<environment>.operations.dynamics.com")
	}
	if values["FALLBACK_OWNERS"] == "" {
		say("FALLBACK_OWNERS: expected licensed users who own a team that has no manager: azd env set FALLBACK_OWNERS <user principal name>")
	}
	if n := values["NOTIFICATIONS"]; n != "" && n != "off" && n != "on" {
		say("NOTIFICATIONS: expected on or off, not %q", n)
	}
	if values["PRIVATE_NETWORK"] == "true" && values["COMMERCE_EVENTS"] == "true" {
		say("PRIVATE_NETWORK and COMMERCE_EVENTS: Commerce sends from outside and would not reach a private queue; choose one")
	}
	return mistakes
}

// azdSet keeps a value in azd's current environment.
func azdSet(name, value string) error {
	cmd := exec.CommandContext(context.Background(), "azd", "env", "set", name, value)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
