package simhost

import (
	"fmt"
	"strings"
)

// environment is what the host runs in. App settings are environment variables
// to it, here as in Azure.
type environment map[string]string

// newEnvironment reads the form of os.Environ; of a repeated name the last
// value counts, as it does for the process started with it.
func newEnvironment(pairs []string) environment {
	e := make(environment, len(pairs))
	for _, pair := range pairs {
		if name, value, found := strings.Cut(pair, "="); found && name != "" {
			e[name] = value
		}
	}
	return e
}

// expand replaces every %NAME% in text. A name without a value is an error: to
// the host a setting that is missing and one that is empty are the same.
func (e environment) expand(text string) (string, error) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "%")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, after, found := strings.Cut(rest, "%")
		if !found {
			return "", fmt.Errorf("the '%%' before %q has no closing '%%'", rest)
		}
		if e[name] == "" {
			return "", fmt.Errorf("'%%%s%%' does not resolve to a value: the setting %s is missing", name, name)
		}
		out.WriteString(e[name])
		text = after
	}
}
