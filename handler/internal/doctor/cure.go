package doctor

import (
	"fmt"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// again is what to do about what passes by itself.
const again = "run `doctor` again"

// cures are what to do about a failed request, by the kind of its error, in the
// order of fault's kinds.
type cures [fault.Canceled + 1]string

// of never answers with nothing: a kind nobody has told us about is like one
// that nobody classified.
func (c *cures) of(err error) string {
	if kind := fault.KindOf(err); int(kind) < len(c) && c[kind] != "" {
		return c[kind]
	}
	return c[fault.Internal]
}

const lookIntoLog = "look into the app's log for the cause, and report it if it comes again"

var commerceCures = cures{
	fault.Internal: lookIntoLog,
	fault.Invalid:  "check that COMMERCE_URL is the address of a Commerce headquarters environment, and that its $metadata has this collection with the attributes named",
	fault.Denied: "register the app's client id in Commerce under System administration > Setup > Microsoft Entra ID applications, " +
		"with a user whose security roles may read these data entities",
	fault.NotFound:    "publish the data entity in this environment as public, or set its ENTITY_ setting to the name it has here",
	fault.Conflict:    again,
	fault.Throttled:   "wait until Commerce takes requests again, or raise the app's priority under System administration > Setup > Throttling priority mapping",
	fault.Unavailable: "check that COMMERCE_URL is right, that the environment is up and that the app's network lets requests to it out",
	fault.Gone:        again,
	fault.Incomplete:  "check that COMMERCE_URL is the address of a Commerce headquarters environment, with no proxy in between that changes its answers",
	fault.Canceled:    again,
}

var graphCures = cures{
	fault.Internal:    lookIntoLog,
	fault.Invalid:     "check that GRAPH_URL is https://graph.microsoft.com/v1.0, or that of your national cloud",
	fault.Denied:      "grant the app's identity the application permission in Microsoft Graph, with admin consent, and check TENANT_ID and AZURE_CLIENT_ID",
	fault.NotFound:    "check that GRAPH_URL is https://graph.microsoft.com/v1.0, or that of your national cloud",
	fault.Conflict:    again,
	fault.Throttled:   "wait a few minutes, and lower GRAPH_RATE_PERCENT if it comes again",
	fault.Unavailable: "check that GRAPH_URL is right and that the app's network lets requests to it out",
	fault.Gone:        again,
	fault.Incomplete:  "check that no proxy between the app and GRAPH_URL changes its answers",
	fault.Canceled:    again,
}

var tableCures = cures{
	fault.Internal: lookIntoLog,
	fault.Invalid:  "check that TABLES_URL or TABLES_CONNECTION names a Table Storage account, and not one of Blob Storage or of Cosmos DB",
	fault.Denied: "give the app's identity the role Storage Table Data Contributor on the storage account of TABLES_URL, " +
		"or correct the key in TABLES_CONNECTION",
	fault.NotFound:    "check that TABLES_URL or TABLES_CONNECTION names a storage account that exists",
	fault.Conflict:    "run `doctor` again; if it comes again, somebody else writes to the probe's row",
	fault.Throttled:   "wait a few minutes, and give the ledger a storage account of its own if it comes again",
	fault.Unavailable: "check that TABLES_URL or TABLES_CONNECTION is right, and that the storage account's firewall lets the app in",
	fault.Gone:        again,
	fault.Incomplete:  again,
	fault.Canceled:    again,
}

var fileCures = cures{
	fault.Internal:    lookIntoLog,
	fault.Invalid:     "name a file of storeteams' own in LEDGER",
	fault.Denied:      "let the app read and write the file that LEDGER names",
	fault.NotFound:    "make the folder of the file that LEDGER names",
	fault.Conflict:    again,
	fault.Throttled:   again,
	fault.Unavailable: "check that the disk of the file that LEDGER names has room, and that no other process has the file open",
	fault.Gone:        again,
	fault.Incomplete:  again,
	fault.Canceled:    again,
}

// failed is the finding that something could not be done. What the caller's own
// end cut short says nothing of the other side; being asked to slow down passes.
func failed(subject, what string, err error, fix string) Finding {
	f := wrong(subject, fmt.Sprintf("%s (%s): %v", what, fault.KindOf(err), err), fix)
	switch fault.KindOf(err) {
	case fault.Canceled:
		f.Level = Unknown
	case fault.Throttled:
		f.Level = Note
	}
	return f
}

// listed is how many of a kind a finding names; the count is whole.
const listed = 20

// list joins the first of some names.
func list[T ~string](names []T) string {
	var b strings.Builder
	for i, name := range names {
		if i == listed {
			fmt.Fprintf(&b, " and %d more", len(names)-listed)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(name))
	}
	return b.String()
}

// count puts a number before a noun: "1 store", "3 stores".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
