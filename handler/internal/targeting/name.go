package targeting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plainLetter writes a Latin letter that is no letter with a mark, and drops
// what people do not see as parting words.
func plainLetter(r rune) (plain string, known bool) {
	const single, plainSingle = "øØłŁđĐðÐıħĦ", "oOlLdDdDihH"
	switch r {
	case 'ß':
		return "ss", true
	case 'æ':
		return "ae", true
	case 'Æ':
		return "AE", true
	case 'œ':
		return "oe", true
	case 'Œ':
		return "OE", true
	case 'þ':
		return "th", true
	case 'Þ':
		return "Th", true
	case '\'', '’':
		return "", true
	}
	i := slices.Index([]rune(single), r)
	if i < 0 {
		return "", false
	}
	return plainSingle[i : i+1], true
}

// plainName writes a text with what a TargetName may have: A-Z, a-z, 0-9 and
// single spaces between. Marks come off their letters, anything else parts
// words. Lost says that letters or digits had to go.
func plainName(text string) (name string, lost bool) {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch plain, known := plainLetter(r); {
		case allowed(r):
			b.WriteRune(r)
		case known:
			b.WriteString(plain)
		case unicode.Is(unicode.Mn, r):
		default:
			lost = lost || unicode.IsLetter(r) || unicode.IsNumber(r)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " "), lost
}

// allowed reports whether a TargetName may have the character, spaces aside.
func allowed(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// shorten cuts a plain name to a number of characters, each of which is a byte.
func shorten(name string, limit int) string {
	return strings.TrimRight(name[:min(len(name), limit)], " ")
}

// extend adds a word to a plain name, at the cost of the name's end.
func extend(name, word string) string {
	word, _ = plainName(word)
	word = shorten(word, maxName/2)
	return strings.TrimSpace(shorten(name, maxName-1-len(word)) + " " + word)
}

// name gives every node a name that obeys the rules. It says so where a name
// is not what people call the node, punctuation aside: of that, team names are
// full.
func (b *builder) name() {
	shared := map[string]int{}
	reasons := make(map[*node][]string, len(b.nodes))
	punctuation := 0
	for _, n := range b.nodes {
		plain, lost := plainName(n.wish)
		switch n.name = shorten(plain, maxName); {
		case plain == "":
			n.name = extend(n.kind, n.key)
			reasons[n] = append(reasons[n], "it has no name in letters A-Z or digits")
		case lost:
			reasons[n] = append(reasons[n], "only A-Z, a-z, 0-9 and spaces may be in a name")
		case plain != n.wish:
			punctuation++
		}
		if len(plain) > maxName {
			reasons[n] = append(reasons[n], fmt.Sprintf("a name has at most %d characters", maxName))
		}
		shared[strings.ToLower(n.name)]++
	}
	b.nameApart(shared, reasons)
	if punctuation > 0 {
		b.note("names", "", "%d names are written without marks and punctuation: only A-Z, a-z, 0-9 and spaces may be in a name", punctuation)
	}
	for _, n := range b.nodes {
		if len(reasons[n]) > 0 {
			b.note(n.subject, "Give it another name in Commerce if this one will not do.", "it is called %q in the file: %s", n.name, strings.Join(reasons[n], "; "))
		}
	}
}

// nameApart tells nodes of one name apart, all of them: one that kept the bare
// name would look like the one that is meant. Names that were no other's stay.
func (b *builder) nameApart(shared map[string]int, reasons map[*node][]string) {
	taken := make(map[string]bool, len(b.nodes))
	var double []*node
	for _, n := range b.nodes {
		if fold := strings.ToLower(n.name); shared[fold] == 1 {
			taken[fold] = true
		} else {
			double = append(double, n)
		}
	}
	for _, n := range double {
		apart := extend(n.name, n.key)
		for i := 2; taken[strings.ToLower(apart)]; i++ {
			apart = extend(extend(n.name, n.key), strconv.Itoa(i))
		}
		n.name = apart
		taken[strings.ToLower(apart)] = true
		reasons[n] = append(reasons[n], "others have the same name")
	}
}
