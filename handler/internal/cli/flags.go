package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// defaultApp is where the local environment and Core Tools serve the app.
const defaultApp = "http://127.0.0.1:7071"

// The environment variables that stand in for flags.
const (
	appVariable = "STORETEAMS_APP"
	keyVariable = "STORETEAMS_KEY"
	armVariable = "STORETEAMS_RESOURCE_MANAGER"
)

// defaultTimeout outlasts the longest run, which the app ends after 29 minutes.
const defaultTimeout = 35 * time.Minute

// The forms of an answer.
const (
	textForm = "text"
	jsonForm = "json"
	csvForm  = "csv"
)

// forms lists the forms of an answer.
func forms() []string { return []string{textForm, jsonForm, csvForm} }

// flags are the flags every command has.
type flags struct {
	app     string
	key     string
	keyFile string
	manager string
	form    string
	timeout time.Duration
}

func (f *flags) add(to *cobra.Command) {
	set := to.PersistentFlags()
	set.StringVar(&f.app, "app", "",
		"the `app`: its address, or its Azure resource id (/subscriptions/…/sites/NAME), which needs a login and no key; "+
			"else "+appVariable+", else "+defaultApp)
	set.StringVar(&f.key, "key", "",
		"the function `key` of Operations; process lists show flags, so rather set "+keyVariable+" or use --key-file")
	set.StringVar(&f.keyFile, "key-file", "", "a `file` with the function key")
	set.StringVarP(&f.form, "output", "o", textForm, "`form` of the answer: text, json, or csv for lists")
	set.DurationVar(&f.timeout, "timeout", defaultTimeout, "how `long` to wait for the answer; what the app has begun goes on without you")
	set.StringVar(&f.manager, "resource-manager", "",
		"`address` of Azure Resource Manager in a sovereign cloud; else "+armVariable+", else "+publicManager)
	// Neither can fail: the flags are defined above.
	_ = set.MarkHidden("resource-manager")
	_ = to.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(forms(), cobra.ShellCompDirectiveNoFileComp))
	_ = to.RegisterFlagCompletionFunc("app", cobra.NoFileCompletions)
	to.MarkFlagsMutuallyExclusive("key", "key-file")
}

// check refuses values that no command can work with.
func (f *flags) check() error {
	switch {
	case !slices.Contains(forms(), f.form):
		return wrong("--output %q is unknown, expected %s", f.form, strings.Join(forms(), ", "))
	case f.timeout <= 0:
		return wrong("--timeout is %s, expected more than nothing, such as 5m", f.timeout)
	}
	return nil
}

// notEmpty refuses text flags that were given with nothing in them, as an unset
// variable of a script leaves them. Without its store a command would be about
// every store.
func notEmpty(set *pflag.FlagSet) error {
	var err error
	set.Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && strings.TrimSpace(f.Value.String()) == "" {
			err = wrong("--%s is empty", f.Name)
		}
	})
	return err
}
