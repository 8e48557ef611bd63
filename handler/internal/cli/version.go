package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// build is what this binary is.
type build struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (s *seat) versionCommand() *cobra.Command {
	return s.command(&cobra.Command{
		Use:     "version",
		Short:   "Print the version of this binary",
		Long:    "Print the version of this binary. The app's own is in status.",
		Example: "  handler version",
	}, func(context.Context, []string) error {
		v := viewOf(func(p *page, b build) { p.line("%s %s, %s, %s", program, b.Version, b.Go, b.Platform) }, nil, nil)
		if err := s.hasForm(v); err != nil {
			return err
		}
		value, err := json.Marshal(build{
			Version: cmp.Or(s.Version, "unknown"), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		})
		if err != nil {
			return &failure{kind: fault.Internal, text: "cannot write the version", err: err}
		}
		return s.show(value, v)
	})
}
