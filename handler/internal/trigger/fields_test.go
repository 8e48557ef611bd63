package trigger

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzDecodeFields holds the decoder to its law: it takes exactly the JSON
// objects whose names are known, each there once, with text in each that is
// neither empty nor over-long; and reads them as encoding/json does.
func FuzzDecodeFields(f *testing.F) {
	for _, body := range []string{
		`{"user":"5f0c3a52-7f0e-4d0c-9b52-0a4f8c1d2e3f","store":"000135"}`,
		` { "store" : "\u0030" , "user" : "\ud83d\ude00" } `,
		`{}`, `null`, `[]`, `"user"`, ``, `{`, `{"user"`, `{"user":`, `{"user":"a"`, `{"user":"a",}`, `{,}`,
		`{"user":"a"}{}`, `{"user":"a"}}`, `{"user":"a"} x`, `{"user":"a" "store":"b"}`, `{"user","a"}`,
		`{"user":"a","user":"b"}`, `{"user":"a","us\u0065r":"b"}`, `{"User":"a"}`, `{"user":null}`, `{"user":1e999}`,
		`{"user":{"user":"a"}}`, `{"user":["a"]}`, `{"user":" "}`, `{"other":"a"}`, `{1:"a"}`, `{"user":"\ud800"}`,
		"{\"user\":\"\xff\"}", "\ufeff{}",
		`{"user":"` + strings.Repeat("a", 256) + `"}`, `{"user":"` + strings.Repeat("a", 257) + `"}`,
	} {
		f.Add([]byte(body))
	}
	known := []string{userField, storeField}
	f.Fuzz(func(t *testing.T, body []byte) {
		given, err := decodeFields(body, known)
		want, good := plainly(body, known)
		if good != (err == nil) {
			t.Fatalf("good: %t, error: %v", good, err)
		}
		if good && !maps.Equal(given, want) {
			t.Fatalf("read %q, want %q", given, want)
		}
	})
}

// plainly reads fields by way of what encoding/json makes of the whole body.
func plainly(body []byte, known []string) (fields map[string]string, good bool) {
	var values map[string]*string
	if !utf8.Valid(body) || json.Unmarshal(body, &values) != nil || values == nil {
		return nil, false
	}
	// Braces, names and values: more of them means that a name is there twice.
	tokens := 0
	for decoder := json.NewDecoder(bytes.NewReader(body)); ; tokens++ {
		if _, err := decoder.Token(); err != nil {
			break
		}
	}
	fields = map[string]string{}
	for _, name := range known {
		if value := values[name]; value != nil && strings.TrimSpace(*value) != "" && len(*value) <= 256 {
			fields[name] = *value
		}
	}
	return fields, len(fields) == len(values) && tokens == 2+2*len(values)
}
