package hint_test

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/org"
)

const (
	etag   = `W/"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBASCc="`
	teams  = "teams:" + "pK6-1oXnQ0mVd9c0b1Qe2pgAB3xy"
	rowKey = "commerce:8d1f0000-0000-4000-8000-00000000000a/8d1f0000-0000-4000-8000-00000000000b"
)

// What is on the wire stays as it is: queues outlive versions of the app.
func TestEncode(t *testing.T) {
	cases := []struct {
		h    hint.Hint
		want string
	}{
		{hint.Hint{Kind: hint.Task, Store: "000135", Key: "teams:x", Seen: "1", Attempt: 2}, `{"v":1,"kind":"task","store":"000135","key":"teams:x","seen":"1","attempt":2}`},
		{hint.Hint{Kind: hint.Store, Store: "000135"}, `{"v":1,"kind":"store","store":"000135"}`},
		{hint.Hint{Kind: hint.List}, `{"v":1,"kind":"list"}`},
	}
	for _, c := range cases {
		body := c.h.Encode()
		if string(body) != c.want {
			t.Errorf("%+v is written %s, want %s", c.h, body, c.want)
		}
		if got, err := hint.Parse(body); err != nil || got != c.h {
			t.Errorf("%s is read as %+v, %v", body, got, err)
		}
	}
	if got, err := hint.Parse([]byte(` {"v":1,"kind":"list","store":"","key":"","seen":"","attempt":0} ` + "\n")); err != nil || got != (hint.Hint{Kind: hint.List}) {
		t.Errorf("empty parts are read as %+v, %v", got, err)
	}
}

func TestParseRefuses(t *testing.T) {
	long := strings.Repeat("x", 129)
	cases := []struct{ name, body, want string }{
		{"nothing", ``, "the hint is not the JSON of one: it ends too early"},
		{"half of one", `{"v":1,"kind":"ta`, "the hint is not the JSON of one: it ends too early"},
		{"no JSON", `hello`, "the hint is not the JSON of one: invalid character 'h' looking for beginning of value"},
		{"null", `null`, "the hint is not the JSON of one: it is null"},
		{"an array", `[]`, `the hint is not the JSON of one: it is a JSON "array"`},
		{"no UTF-8", "{\"v\":1,\"kind\":\"list\xff\"}", "the hint is not UTF-8"},
		{"another type", `{"v":1,"kind":7}`, `the hint is not the JSON of one: "kind" is a JSON "number"`},
		{"half an attempt", `{"v":1,"kind":"list","attempt":0.5}`, `the hint is not the JSON of one: "attempt" is a JSON "number 0.5"`},
		{"another part", `{"v":1,"kind":"list","what":"done"}`, `the hint is not the JSON of one: unknown field "what"`},
		{
			"another part, long and strange", `{"v":1,"` + strings.Repeat("\u202e", 200) + `":1}`,
			`the hint is not the JSON of one: unknown field "` + strings.Repeat(`\u202e`, 10) + `\u202…`,
		},
		{"more behind it", `{"v":1,"kind":"list"} {"v":1}`, `the hint is followed by more: "\"v\":1}"`},
		{"too much", `{"v":1,"kind":"list"}` + strings.Repeat(" ", hint.MaxSize), "the hint has 4117 bytes; more than 4096 are none"},
		{"no version", `{"kind":"list"}`, "the hint is of version 0; this app knows version 1"},
		{"another version", `{"v":2,"kind":"list"}`, "the hint is of version 2; this app knows version 1"},
		{"no kind", `{"v":1}`, "the hint has no kind"},
		{"another kind", `{"v":1,"kind":"vehicle"}`, `"vehicle" is no kind of hint that this app knows`},
		{"a strange kind", `{"v":1,"kind":"\u202etask"}`, `"\u202etask" is no kind of hint that this app knows`},
		{"a long kind", `{"v":1,"kind":"` + long + `"}`, `"` + long[:40] + `"… is no kind of hint that this app knows`},
		{"a task without a store", `{"v":1,"kind":"task","key":"teams:x"}`, "a hint of kind task needs a store"},
		{"a store without a store", `{"v":1,"kind":"store"}`, "a hint of kind store needs a store"},
		{"a list with a store", `{"v":1,"kind":"list","store":"1"}`, `a hint of kind list is about no store, and names "1"`},
		{"a task without a key", `{"v":1,"kind":"task","store":"1"}`, "a hint of kind task needs a key"},
		{"a store with a key", `{"v":1,"kind":"store","store":"1","key":"teams:x"}`, `a hint of kind store has no key, and this one has "teams:x"`},
		{"a key of no side", `{"v":1,"kind":"task","store":"1","key":"x:y"}`, keyError(`"x:y"`)},
		{"a key without an id", `{"v":1,"kind":"task","store":"1","key":"teams:"}`, keyError(`"teams:"`)},
		{"a key of a task and a half", `{"v":1,"kind":"task","store":"1","key":"teams:x/y"}`, keyError(`"teams:x/y"`)},
		{"a process alone", `{"v":1,"kind":"task","store":"1","key":"commerce:x"}`, keyError(`"commerce:x"`)},
		{"no task", `{"v":1,"kind":"task","store":"1","key":"commerce:x/"}`, keyError(`"commerce:x/"`)},
		{"no process", `{"v":1,"kind":"task","store":"1","key":"commerce:/x"}`, keyError(`"commerce:/x"`)},
		{"too much of a task", `{"v":1,"kind":"task","store":"1","key":"commerce:x/y/z"}`, keyError(`"commerce:x/y/z"`)},
		{"a negative attempt", `{"v":1,"kind":"list","attempt":-1}`, "the hint's attempt is -1; it may be 0 to 1000"},
		{"too many attempts", `{"v":1,"kind":"list","attempt":1001}`, "the hint's attempt is 1001; it may be 0 to 1000"},
		{"a long store", `{"v":1,"kind":"store","store":"` + long + `"}`, `the hint's store has 129 bytes, more than 128: "` + long[:40] + `"…`},
		{
			"a long key", `{"v":1,"kind":"task","store":"1","key":"teams:` + strings.Repeat("é", 148) + `"}`,
			`the hint's key has 302 bytes, more than 300: "teams:` + strings.Repeat(`\u00e9`, 34) + `"…`,
		},
		{"a long version", `{"v":1,"kind":"list","seen":"` + strings.Repeat("x", 301) + `"}`, `the hint's seen has 301 bytes, more than 300: "` + long[:40] + `"…`},
		{"a line break", `{"v":1,"kind":"store","store":"1\n2"}`, `the hint's store has characters that are not printed: "1\n2"`},
		{"letters of other alphabets", `{"v":1,"kind":"store","store":"é\n"}`, `the hint's store has characters that are not printed: "\u00e9\n"`},
		{"a blank around", `{"v":1,"kind":"store","store":"1 "}`, `the hint's store has characters that are not printed: "1 "`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h, err := hint.Parse([]byte(c.body))
			if err == nil || err.Error() != c.want || h != (hint.Hint{}) {
				t.Errorf("got %+v,\n%v, want\n%v", h, err, c.want)
			}
		})
	}
}

func keyError(key string) string {
	return "a task's key is teams:<id> or commerce:<process>/<task>, not " + key
}

func TestMessageID(t *testing.T) {
	store := org.StoreNumber("000135")
	cases := []struct {
		name string
		h    hint.Hint
		want string
	}{
		{"a task in Teams", hint.Hint{Kind: hint.Task, Store: store, Key: teams, Seen: etag}, "task:000135:" + teams + "@" + etag},
		{"tried before", hint.Hint{Kind: hint.Task, Store: store, Key: "teams:x", Seen: "1", Attempt: 3}, "task:000135:teams:x@1#3"},
		{"a store", hint.Hint{Kind: hint.Store, Store: store, Seen: "1"}, "store:000135:@1"},
		{"the lists", hint.Hint{Kind: hint.List, Seen: "1"}, "list::@1"},
		{"no version", hint.Hint{Kind: hint.Store, Store: store}, ""},
		{"no version, tried before", hint.Hint{Kind: hint.Store, Store: store, Attempt: 1}, ""},
		{"128 characters", hint.Hint{Kind: hint.Task, Store: store, Key: rowKey, Seen: strings.Repeat("s", 33)}, "task:000135:" + rowKey + "@" + strings.Repeat("s", 33)},
		{
			"129 characters", hint.Hint{Kind: hint.Task, Store: store, Key: rowKey, Seen: strings.Repeat("s", 34)},
			"task#5fbe135527686089e0c22e6ecb0e680760e622c3a1cf7cf3651d9b347417dbfb",
		},
		{"a store like a border", hint.Hint{Kind: hint.Store, Store: "0:1", Seen: "1"}, "store#ac8c23352eb0eaa6c00f24bacc1e168413e4434be91c25550cf7141670fcf9b9"},
		{"a key like a border", hint.Hint{Kind: hint.Task, Store: store, Key: "teams:x@1", Seen: "1"}, "task#7351de2aa08ee7c8ef759815aec8057aa7f2eada92fd6d922f3d47cb4b2f9320"},
		{"a version like an attempt", hint.Hint{Kind: hint.List, Seen: "1#1"}, "list#6c433343a9ef4e544fef062690c907b1bec6af7ea9d788d324488bf6bf944b05"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.h.MessageID(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSessionID(t *testing.T) {
	for want, h := range map[string]hint.Hint{
		"000135": {Kind: hint.Task, Store: "000135", Key: "teams:x"},
		"000136": {Kind: hint.Store, Store: "000136"},
		"list":   {Kind: hint.List},
	} {
		if got := h.SessionID(); got != want {
			t.Errorf("%+v is in the session %q, want %q", h, got, want)
		}
	}
}

func drawHint(t *rapid.T, name string) hint.Hint {
	// Few characters, so that parts are often like each other's borders.
	part := func(part string, least, most int) string {
		return rapid.StringOfN(rapid.SampledFrom([]rune("a:@#1")), least, most, -1).Draw(t, name+" "+part)
	}
	h := hint.Hint{
		Kind: rapid.SampledFrom([]hint.Kind{hint.Task, hint.Store, hint.List}).Draw(t, name),
		Seen: part("seen", 1, 4), Attempt: rapid.IntRange(0, 2).Draw(t, name+" attempt"),
	}
	if h.Kind != hint.List {
		h.Store = org.StoreNumber(part("store", 1, 4))
	}
	if h.Kind == hint.Task {
		h.Key = rapid.SampledFrom([]string{"teams:", "commerce:p/"}).Draw(t, name+" side") + part("key", 1, 4)
	}
	return h
}

// Different hints have different ids, and equal ones the same.
func TestMessageIDsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := map[string]hint.Hint{}
		for range 20 {
			h := drawHint(t, "hint")
			id := h.MessageID()
			if other, is := seen[id]; is && other != h {
				t.Fatalf("%+v and %+v both have %q", h, other, id)
			}
			if seen[id] = h; h.MessageID() != id {
				t.Fatalf("%+v has two ids", h)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"task","store":"000135","key":"teams:x","seen":"W/\"x\"","attempt":1}`))
	f.Add([]byte(`{"v":1,"kind":"task","store":"000135","key":"commerce:p/t"}`))
	f.Add([]byte(`{"v":1,"kind":"store","store":"0:1@2#3","seen":"#1"}`))
	f.Add([]byte(`{"v":1,"kind":"list","seen":"2026-11-24T12:00:00Z"}`))
	f.Add([]byte(`{"v":1,"kind":"list"} x`))
	f.Add([]byte(`{"v":"1","KIND":null,"attempt":1e400}`))
	f.Add([]byte("\x00\xff{"))
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := hint.Parse(body)
		if err != nil {
			if text := err.Error(); len(text) > 700 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q is refused with %q", body, text)
			}
			return
		}
		if again, err := hint.Parse(h.Encode()); err != nil || again != h {
			t.Errorf("%+v comes back as %+v, %v", h, again, err)
		}
		if id := h.MessageID(); len(id) > 128 || (id == "") != (h.Seen == "") {
			t.Errorf("%+v has the id %q", h, id)
		}
		if id := h.SessionID(); id == "" || len(id) > 128 {
			t.Errorf("%+v has the session %q", h, id)
		}
	})
}
