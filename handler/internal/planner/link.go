package planner

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// reference is an attachment of a task that is an address. It stands under the
// address, encoded as the name of a property.
type reference struct {
	Type     string `json:"@odata.type,omitempty"`
	Alias    string `json:"alias"`
	Kind     string `json:"type,omitempty"`
	Priority string `json:"previewPriority,omitempty"`
}

// How our reference is told from those of people: by its alias or, if it stands
// for a name, by its address.
const (
	linkAlias = "Link"
	// nowhere is where references lead that stand for a menu item or a POS
	// operation: Planner takes addresses only. No server of the domain "invalid"
	// can exist (RFC 2606). Their alias says the name to people.
	nowhere   = "https://pos.invalid/"
	nameAlias = "In the POS: "
)

// isOurs reports whether a reference is the one that shows the field Link.
func isOurs(address string, r reference) bool {
	return r.Alias == linkAlias || strings.HasPrefix(address, nowhere)
}

// ourKeys returns the names under which our references stand. There is one at
// most unless people copied it; the first of them counts.
func ourKeys(all map[string]reference) []string {
	var keys []string
	for key, r := range all {
		if isOurs(addressOf(key), r) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// linkIn returns the link that references show, empty if none is ours.
func linkIn(all map[string]reference) string {
	keys := ourKeys(all)
	if len(keys) == 0 {
		return ""
	}
	address := addressOf(keys[0])
	escaped, isName := strings.CutPrefix(address, nowhere)
	if name, err := url.PathUnescape(escaped); isName && err == nil {
		return canonLink(name)
	}
	return canonLink(address)
}

// canonLink is a link in its canonical form: one line.
func canonLink(link string) string { return task.CanonLine(link) }

// referenceTo returns the reference that shows a link, and its name.
func referenceTo(link string) (key string, r reference) {
	address, alias := link, linkAlias
	if u, err := url.Parse(link); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.HasPrefix(link, nowhere) {
		address, alias = nowhere+url.PathEscape(link), nameAlias+link
	}
	return keyOf(address), reference{
		Type: "#microsoft.graph.plannerExternalReference", Alias: alias, Kind: "Other", Priority: " !",
	}
}

// keyOf encodes an address as the name of an open type's property: these five
// characters are not allowed there (plannerExternalReferences).
func keyOf(address string) string {
	return strings.NewReplacer("%", "%25", ".", "%2E", ":", "%3A", "@", "%40", "#", "%23").Replace(address)
}

// addressOf decodes a property's name, whatever else a client encoded.
func addressOf(key string) string {
	address, err := url.PathUnescape(key)
	if err != nil {
		return key
	}
	return address
}

// relink is what to write so that references show another link: null removes.
// Of people's references it changes at most the one to the same address, of which
// there cannot be two.
func relink(all map[string]reference, link string) map[string]*reference {
	changes := map[string]*reference{}
	for _, key := range ourKeys(all) {
		changes[key] = nil
	}
	if link != "" {
		key, r := referenceTo(link)
		// The service may have encoded more characters than we do.
		there := slices.Sorted(maps.Keys(all))
		if i := slices.IndexFunc(there, func(k string) bool { return addressOf(k) == addressOf(key) }); i >= 0 {
			key, r.Priority = there[i], ""
		}
		changes[key] = &r
	}
	return changes
}
