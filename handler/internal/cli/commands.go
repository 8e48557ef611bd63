package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// CommandDoc is one command in words, for a table of them.
type CommandDoc struct {
	Name string // how it is said, without the program's name: "holds allow HASH"
	Does string // what it does, half a sentence
}

// Commands lists every command in the order of help, with those that only have
// others below them left out.
func Commands() []CommandDoc {
	root := (&seat{}).root()
	root.InitDefaultCompletionCmd()
	var all []CommandDoc
	var walk func(c *cobra.Command, way string)
	walk = func(c *cobra.Command, way string) {
		for _, sub := range c.Commands() {
			switch {
			case !sub.IsAvailableCommand():
			case sub.Name() == "completion":
				all = append(all, CommandDoc{"completion SHELL", "Write the completion script for bash, zsh, fish or powershell"})
			case sub.HasSubCommands():
				walk(sub, way+sub.Name()+" ")
			default:
				all = append(all, CommandDoc{way + sub.Use, strings.TrimSuffix(sub.Short, ".")})
			}
		}
	}
	walk(root, "")
	return all
}
