package trigger

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestUnwrap(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ raw, want string }{
		"text":                  {`"\"abc\""`, `"abc"`},
		"plain text":            {`"abc"`, `"abc"`},
		"empty text":            {`""`, `""`},
		"blank text":            {`" "`, `" "`},
		"text with blanks":      {`"\" abc \""`, `" abc "`},
		"number in text":        {`"1"`, `"1"`},
		"flag in text":          {`"true"`, `"true"`},
		"null in text":          {`"null"`, `"null"`},
		"number":                {`1`, `1`},
		"list in text":          {`"[1,2]"`, `[1,2]`},
		"list of text":          {`"[\"a\"]"`, `["a"]`},
		"object":                {`{"a":"{}"}`, `{"a":"{}"}`},
		"object in text":        {`"{\"a\":1}"`, `{"a":1}`},
		"object in text twice":  {`"\"{\\\"a\\\":1}\""`, `{"a":1}`},
		"base64":                {`"eyJhIjoxfQ=="`, `"eyJhIjoxfQ=="`},
		"date":                  {`"2025-02-18T03:06:19+00:00"`, `"2025-02-18T03:06:19+00:00"`},
		"broken object in text": {`"{\"a\":"`, `"{\"a\":"`},
		"missing":               {``, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := unwrap(json.RawMessage(tc.raw)); string(got) != tc.want {
				t.Errorf("unwrap(%s) = %s, want %s", tc.raw, got, tc.want)
			}
		})
	}
}

// FuzzDecodeEnvelope holds the decoder to two laws: it accepts exactly the JSON
// objects, and what it unwraps is JSON that needs no more unwrapping. Its
// corpus in testdata has each encoding of the host's.
func FuzzDecodeEnvelope(f *testing.F) {
	f.Add([]byte(`{"Data":{"timer":{"IsPastDue":true}},"Metadata":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decodeEnvelope(body)
		isObject := json.Valid(body) && bytes.TrimLeft(body, " \t\r\n")[0] == '{'
		if isObject != (err == nil) {
			t.Fatalf("object: %t, error: %v", isObject, err)
		}
		for name, raw := range e.Data {
			value := unwrap(raw)
			if !json.Valid(value) || !bytes.Equal(value, unwrap(value)) {
				t.Fatalf("%q: unwrap(%s) = %s", name, raw, value)
			}
			var tick timer
			e.value(name, &tick)
		}
	})
}
