package simplanner

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// entity renders a resource alone.
func entity[T valued](c *call, r *record[T], at state[T], picked []string) map[string]any {
	body := row(r, at, picked)
	body["@odata.context"] = c.base + "/$metadata#" + at.value.set() + "/$entity"
	return body
}

// valued is what resources are made of.
type valued interface {
	set() string              // where the resource lives, e.g. planner/tasks
	names() []string          // its properties, without id
	property(name string) any // one of them as JSON has it
}

// row renders a resource in the state it was in. The ETag always is there.
func row[T valued](r *record[T], at state[T], picked []string) map[string]any {
	body := make(map[string]any, len(picked)+2)
	body["@odata.etag"] = r.tag(at.version)
	for _, name := range picked {
		if name == "id" {
			body[name] = r.id
		} else {
			body[name] = at.value.property(name)
		}
	}
	return body
}

// picked is what $select names; everything without one.
func picked[T valued](c *call) ([]string, error) {
	all := everyName[T]()
	if !c.query.Has("$select") {
		return all, nil
	}
	var list []string
	for name := range strings.SplitSeq(c.query.Get("$select"), ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(all, name) {
			return nil, invalid("could not find a property named '%s'.", name)
		}
		list = append(list, name)
	}
	return list, nil
}

// single answers GET with one resource.
func single[T valued](c *call, r *record[T]) (reply, error) {
	if err := c.only("$select"); err != nil {
		return reply{}, err
	}
	list, err := picked[T](c)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: entity(c, r, look(c, r), list)}, nil
}

// created answers POST.
func created[T valued](c *call, r *record[T]) (reply, error) {
	return reply{status: http.StatusCreated, body: entity(c, r, r.now, everyName[T]())}, nil
}

// updated answers PATCH: with the resource only if the client prefers it.
func updated[T valued](c *call, r *record[T]) (reply, error) {
	const representation = "return=representation"
	for _, line := range c.request.Header.Values("Prefer") {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), representation) {
				answer, err := created(c, r)
				answer.status, answer.header = http.StatusOK, map[string]string{"Preference-Applied": representation}
				return answer, err
			}
		}
	}
	return reply{status: http.StatusNoContent}, nil
}

// page answers with one page of the resources that fit, in the order they were
// made, and links to the next.
func page[T valued](s *Service, c *call, all []*record[T], fits func(T) bool) (reply, error) {
	if err := c.only("$select", "$skiptoken"); err != nil {
		return reply{}, err
	}
	list, err := picked[T](c)
	if err != nil {
		return reply{}, err
	}
	after, err := readSkip(c.query.Get("$skiptoken"))
	if err != nil {
		return reply{}, err
	}
	var sample T
	rows := []any{}
	body := map[string]any{"@odata.context": c.base + "/$metadata#" + sample.set()}
	start, _ := slices.BinarySearchFunc(all, after+1, func(r *record[T], n uint64) int { return cmp.Compare(r.serial, n) })
	for _, r := range all[start:] {
		at := look(c, r)
		if !at.exists() || !fits(at.value) {
			continue
		}
		if len(rows) == s.opts.PageSize {
			body["@odata.nextLink"] = c.next(after)
			break
		}
		rows, after = append(rows, row(r, at, list)), r.serial
	}
	body["value"] = rows
	return reply{status: http.StatusOK, body: body}, nil
}

// next is this request's own URL for the page after a row. Dollar signs stay as
// they are, as the service writes them.
func (c *call) next(after uint64) string {
	query := url.Values{"$skiptoken": {base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatUint(after, 10)))}}
	if c.query.Has("$select") {
		query.Set("$select", c.query.Get("$select"))
	}
	return c.host + c.request.URL.EscapedPath() + "?" + strings.ReplaceAll(query.Encode(), "%24", "$")
}

func readSkip(token string) (uint64, error) {
	if token == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	after, numberErr := strconv.ParseUint(string(raw), 10, 64)
	if errors.Join(err, numberErr) != nil {
		return 0, invalid("the skip token is not valid.")
	}
	return after, nil
}

// records are the resources of a list.
func records[E, T any](list []E, of func(E) *record[T]) []*record[T] {
	all := make([]*record[T], len(list))
	for i, each := range list {
		all[i] = of(each)
	}
	return all
}

// alive counts the resources that exist.
func alive[T any](list []*record[T]) int {
	n := 0
	for _, r := range list {
		if r.now.exists() {
			n++
		}
	}
	return n
}

// everything is the filter that lets all pass.
func everything[T any](T) bool { return true }

// everyName lists the properties of a resource, the id first.
func everyName[T valued]() []string {
	var sample T
	return append([]string{"id"}, sample.names()...)
}
