// Package bicep reads the templates of infra for the tests. No compiler of
// Bicep can be had everywhere the tests run, so a grammar gives the syntax tree
// (tree-sitter, through Node) and [Problems] looks for the mistakes that a
// compiler would find in names: unknown and unused ones, parameters a module
// lacks or does not know, outputs that are none. Types of resources and their
// properties it knows nothing of; "az bicep build" does.
package bicep

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Node is a part of a template, by the grammar's names.
type Node struct {
	Kind     string  `json:"t"` // e.g. "object_property"
	Field    string  `json:"f"` // its part in the parent, where the grammar names it
	At       [2]int  `json:"at"`
	From     int     `json:"from"`
	To       int     `json:"to"`
	Children []*Node `json:"c"`

	text string // of the whole file
}

// Text is the node as it is written.
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	return n.text[n.From:n.To]
}

// Walk calls visit for the node and all below it, until visit says not to go
// further down.
func (n *Node) Walk(visit func(*Node) (deeper bool)) {
	if n == nil || !visit(n) {
		return
	}
	for _, child := range n.Children {
		child.Walk(visit)
	}
}

// adopt gives the node and all below it the file's text.
func (n *Node) adopt(text string) {
	n.text = text
	for _, child := range n.Children {
		child.adopt(text)
	}
}

// Trees parses files by the grammar below root, the repository's. Files have to
// be ASCII: the grammar counts other characters differently.
func Trees(ctx context.Context, root string, paths ...string) (map[string]*Node, error) {
	script := filepath.Join(root, ".ci", "bicep", "tree.mjs")
	if _, err := os.Stat(filepath.Join(root, ".ci", "bicep", "node_modules")); err != nil {
		return nil, errors.New("bicep: the grammar is not installed: run .ci/prepare bicep")
	}
	cmd := exec.CommandContext(ctx, "node", append([]string{script}, paths...)...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("bicep: parse: %w\n%s", err, bytes.TrimSpace(complaints.Bytes()))
	}
	var files map[string]struct {
		Text string
		Root *Node
	}
	if err := json.Unmarshal(output, &files); err != nil {
		return nil, fmt.Errorf("bicep: read the trees: %w", err)
	}
	trees := make(map[string]*Node, len(files))
	for path, f := range files {
		for i, c := range []byte(f.Text) {
			if c >= 0x80 {
				return nil, fmt.Errorf("bicep: %s: byte %d is not ASCII", path, i)
			}
		}
		f.Root.adopt(f.Text)
		trees[path] = f.Root
	}
	return trees, nil
}

func (n *Node) String() string {
	return strconv.Itoa(n.At[0]) + ":" + strconv.Itoa(n.At[1])
}
