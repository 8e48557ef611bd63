package task

import (
	"iter"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// maxDistance is how many letters a word may differ in from the one it is taken
// to be a slip of.
const maxDistance = 2

// targetWords splits the notes of a Send task.
func targetWords(notes string) []string {
	words := strings.FieldsFunc(notes, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' })
	var kept []string
	for _, word := range words {
		if word = strings.Join(strings.Fields(word), " "); word != "" {
			kept = append(kept, word)
		}
	}
	return kept
}

// Resolve returns the stores that the list's targets name, sorted, and adds to
// its mistakes the words that name none. named returns the stores of a word, and
// known yields the words there are, for a suggestion.
func (l *List) Resolve(named func(word string) ([]org.StoreNumber, bool), known iter.Seq[string]) []org.StoreNumber {
	var stores []org.StoreNumber
	var unknown, empty []string
	for _, word := range l.Words {
		numbers, ok := named(word)
		switch {
		case !ok:
			unknown = append(unknown, word)
		case len(numbers) == 0:
			empty = append(empty, word)
		}
		stores = append(stores, numbers...)
	}
	if len(unknown) > 0 {
		l.Mistakes = append(l.Mistakes, unknownSentence(unknown, suggestions(unknown, known)))
	}
	if len(empty) > 0 {
		l.mistake("No open store with a team: %s.", several(empty))
	}
	return sortedUnion(stores, nil)
}

// suggestions returns, for each word that one is near to, the nearest known one.
func suggestions(unknown []string, known iter.Seq[string]) []string {
	nearest := make([]string, len(unknown))
	distance := make([]int, len(unknown))
	for candidate := range known {
		for i, word := range unknown {
			// A word of three letters is within two letters of anything.
			near := min(maxDistance, len([]rune(word))/2)
			d := editDistance(strings.ToLower(word), strings.ToLower(candidate))
			if d > near {
				continue
			}
			if nearest[i] == "" || d < distance[i] || d == distance[i] && candidate < nearest[i] {
				nearest[i], distance[i] = candidate, d
			}
		}
	}
	var found []string
	for _, word := range nearest {
		if word != "" && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return found
}

// editDistance counts the letters to insert, delete or replace to make one word
// of the other (Levenshtein), or returns a number above maxDistance.
func editDistance(a, b string) int {
	from, to := []rune(a), []rune(b)
	if max(len(from)-len(to), len(to)-len(from)) > maxDistance {
		return maxDistance + 1
	}
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, letter := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, other := range to {
			replaced := diagonal
			if letter != other {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
