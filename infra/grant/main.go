// Command grant gives the app's identity its application permissions in
// Microsoft Graph, and says how to make it known to Commerce:
//
//	go run ./infra/grant               # all that MODE=full with tasks needs
//	go run ./infra/grant -mode plan -tasks=false
//	go run ./infra/grant -dry-run      # says what is missing and grants nothing
//
// It works as whoever is logged in with the Azure CLI, who needs the Entra role
// Privileged Role Administrator. Run twice, it finds nothing left to do. What the
// identity has beyond the list is named and left alone.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/storeteams/storeteams/infra/permission"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("grant", flag.ContinueOnError)
	mode := flags.String("mode", string(permission.Full), "what the installation does: plan, add or full")
	tasks := flags.Bool("tasks", true, "whether it syncs tasks")
	principal := flags.String("principal", "", "object id of the identity (default: azd's IDENTITY_PRINCIPAL_ID)")
	client := flags.String("client", "", "client id of the identity (default: azd's IDENTITY_CLIENT_ID)")
	dry := flags.Bool("dry-run", false, "say what is missing and grant nothing")
	graph := flags.String("graph", "https://graph.microsoft.com/v1.0", "address of Microsoft Graph, for national clouds")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	extent := permission.Extent(*mode)
	if !extent.Known() {
		return fmt.Errorf("grant: -mode is plan, add or full, not %q", *mode)
	}
	for name, value := range map[string]*string{"IDENTITY_PRINCIPAL_ID": principal, "IDENTITY_CLIENT_ID": client} {
		if *value != "" {
			continue
		}
		found, err := azdValue(ctx, name)
		if err != nil {
			return fmt.Errorf("grant: %s is in no azd environment here; give -principal and -client: %w", name, err)
		}
		*value = found
	}
	credential, err := azidentity.NewAzureCLICredential(nil)
	if err != nil {
		return fmt.Errorf("grant: use the Azure CLI's login: %w", err)
	}
	g := newGranter(*graph, credential, nil)
	g.dry, g.out = *dry, out
	if err := g.grant(ctx, *principal, permission.For(extent, *tasks)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, commerce, *client)
	return err
}

// commerce is what is left to do by hand: headquarters publishes no entity for
// it that storeteams could rely on.
const commerce = `
In Commerce headquarters, once per environment: System administration > Setup >
Microsoft Entra ID applications > New.
  Client Id   %s
  Name        storeteams
  User ID     a user with the roles in docs/permissions.md
Then run: storeteams doctor
`

// azdValue is a value of azd's current environment.
func azdValue(ctx context.Context, name string) (string, error) {
	output, err := exec.CommandContext(ctx, "azd", "env", "get-value", name).Output()
	if err != nil {
		return "", fmt.Errorf("azd env get-value %s: %w", name, err)
	}
	return strings.TrimSpace(string(output)), nil
}
