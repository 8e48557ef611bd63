package config

import (
	"encoding/base64"
	"path/filepath"
	"strings"
)

// The kinds of ledger, as LEDGER writes them.
const (
	inTables = "tables"
	inFile   = "file:"
)

// developmentStorage is what "UseDevelopmentStorage=true" stands for: the
// well-known account of Azurite at its usual port. Microsoft publishes the
// key; Azure's Go packages do not know the short form.
const developmentStorage = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;" +
	"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;" +
	"TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"

func ledger(kind, file *string) func(string) error {
	return func(value string) error {
		path, isFile := strings.CutPrefix(value, inFile)
		path = strings.TrimSpace(path)
		switch {
		case strings.EqualFold(value, inTables):
			*kind = inTables
		case isFile && path != "" && !strings.HasPrefix(path, "//"): // file://… would be an address
			*kind, *file = inFile, filepath.Clean(path)
		default:
			return errExpected
		}
		return nil
	}
}

func connection(into *Secret) func(string) error {
	return func(value string) error {
		if strings.EqualFold(strings.TrimRight(value, "; "), "UseDevelopmentStorage=true") {
			*into = Secret{developmentStorage}
			return nil
		}
		if !usableConnection(value) {
			return errExpected
		}
		*into = Secret{value}
		return nil
	}
}

// usableConnection reports whether the table client can use a connection
// string, and sends its key to nobody but Azure over https or this machine.
func usableConnection(value string) bool {
	parts := map[string]string{"DefaultEndpointsProtocol": "https", "EndpointSuffix": "core.windows.net"}
	for part := range strings.SplitSeq(strings.TrimRight(value, ";"), ";") {
		key, content, found := strings.Cut(part, "=")
		if !found {
			return false
		}
		parts[key] = content
	}
	key, err := base64.StdEncoding.DecodeString(parts["AccountKey"])
	if err != nil || len(key) == 0 || parts["AccountName"] == "" {
		return false
	}
	endpoint, ok := parts["TableEndpoint"]
	if !ok {
		endpoint = parts["DefaultEndpointsProtocol"] + "://" + parts["AccountName"] + ".table." + parts["EndpointSuffix"]
	}
	_, ok = parseAddress(endpoint)
	return ok
}
