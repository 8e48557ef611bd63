package bicep

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// functions are those of Bicep that the templates use. A new one is added here
// by whoever first uses it, after a look at its name.
var functions = []string{
	"cidrSubnet", "empty", "environment", "filter", "guid", "int", "items", "loadTextContent", "resourceGroup",
	"subscription", "subscriptionResourceId", "tenant", "toLower", "toObject", "union", "uniqueString",
}

// Problems says what is wrong with templates, which know each other by path: one
// sentence each.
func Problems(all map[string]*Template) []string {
	var found []string
	versions := map[string]string{}
	used := map[*Template]bool{}
	for _, t := range all {
		for _, m := range t.Modules {
			used[m.Resolve(t, all)] = true
		}
	}
	for _, at := range Names(all) {
		t := all[at]
		say := func(n *Node, format string, args ...any) {
			found = append(found, fmt.Sprintf("%s:%s: %s", path.Base(t.Path), n, fmt.Sprintf(format, args...)))
		}
		t.syntax(say)
		t.scopes(say)
		t.uses(all, say)
		if !used[t] && path.Base(at) != "main.bicep" {
			say(t.Root, "nobody uses it")
		}
		for _, r := range t.Resources {
			kind, version, _ := strings.Cut(r.Type, "@")
			if version != "" && versions[kind] != "" && versions[kind] != version {
				say(r.Node, "%s is used in the versions %s and %s", kind, versions[kind], version)
			}
			versions[kind] = version
		}
	}
	return found
}

type complain func(n *Node, format string, args ...any)

func (t *Template) syntax(say complain) {
	t.Root.Walk(func(n *Node) bool {
		if n.Kind == "ERROR" || n.Kind == "missing" {
			say(n, "this is no Bicep: %.40q", n.Text())
		}
		return true
	})
	for _, n := range t.twice {
		say(n, "%s is declared twice", n.Children[0].Text())
	}
}

// scopes looks for names nobody declared, and for declarations nobody uses.
func (t *Template) scopes(say complain) {
	used := map[string]bool{}
	var look func(n *Node, local []string)
	look = func(n *Node, local []string) {
		if n.Kind == "decorator" {
			return // decorators have functions of their own
		}
		skip := 0 // children that declare, or name a property
		switch n.Kind {
		case "parameter_declaration", "variable_declaration", "output_declaration", "module_declaration", "resource_declaration":
			skip = 1
		case "object_property":
			if len(n.Children) > 1 && n.Children[0].Kind == "identifier" {
				skip = 1
			}
		case "lambda_expression":
			local = append(slices.Clone(local), n.Children[0].Text())
		case "for_statement":
			local = append(slices.Clone(local), n.Children[0].Text())
		case "identifier":
			switch name := n.Text(); {
			case n.Field == "function":
				if !slices.Contains(functions, name) {
					say(n, "no function %s is known", name)
				}
			case slices.Contains(local, name):
			case t.declared[name] == nil:
				say(n, "%s is not declared", name)
			default:
				used[name] = true
			}
		}
		for _, child := range n.Children[skip:] {
			look(child, local)
		}
	}
	look(t.Root, nil)
	for name, n := range t.declared {
		if (n.Kind == "parameter_declaration" || n.Kind == "variable_declaration") && !used[name] {
			say(n, "%s is not used", name)
		}
	}
}

// uses looks at what modules are given and asked for.
func (t *Template) uses(all map[string]*Template, say complain) {
	for _, name := range Names(t.Modules) {
		m := t.Modules[name]
		of := m.Resolve(t, all)
		if of == nil {
			say(m.Node, "there is no %s", m.Path)
			continue
		}
		given := m.Body.Get("params").Properties()
		for _, param := range Names(given) {
			if of.Params[param] == nil {
				say(m.Node, "%s knows no parameter %s", m.Path, param)
			}
		}
		for _, param := range Names(of.Params) {
			if of.Params[param].Default == nil && given[param] == nil {
				say(m.Node, "%s is not given its parameter %s", m.Path, param)
			}
		}
	}
	t.Root.Walk(func(n *Node) bool {
		if n.Kind != "member_expression" || len(n.Children) != 2 {
			return true
		}
		value := t.Variables[n.Children[0].Text()]
		if property := n.Children[1].Text(); value.Is("object") && value.Get(property) == nil {
			say(n, "%s has no %s", n.Children[0].Text(), property)
		}
		return true
	})
	t.Root.Walk(func(n *Node) bool {
		parts := strings.Split(strings.ReplaceAll(n.Text(), "!", ""), ".")
		if n.Kind != "member_expression" || len(parts) != 3 || parts[1] != "outputs" || t.Modules[parts[0]] == nil {
			return true
		}
		if of := t.Modules[parts[0]].Resolve(t, all); of != nil && of.Outputs[parts[2]] == nil {
			say(n, "%s has no output %s", t.Modules[parts[0]].Path, parts[2])
		}
		return true
	})
}
