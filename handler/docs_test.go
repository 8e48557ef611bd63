package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages are the documents by their path below the repository's root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, glob := range []string{"../*.md", "../docs/*.md", "*.md"} {
		found, _ := filepath.Glob(glob)
		for _, file := range found {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel("..", file)
			all[filepath.ToSlash(name)] = string(text)
		}
	}
	if len(all) < 12 {
		t.Fatalf("found %q only", slices.Sorted(maps.Keys(all)))
	}
	return all
}

var (
	fence     = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	code      = regexp.MustCompile("`([^`\n]+)`")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notInSlug = regexp.MustCompile(`[^\w\- ]`)
)

// slug is the anchor that GitHub gives a heading.
func slug(text string) string {
	return strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(text), ""), " ", "-")
}

func anchors(page string) map[string]bool {
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		all[slug(m[1])] = true
	}
	return all
}

// TestLinks: every link within the repository leads somewhere, headings
// included.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			if problem := follow(all, name, m[1]); problem != "" {
				t.Errorf("%s: %s", name, problem)
			}
		}
	}
	for _, broken := range []string{"nowhere.md", "README.md#nowhere", "#nowhere"} {
		if follow(all, "README.md", broken) == "" {
			t.Errorf("%s is taken for a good link", broken)
		}
	}
}

func follow(all map[string]string, from, to string) (problem string) {
	if strings.Contains(to, "://") {
		if !strings.HasPrefix(to, "https://") {
			return to + " is not https"
		}
		return ""
	}
	file, anchor, _ := strings.Cut(to, "#")
	target := from
	if file != "" {
		target = filepath.ToSlash(filepath.Join(filepath.Dir(from), file))
	}
	if _, err := os.Stat(filepath.Join("..", target)); err != nil {
		return "there is no " + target
	}
	if anchor != "" && !anchors(all[target])[anchor] {
		return target + " has no heading " + anchor
	}
	return ""
}
