package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// request is a request of Graph v1.0 that storeteams may make, as Microsoft's
// reference pages have it. The rest are types in testdata/graph.json.
type request struct {
	request string // method and path; {id} is a GUID, {key} anything
	selects string // type whose names $select may have
	body    string // type of the body, or "batch", "reference" or "members"
	options string // query options it takes, and those that come with a server's link
}

// graphRequests lists them. Delta takes no $top; a next link repeats the
// options of the first page, with a token.
func graphRequests() []request {
	const people = "$select $top $skiptoken"
	return []request{
		{request: "GET /groups/delta", selects: "group", options: "$select $deltatoken $skiptoken"},
		{request: "GET /users/delta", selects: "user", options: "$select $deltatoken $skiptoken"},
		{request: "GET /groups/{id}", selects: "group", options: "$select"},
		{request: "GET /groups/{id}/members", selects: "directoryObject", options: people},
		{request: "GET /groups/{id}/owners", selects: "directoryObject", options: people},
		{request: "GET /groups(uniqueName='{key}')", selects: "group", options: "$select"},
		{request: "PATCH /groups(uniqueName='{key}')", body: "group"},
		{request: "PATCH /groups/{id}", body: "group"},
		{request: "POST /groups/{id}/owners/$ref", body: "reference"},
		{request: "POST /teams", body: "team"},
		{request: "GET /teams/{id}", selects: "team", options: "$select"},
		{request: "GET /teams('{id}')/operations('{id}')", selects: "teamsAsyncOperation", options: "$select"},
		{request: "GET /teams/{id}/members", selects: "aadUserConversationMember", options: people},
		{request: "PATCH /teams/{id}/members/{key}", body: "aadUserConversationMember"},
		{request: "DELETE /teams/{id}/members/{key}"},
		{request: "POST /teams/{id}/members/add", body: "members"},
		{request: "POST /teams/{id}/members/remove", body: "members"},
		{request: "POST /teams/{id}/archive"},
		{request: "POST /teams/{id}/unarchive"},
		{request: "GET /directory/deletedItems/{id}", selects: "directoryObject", options: "$select"},
		{request: "POST /directory/deletedItems/{id}/restore"},
		{request: "POST /$batch", body: "batch"},
	}
}

// pattern matches method and unescaped path.
func (r request) pattern() *regexp.Regexp {
	text := regexp.QuoteMeta(r.request)
	text = strings.ReplaceAll(text, `\{id\}`, `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	text = strings.ReplaceAll(text, `\{key\}`, `[^/']+`)
	return regexp.MustCompile("^" + text + "$")
}

// graphNames is testdata/graph.json: Graph's types by name.
type graphNames struct {
	Types map[string]struct {
		Base              string
		Properties, Links []string
	}
}

func readGraphNames(t *testing.T) graphNames { return readNames[graphNames](t, "testdata/graph.json") }

func readNames[T any](t *testing.T, path string) (names T) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &names)
	}
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// check checks one request and returns which of graphRequests it is.
func (n graphNames) check(e exchange) (string, error) {
	path, rawQuery, _ := strings.Cut(e.url, "?")
	below, versioned := strings.CutPrefix(path, "/v1.0/")
	plain, err := url.PathUnescape("/" + below)
	if err != nil || !versioned {
		return "", fmt.Errorf("the path is not below /v1.0: %w", err)
	}
	all := graphRequests()
	i := slices.IndexFunc(all, func(r request) bool { return r.pattern().MatchString(e.method + " " + plain) })
	if i < 0 {
		return "", errors.New("there is no such request")
	}
	if err := n.checkQuery(all[i], rawQuery); err != nil {
		return "", err
	}
	return all[i].request, n.checkBody(all[i].body, e.body)
}

func (n graphNames) checkQuery(r request, raw string) error {
	if strings.Contains(raw, "%24") {
		return errors.New("a query option's dollar is escaped")
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return err
	}
	for option := range query {
		if !slices.Contains(strings.Fields(r.options), option) {
			return fmt.Errorf("it takes no %s", option)
		}
	}
	if !query.Has("$select") {
		return nil
	}
	for name := range strings.SplitSeq(query.Get("$select"), ",") {
		// Delta takes links too.
		if !n.has(r.selects, name, false) && (!strings.HasSuffix(r.request, "/delta") || !n.has(r.selects, name, true)) {
			return fmt.Errorf("$select: %s has no %q", r.selects, name)
		}
	}
	return nil
}

// has reports whether a type, or one it is based on, has a property or a link.
func (n graphNames) has(typ, name string, link bool) bool {
	for ; typ != ""; typ = n.Types[typ].Base {
		names := n.Types[typ].Properties
		if link {
			names = n.Types[typ].Links
		}
		if slices.Contains(names, name) {
			return true
		}
	}
	return false
}

// is reports whether a type is another, or based on it.
func (n graphNames) is(typ, base string) bool {
	for ; typ != "" && typ != base; typ = n.Types[typ].Base {
	}
	return typ != ""
}

func (n graphNames) checkBody(typ string, body []byte) error {
	if typ == "" {
		if len(body) > 0 {
			return errors.New("it takes no body")
		}
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	switch typ {
	case "reference":
		return only(fields, "@odata.id")
	case "batch":
		return each(fields, "requests", func(part map[string]json.RawMessage) error {
			return only(part, "id", "method", "url", "headers", "body", "dependsOn")
		})
	case "members":
		return each(fields, "values", func(member map[string]json.RawMessage) error {
			return n.checkEntity("conversationMember", member)
		})
	}
	return n.checkEntity(typ, fields)
}

// only checks that an object has no other names.
func only(fields map[string]json.RawMessage, names ...string) error {
	for name := range fields {
		if !slices.Contains(names, name) {
			return fmt.Errorf("body: it has no %q", name)
		}
	}
	return nil
}

// each checks the objects in an object's one list.
func each(fields map[string]json.RawMessage, list string, check func(map[string]json.RawMessage) error) error {
	if err := only(fields, list); err != nil {
		return err
	}
	var all []map[string]json.RawMessage
	if err := json.Unmarshal(fields[list], &all); err != nil {
		return fmt.Errorf("body: %s: %w", list, err)
	}
	for _, one := range all {
		if err := check(one); err != nil {
			return err
		}
	}
	return nil
}

// checkEntity checks the names in an entity, of the type it says it is.
func (n graphNames) checkEntity(typ string, fields map[string]json.RawMessage) error {
	if raw, stated := fields["@odata.type"]; stated {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return fmt.Errorf("body: @odata.type: %w", err)
		}
		stated := strings.TrimPrefix(text, "#microsoft.graph.")
		if !n.is(stated, typ) {
			return fmt.Errorf("body: a %s is no %s", stated, typ)
		}
		typ = stated
	}
	for name := range fields {
		link, bind := strings.CutSuffix(name, "@odata.bind")
		if name != "@odata.type" && !n.has(typ, link, bind) {
			return fmt.Errorf("body: %s has no %q", typ, name)
		}
	}
	return nil
}

// commerceNames is testdata/commerce.json: attributes by collection.
type commerceNames struct{ Collections map[string][]string }

func readCommerceNames(t *testing.T) commerceNames {
	return readNames[commerceNames](t, "testdata/commerce.json")
}

// check checks one request and returns its collection. Every reading is across
// companies and says which attributes it wants.
func (n commerceNames) check(e exchange) (string, error) {
	u, err := url.Parse(e.url)
	if err != nil {
		return "", err
	}
	collection, below := strings.CutPrefix(u.Path, "/data/")
	attributes, known := n.Collections[collection]
	query := u.Query()
	switch {
	case e.method != http.MethodGet || len(e.body) > 0:
		return "", errors.New("storeteams only reads")
	case !below || !known:
		return "", errors.New("there is no such collection")
	case query.Get("cross-company") != "true" || query.Get("$select") == "":
		return "", errors.New("cross-company=true and $select are wanted")
	}
	for option := range query {
		if !slices.Contains([]string{"cross-company", "$select", "$filter", "$skiptoken"}, option) {
			return "", fmt.Errorf("it takes no %s", option)
		}
	}
	for name := range strings.SplitSeq(query.Get("$select"), ",") {
		if !slices.Contains(attributes, name) {
			return "", fmt.Errorf("$select: %s has no %q", collection, name)
		}
	}
	return collection, checkFilter(query.Get("$filter"), attributes)
}

// comparison is one part of a filter as F&O takes it: dates without quotes,
// members of an enum with its type.
var comparison = regexp.MustCompile(`^(\w+) (eq|ge|le) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|Microsoft\.Dynamics\.DataEntities\.NoYes'(Yes|No)')$`)

// checkFilter checks that a filter, if there is one, compares attributes.
func checkFilter(filter string, attributes []string) error {
	if filter == "" {
		return nil
	}
	for part := range strings.SplitSeq(filter, " and ") {
		found := comparison.FindStringSubmatch(part)
		if found == nil || !slices.Contains(attributes, found[1]) {
			return fmt.Errorf("$filter: %q compares no attribute", part)
		}
	}
	return nil
}
