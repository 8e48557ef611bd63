package config

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// The functions of this file each return what reads one kind of value into a
// place. Values come trimmed, not empty, in UTF-8 and without control
// characters. An error's text never repeats the value.

// word reads one of a few words, in any case. Words of other versions are
// refused with a sentence of their own.
func word[W ~string](into *W, refused map[string]string, words ...W) func(string) error {
	return func(value string) error {
		lower := strings.ToLower(value)
		if sentence, ok := refused[lower]; ok {
			return refusal(sentence)
		}
		if !slices.Contains(words, W(lower)) {
			return errExpected
		}
		*into = W(lower)
		return nil
	}
}

// refusal says why a value that is well formed is not accepted.
type refusal string

func (r refusal) Error() string { return string(r) }

func yesNo(into *bool) func(string) error {
	return func(value string) error {
		var answer string
		err := word(&answer, nil, "yes", "no")(value)
		*into = answer == "yes"
		return err
	}
}

func number(into *int, least, most int) func(string) error {
	return func(value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return errExpected
		}
		*into = n
		return nil
	}
}

func duration(into *time.Duration, least, most time.Duration) func(string) error {
	return func(value string) error {
		d, err := parseDuration(value)
		switch {
		case err != nil && isNumber(value):
			return refusal("a number without a unit")
		case err != nil || d < least || d > most:
			return errExpected
		}
		*into = d
		return nil
	}
}

// parseDuration reads what [time.ParseDuration] reads, and whole days of 24
// hours in front of it: 30d, 1d12h.
func parseDuration(value string) (time.Duration, error) {
	days, rest, found := strings.Cut(value, "d")
	if !found {
		return time.ParseDuration(value)
	}
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, err
	}
	d := time.Duration(n) * 24 * time.Hour
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil || rest[0] == '-' || rest[0] == '+' {
		return 0, errExpected
	}
	return d + more, nil
}

func isNumber(value string) bool {
	_, err := strconv.ParseFloat(value, 64)
	return err == nil
}

func guid(into *string) func(string) error {
	return func(value string) error {
		// A tenant or client id is no user's, but written in the same way.
		id, err := org.ParseUserID(value)
		if err != nil || id.IsZero() {
			return errExpected
		}
		*into = id.String()
		return nil
	}
}

func instance(into *string) func(string) error {
	return func(value string) error {
		notAllowed := func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }
		if len(value) > 12 || strings.ContainsFunc(value, notAllowed) {
			return errExpected
		}
		*into = value
		return nil
	}
}

// text reads a name of at most maxName characters, counted in UTF-16 as
// Microsoft does.
func text(into *string) func(string) error {
	return func(value string) error {
		if len(utf16.Encode([]rune(value))) > maxName {
			return errExpected
		}
		*into = value
		return nil
	}
}

// template reads text with at least one of the placeholders, and with no
// braces that are not part of one.
func template(into *string, placeholders ...string) func(string) error {
	return func(value string) error {
		plain := value
		for _, p := range placeholders {
			plain = strings.ReplaceAll(plain, p, "")
		}
		if plain == value || strings.ContainsAny(plain, "{}") {
			return errExpected
		}
		return text(into)(value)
	}
}

// list reads at least one entry. Nothing but commas is a mistake rather than
// an empty list, which often means "everything".
func list(into *[]string) func(string) error {
	return func(value string) error {
		*into = entries(value)
		if len(*into) == 0 {
			return errExpected
		}
		return nil
	}
}

// entries splits a list at its commas. Entries may be quoted one by one;
// empty and repeated ones are dropped, the order stays.
func entries(value string) []string {
	var all []string
	for entry := range strings.SplitSeq(value, ",") {
		if entry = unquote(entry); entry != "" && !slices.Contains(all, entry) {
			all = append(all, entry)
		}
	}
	return all
}

// accounts reads users. What it says about bad ones counts the entries from
// one, without empty and repeated ones: a person's address is not to be printed.
func accounts(into *[]string) func(string) error {
	return func(value string) error {
		var all, bad []string
		for i, entry := range entries(value) {
			account, ok := parseAccount(entry)
			switch {
			case !ok:
				bad = append(bad, strconv.Itoa(i+1))
			case !slices.Contains(all, account):
				all = append(all, account)
			}
		}
		switch {
		case len(bad) > 0:
			return refusal("wrong at entry " + strings.Join(bad, ", "))
		case len(all) == 0:
			return errExpected
		}
		*into = all
		return nil
	}
}

// parseAccount returns an object id or a user principal name in lower case.
func parseAccount(entry string) (account string, ok bool) {
	if id, err := org.ParseUserID(entry); err == nil {
		return id.String(), !id.IsZero()
	}
	local, domain, found := strings.Cut(entry, "@")
	if !found || local == "" || strings.ContainsAny(entry, " \t\"'<>()/\\;:") || strings.Contains(domain, "@") {
		return "", false
	}
	// A verified domain of a tenant has two labels at least.
	labels := strings.Split(domain, ".")
	if len(labels) < 2 || slices.Contains(labels, "") {
		return "", false
	}
	return strings.ToLower(entry), true
}
