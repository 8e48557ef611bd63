package config

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// minPoll is what Microsoft asks of an app that polls a teamsAsyncOperation:
// to wait for more than this between two looks.
const minPoll = 30 * time.Second

// minSighting keeps two readings of Commerce apart that are to confirm each
// other: what hides a row for a moment, such as an import, hides it from both
// otherwise.
const minSighting = 5 * time.Minute

// minHands is longer than a read of Graph usually lags behind a write: what it
// does not show yet must not pass for undone by hand.
const minHands = 30 * time.Minute

// Microsoft's limits are for Microsoft's servers: a simulator has none.
const (
	maxRate         = 100
	maxLoopbackRate = 100000
)

// errExpected is a value that is not what its setting expects, when there is
// nothing to say about it beyond what was expected.
var errExpected = errors.New("not as expected")

// reader collects the settings, and what is wrong with them, in one pass.
type reader struct {
	getenv   func(string) string
	config   Config
	ledger   string // LEDGER's kind: inTables, inFile or ""
	mistakes Mistakes
}

func (r *reader) wrong(name, problem string) {
	r.mistakes = append(r.mistakes, Mistake{Setting: name, Problem: problem})
}

// value returns the named setting as far as it is meant: without blanks
// around it, and without the quotes people copy along.
func (r *reader) value(name string) string { return unquote(r.getenv(name)) }

// read reads one setting, or notes the mistake in it.
func (r *reader) read(s setting) {
	value := r.value(s.Name)
	if value == "" {
		value = s.Default
	}
	expected := "expected " + s.Expected
	switch {
	case value == "" && s.Required:
		r.wrong(s.Name, "not set, "+expected)
		return
	case value == "":
		return
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		r.wrong(s.Name, "has control characters or is not UTF-8, "+expected)
		return
	}
	switch err := s.read(value); {
	case errors.Is(err, errExpected):
		r.wrong(s.Name, expected)
	case err != nil:
		r.wrong(s.Name, err.Error()+", "+expected)
	}
}

// checkAddresses refuses to let made-up data from a simulated Commerce reach a
// real tenant, other than in a plan.
func (r *reader) checkAddresses() {
	c := r.config
	if c.CommerceURL == nil || c.GraphURL == nil || r.mistakes.about(modeSetting) {
		return
	}
	if isLoopback(c.CommerceURL) && !isLoopback(c.GraphURL) && c.Mode != ModePlan {
		r.wrong(modeSetting, "expected plan while COMMERCE_URL is a loopback address and GRAPH_URL is not")
	}
}

// checkPace allows a simulated Graph to be hurried, and nobody else: there, only
// invented people lose their teams. An address that could not be read counts as
// Microsoft's.
func (r *reader) checkPace() {
	c := r.config
	if isLoopback(c.GraphURL) {
		return
	}
	if !r.mistakes.about(pollSetting) && c.TeamPollInterval <= minPoll {
		r.wrong(pollSetting, "expected more than 30s, as Microsoft asks, unless GRAPH_URL is a loopback address")
	}
	if !r.mistakes.about(rateSetting) && c.GraphRatePercent > maxRate {
		r.wrong(rateSetting, "expected at most 100, the published limits, unless GRAPH_URL is a loopback address")
	}
	if !r.mistakes.about(sightingSetting) && c.SightingInterval < minSighting {
		r.wrong(sightingSetting, "expected at least 5m, unless GRAPH_URL is a loopback address")
	}
	// A directory that lags shows our own writes as undone for a while.
	if !r.mistakes.about(handsSetting) && c.HandsDelay < minHands {
		r.wrong(handsSetting, "expected at least 30m, unless GRAPH_URL is a loopback address")
	}
}

// checkLedger decides between the three ways to say where the ledger is. It
// goes by what was set, readable or not, to tell every contradiction at once.
func (r *reader) checkLedger() {
	hasURL := r.value(tablesURLSetting) != ""
	hasConnection := r.value(connectionSetting) != ""
	switch {
	case r.mistakes.about(ledgerSetting):
	case r.ledger == inFile && (hasURL || hasConnection):
		r.wrong(ledgerSetting, "expected tables, or neither TABLES_URL nor TABLES_CONNECTION beside file:PATH")
	case r.ledger == inFile:
	case hasURL && hasConnection:
		r.wrong(connectionSetting, "expected only one of TABLES_CONNECTION and TABLES_URL to be set")
	case hasURL || hasConnection:
	case r.ledger == inTables:
		r.wrong(tablesURLSetting, "not set, expected a table endpoint here or TABLES_CONNECTION, as LEDGER is tables")
	default:
		r.wrong(ledgerSetting, "not set, expected tables with TABLES_URL or TABLES_CONNECTION, or file:PATH")
	}
}

// checkEntityNames finds overrides of collections that do not exist: a slip in
// such a name would otherwise leave the default in force unnoticed.
func (r *reader) checkEntityNames(environ []string) {
	known := make([]string, len(collections))
	for i, name := range collections {
		known[i] = entityPrefix + strings.ToUpper(name)
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, entityPrefix) && unquote(value) != "" && !slices.Contains(known, name) {
			r.wrong(printable(name), "names no collection, expected one of "+strings.Join(known, ", "))
		}
	}
}

// unquote trims blanks and one pair of quotes. Quotes that also occur inside
// belong to the value, such as a list of quoted names.
func unquote(value string) string {
	value = strings.TrimSpace(value)
	if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		if inner := value[1 : n-1]; !strings.ContainsRune(inner, rune(value[0])) {
			return strings.TrimSpace(inner)
		}
	}
	return value
}

// printable keeps a name that somebody made up on the error's one line.
func printable(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsGraphic(c) && c != utf8.RuneError {
			return c
		}
		return '?'
	}, name)
}

// entity reads what a collection is called here.
func entity(entities map[string]string, collection string) func(string) error {
	return func(value string) error {
		if len(value) > 128 || strings.ContainsFunc(value, notIdentifier) {
			return errExpected
		}
		if value != collection {
			entities[collection] = value
		}
		return nil
	}
}

func notIdentifier(c rune) bool {
	letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	return !letter && (c < '0' || c > '9')
}
