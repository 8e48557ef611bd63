package task

import (
	"slices"
	"strings"
	"unicode"
)

// Planner has one description for three fields. It is written for people, who may
// change it as they like:
//
//	what is to be done
//
//	Contact: whom to ask
//
//	--- Progress ---
//	how it goes
//
// Instructions that contain a line like the separator get a backslash before it.
// A line "Contact:" with nothing behind it is written only where another line
// would be taken for it.
const (
	contactPrefix = "Contact:"
	separator     = "--- Progress ---"
)

// ComposeDescription returns the description that shows these values' Instructions,
// Contact and Progress. ParseDescription reads it; for canonical values exactly.
func ComposeDescription(v Values) string {
	instructions := strings.Split(CanonText(v[Instructions]), "\n")
	contact, progress := CanonLine(v[Contact]), CanonText(v[Progress])
	ambiguous := slices.ContainsFunc(instructions, isContact) || slices.ContainsFunc(strings.Split(progress, "\n"), isContact)
	for i, line := range instructions {
		if isSeparator(strings.TrimLeft(line, `\`)) {
			instructions[i] = `\` + line
		}
	}
	parts := []string{strings.Join(instructions, "\n")}
	if contact != "" || ambiguous {
		parts = append(parts, strings.TrimSpace(contactPrefix+" "+contact))
	}
	if progress != "" {
		parts = append(parts, separator+"\n"+progress)
	}
	return strings.TrimPrefix(strings.Join(parts, "\n\n"), "\n\n")
}

// ParseDescription returns the Instructions, Contact and Progress that a
// description shows, all three. Progress is what follows the first separator;
// Contact is the last line that says so before it or, if none does, behind it.
// All the rest is instructions: no text is lost, whatever people wrote.
func ParseDescription(text string) Values {
	instructions := strings.Split(CanonText(text), "\n")
	var progress []string
	if at := slices.IndexFunc(instructions, isSeparator); at >= 0 {
		instructions, progress = instructions[:at], instructions[at+1:]
	}
	instructions, contact, found := cutContact(instructions)
	if !found {
		progress, contact, _ = cutContact(progress)
	}
	for i, line := range instructions {
		if isSeparator(strings.TrimLeft(line, `\`)) {
			instructions[i] = line[1:]
		}
	}
	return Values{
		Instructions: CanonText(strings.Join(instructions, "\n")),
		Contact:      contact,
		Progress:     CanonText(strings.Join(progress, "\n")),
	}
}

// cutContact takes the last line with a contact out of lines.
func cutContact(lines []string) (rest []string, contact string, found bool) {
	for i, line := range slices.Backward(lines) {
		if isContact(line) {
			_, contact, _ = strings.Cut(line, ":")
			return slices.Delete(slices.Clone(lines), i, i+1), CanonLine(contact), true
		}
	}
	return lines, "", false
}

func isContact(line string) bool {
	line = strings.TrimSpace(line)
	return len(line) >= len(contactPrefix) && strings.EqualFold(line[:len(contactPrefix)], contactPrefix)
}

// isSeparator reports whether people would take a line for the separator: the word
// between dashes, of any length and kind (some keyboards make "—" of "---").
func isSeparator(line string) bool {
	word := strings.TrimFunc(line, func(r rune) bool { return unicode.Is(unicode.Pd, r) || unicode.IsSpace(r) })
	line = strings.TrimSpace(line)
	return strings.EqualFold(word, "progress") && !strings.HasPrefix(line, word) && !strings.HasSuffix(line, word)
}
