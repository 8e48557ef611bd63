package cli

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// document is text of several lines, such as a run's plan. Every other text in
// an answer is one line, and is shown as one whatever it contains.
type document string

// risky reports whether a terminal might obey the character rather than show it:
// control characters, among them the escape that begins every sequence, and
// those that turn the direction of writing or break a line.
func risky(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// harmlessLine makes every risky character visible, line ends too.
func harmlessLine(text string) string { return visible(text, "") }

// harmlessText is harmlessLine for text of several lines.
func harmlessText(text string) string { return visible(text, "\n\t") }

func visible(text, but string) string {
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	if !strings.ContainsFunc(text, risky) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if risky(r) && !strings.ContainsRune(but, r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// harmlessJSON escapes what JSON lets stand in a string and a terminal might
// obey, in indented JSON. The value stays the same: visible's escapes are JSON's,
// and outside of strings there are no characters but JSON's own.
func harmlessJSON(text []byte) []byte { return []byte(harmlessText(string(text))) }

// harmless makes every text in a decoded answer harmless, in place. v is a
// pointer to it.
func harmless(v any) { cleanse(reflect.ValueOf(v).Elem()) }

func cleanse(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		cleanseString(v)
	case reflect.Pointer:
		if !v.IsNil() {
			cleanse(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			cleanse(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			cleanse(v.Field(i))
		}
	case reflect.Map:
		cleanseMap(v)
	}
}

func cleanseString(v reflect.Value) {
	switch {
	case !v.CanSet(): // not from an answer: a field nobody outside its package can fill
	case v.Type() == reflect.TypeFor[document]():
		v.SetString(harmlessText(v.String()))
	default:
		v.SetString(harmlessLine(v.String()))
	}
}

// cleanseMap makes keys and values harmless. What is in a map cannot be changed
// there, so each pair is replaced by a clean copy.
func cleanseMap(v reflect.Value) {
	for _, key := range v.MapKeys() {
		cleanKey, value := reflect.New(key.Type()).Elem(), reflect.New(v.Type().Elem()).Elem()
		cleanKey.Set(key)
		value.Set(v.MapIndex(key))
		cleanse(cleanKey)
		cleanse(value)
		v.SetMapIndex(key, reflect.Value{})
		v.SetMapIndex(cleanKey, value)
	}
}
