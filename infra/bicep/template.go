package bicep

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// Template is what a file declares.
type Template struct {
	Path      string
	Root      *Node
	Params    map[string]*Param
	Variables map[string]*Node // values
	Resources []*Resource
	Modules   map[string]*Module
	Outputs   map[string]*Node // values

	declared map[string]*Node // everything that has a name
	twice    []*Node          // names declared again
}

// Param is a parameter.
type Param struct {
	Node     *Node
	Default  *Node // nil: it has to be given
	Secure   bool
	Describe string
}

// Resource is a resource that is made, not one that is there ("existing").
type Resource struct {
	Name string
	Type string // with its version, relative to the parent's where it is nested
	Body *Node  // an object; nil where there is none
	If   *Node  // its condition, if it has one
	Node *Node
}

// Module is a use of another file.
type Module struct {
	Path string // as written, relative to the file
	Body *Node
	Node *Node
}

// New reads what the tree of a file declares.
func New(path string, root *Node) *Template {
	t := &Template{
		Path: path, Root: root,
		Params: map[string]*Param{}, Variables: map[string]*Node{}, Modules: map[string]*Module{}, Outputs: map[string]*Node{},
		declared: map[string]*Node{},
	}
	var decorators []*Node
	for _, n := range root.Children {
		switch n.Kind {
		case "decorators":
			decorators = n.Children
			continue
		case "comment":
			continue
		}
		t.declaration(n, decorators)
		decorators = nil
	}
	return t
}

func (t *Template) declaration(n *Node, decorators []*Node) {
	switch n.Kind {
	case "parameter_declaration":
		p := &Param{Node: n}
		if len(n.Children) > 2 {
			p.Default = n.Children[2]
		}
		for _, d := range decorators {
			switch call := d.Children[0]; call.Children[0].Text() {
			case "secure":
				p.Secure = true
			case "description":
				p.Describe, _ = call.Children[1].Children[0].Literal()
			}
		}
		t.Params[t.name(n)] = p
	case "variable_declaration":
		t.Variables[t.name(n)] = n.Children[1]
	case "output_declaration":
		t.Outputs[n.Children[0].Text()] = n.Children[2] // no name that others could use
	case "module_declaration":
		at, _ := n.Children[1].Literal()
		t.Modules[t.name(n)] = &Module{Path: at, Body: body(n), Node: n}
	case "resource_declaration":
		t.resource(n)
	}
}

// resource reads a resource and those nested in it.
func (t *Template) resource(n *Node) {
	kind, _ := n.Children[1].Literal()
	r := &Resource{Name: t.name(n), Type: kind, Body: body(n), Node: n}
	for _, child := range n.Children {
		if child.Kind == "if_statement" {
			r.If = child.Children[0]
		}
	}
	// The grammar gives the keyword no node of its own.
	if after := n.text[n.Children[1].To:n.To]; !strings.HasPrefix(strings.TrimSpace(after), "existing") {
		t.Resources = append(t.Resources, r)
	}
	if r.Body == nil {
		return
	}
	for _, p := range r.Body.Children {
		if len(p.Children) == 1 && p.Children[0].Kind == "resource_declaration" {
			t.resource(p.Children[0])
		}
	}
}

// name is the name a declaration gives.
func (t *Template) name(n *Node) string {
	name := n.Children[0].Text()
	if t.declared[name] != nil {
		t.twice = append(t.twice, n)
	}
	t.declared[name] = n
	return name
}

// body is a declaration's object, also under a condition or in a loop.
func body(n *Node) *Node {
	for _, child := range n.Children {
		switch child.Kind {
		case "object":
			return child
		case "if_statement", "for_statement":
			return body(child)
		}
	}
	return nil
}

// Is reports whether there is a node and it is of a kind.
func (n *Node) Is(kind string) bool { return n != nil && n.Kind == kind }

// Get returns the value at a path of properties, or nil.
func (n *Node) Get(keys ...string) *Node {
	for _, key := range keys {
		n = n.property(key)
	}
	return n
}

func (n *Node) property(key string) *Node {
	for _, p := range n.Parts() {
		if len(p.Children) > 1 && p.key() == key {
			return p.Children[1]
		}
	}
	return nil
}

// Properties returns an object's properties by name.
func (n *Node) Properties() map[string]*Node {
	all := map[string]*Node{}
	for _, p := range n.Parts() {
		if len(p.Children) > 1 {
			all[p.key()] = p.Children[1]
		}
	}
	return all
}

// Parts are an object's properties, names included.
func (n *Node) Parts() []*Node {
	if n == nil || n.Kind != "object" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.Children), func(p *Node) bool { return p.Kind != "object_property" })
}

// Elements are an array's.
func (n *Node) Elements() []*Node {
	if n == nil || n.Kind != "array" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.Children), func(p *Node) bool { return p.Kind == "comment" })
}

func (n *Node) key() string {
	if text, ok := n.Children[0].Literal(); ok {
		return text
	}
	return n.Children[0].Text()
}

// Literal returns a string without interpolations.
func (n *Node) Literal() (string, bool) {
	if n == nil || n.Kind != "string" {
		return "", false
	}
	var b strings.Builder
	for _, part := range n.Children {
		switch part.Kind {
		case "string_content":
			b.WriteString(part.Text())
		case "escape_sequence":
			b.WriteString(strings.TrimPrefix(part.Text(), `\`))
		default:
			return "", false
		}
	}
	return b.String(), true
}

// Resolve is the template a module is of.
func (m *Module) Resolve(from *Template, all map[string]*Template) *Template {
	return all[path.Join(path.Dir(from.Path), m.Path)]
}

// Names returns the names of m in order.
func Names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
