package notify_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/notify"
	"github.com/storeteams/storeteams/handler/internal/org"
)

const (
	tenant       = "11111111-2222-3333-4444-555555555555"
	subscription = "aaaaaaaa-0000-0000-0000-000000000001"
	group        = "bbbbbbbb-0000-0000-0000-000000000001"
	user         = "cccccccc-0000-0000-0000-000000000001"
)

func key(id string) notify.Key {
	return notify.Key{ID: id, Secret: bytes.Repeat([]byte(id), 32)}
}

func keys(t testing.TB, instance string, all ...notify.Key) *notify.Keys {
	t.Helper()
	k, err := notify.NewKeys(instance, tenant, all)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, k *notify.Keys, about notify.Kind) string {
	t.Helper()
	state, err := k.Sign(about, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func TestClientStateIsGoodForItsKindAndInstance(t *testing.T) {
	t.Parallel()
	k := keys(t, "prod", key("a"))
	state := sign(t, k, notify.Groups)
	if len(state) >= 128 {
		t.Errorf("%d characters, Graph takes fewer than 128", len(state))
	}
	if !k.Verify(notify.Groups, state) {
		t.Error("its own is refused")
	}
	for name, refused := range map[string]bool{
		"another kind":     k.Verify(notify.Users, state),
		"another instance": keys(t, "test", key("a")).Verify(notify.Groups, state),
		"another secret": keys(t, "prod", notify.Key{ID: "a", Secret: bytes.Repeat([]byte("x"), 32)}).
			Verify(notify.Groups, state),
		"another id":  keys(t, "prod", key("b")).Verify(notify.Groups, state),
		"nothing":     k.Verify(notify.Groups, ""),
		"too long":    k.Verify(notify.Groups, state+strings.Repeat("A", 100)),
		"half of it":  k.Verify(notify.Groups, state[:len(state)/2]),
		"another MAC": k.Verify(notify.Groups, state[:len(state)-1]+"*"),
	} {
		if refused {
			t.Errorf("%s is taken", name)
		}
	}
	if sign(t, k, notify.Groups) == state {
		t.Error("two are equal")
	}
}

func TestSecretsAreExchanged(t *testing.T) {
	t.Parallel()
	before := keys(t, "prod", key("old"))
	during := keys(t, "prod", key("new"), key("old"))
	after := keys(t, "prod", key("new"))
	old, fresh := sign(t, before, notify.Users), sign(t, during, notify.Users)
	if during.Current() != "new" || !during.Verify(notify.Users, old) || !during.Verify(notify.Users, fresh) {
		t.Error("while they are exchanged both count, and the new one signs")
	}
	if after.Verify(notify.Users, old) || !after.Verify(notify.Users, fresh) {
		t.Error("afterwards only the new one counts")
	}
}

// Any change of any byte makes it another's.
func TestAnyChangedByteIsRefused(t *testing.T) {
	t.Parallel()
	k := keys(t, "prod", key("a"))
	rapid.Check(t, func(t *rapid.T) {
		state, err := k.Sign(notify.Groups, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		changed := []byte(state)
		i := rapid.IntRange(0, len(changed)-1).Draw(t, "at")
		changed[i] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		if k.Verify(notify.Groups, string(changed)) {
			t.Fatalf("%q is taken for %q", changed, state)
		}
	})
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	secret := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb}, 32))
	for text, want := range map[string]string{
		"a:" + secret:                               "a",
		"b:" + secret + ", a:" + secret:             "b a",
		"a:" + strings.ReplaceAll(secret, "+", "-"): "a",
		"":                             "",
		"a":                            "",
		"A:" + secret:                  "",
		"a:" + secret[:20]:             "",
		"a:" + secret + ",a:" + secret: "",
		"a:" + secret + ",b:" + secret + ",c:" + secret: "",
	} {
		parsed, err := notify.ParseKeys(text)
		var ids []string
		for _, k := range parsed {
			ids = append(ids, k.ID)
		}
		if got := strings.Join(ids, " "); got != want || (err == nil) != (want != "") {
			t.Errorf("%.12s…: %q, %v, want %q", text, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), secret[:16]) {
			t.Errorf("the error quotes the secret: %v", err)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", key("a"))
	if shown := fmt.Sprintf("%v %+v %#v %s", key("a"), key("a"), key("a"), log.String()); strings.Contains(shown, "aaaa") {
		t.Errorf("the secret is shown: %s", shown)
	}
}

func body(items ...string) []byte {
	return []byte(`{"value":[` + strings.Join(items, ",") + `]}`)
}

func change(resource, state string) string {
	return fmt.Sprintf(`{"id":"n","subscriptionId":%q,"clientState":%q,"changeType":"updated","resource":%q,"tenantId":%q,`+
		`"resourceData":{"@odata.type":"#Microsoft.Graph.Group","id":"x"}}`, subscription, state, resource, tenant)
}

func TestParse(t *testing.T) {
	t.Parallel()
	k := keys(t, "prod", key("a"))
	groups, users, members := sign(t, k, notify.Groups), sign(t, k, notify.Users), sign(t, k, notify.Members)
	lifecycle := func(event, state string) string {
		return fmt.Sprintf(`{"subscriptionId":%q,"clientState":%q,"lifecycleEvent":%q}`, subscription, state, event)
	}
	one := "g:" + group
	for name, test := range map[string]struct {
		body []byte
		want string
	}{
		"a group":              {body(change("Groups/"+group, groups)), one},
		"in another form":      {body(change("/groups('"+strings.ToUpper(group)+"')", groups)), one},
		"its members":          {body(change("groups/"+group+"/members/"+user, members)), one},
		"a team's members":     {body(change("teams('"+group+"')/members('MSMj')", members)), one},
		"a user":               {body(change("Users/"+user, users)), "u:" + user},
		"twice":                {body(change("Groups/"+group, groups), change("groups/"+group, groups)), one},
		"mixed":                {body(change("Users/"+user, users), change("Groups/"+group, groups)), one + " u:" + user},
		"lifecycle":            {body(lifecycle("missed", groups), lifecycle("missed", groups)), "l:missed"},
		"a lifecycle unsigned": {body(lifecycle("missed", "")), "-client state"},
		"a lifecycle unknown":  {body(lifecycle("expired", users)), "-unknown"},
		"of another kind":      {body(change("Groups/"+group, users)), "-client state"},
		"unsigned":             {body(change("Groups/"+group, "v1.a.b.c")), "-client state"},
		"of no kind":           {body(change("drives/"+group, groups)), "-unknown"},
		"no id":                {body(change("Groups/delta", groups)), "-unknown"},
		"too long a path":      {body(change("groups/"+group+"/members/"+user+"/x", groups)), "-unknown"},
		"another tenant":       {[]byte(strings.ReplaceAll(string(body(change("Groups/"+group, groups))), tenant, user)), "-tenant"},
		"wrong types":          {body(`{"subscriptionId":5}`, `7`, `null`, change("Groups/"+group, groups)), one + " -malformed -malformed -malformed"},
		"no subscription":      {body(`{"resource":"Groups/` + group + `"}`), "-malformed"},
		"nothing":              {body(), ""},
		"other things too":     {[]byte(`{"validationTokens":["x",{"y":[1]}],"value":[` + change("Groups/"+group, groups) + `],"z":null}`), one},

		"no JSON":          {[]byte("hello"), "error"},
		"empty":            {nil, "error"},
		"a list":           {[]byte(`[]`), "error"},
		"no value":         {[]byte(`{"values":[]}`), "error"},
		"value is no list": {[]byte(`{"value":{}}`), "error"},
		"cut off":          {body(change("Groups/"+group, groups))[:200], "error"},
		"something after":  {append(body(), " {}"...), "error"},
		"too long":         {append(body(), bytes.Repeat([]byte(" "), notify.MaxBody)...), "error"},
		"too deep":         {[]byte(`{"value":[` + strings.Repeat(`{"a":[`, 20) + strings.Repeat(`]}`, 20) + `]}`), "error"},
		"too many":         {body(slices.Repeat([]string{"{}"}, notify.MaxItems+1)...), "error"},
	} {
		got, err := notify.Parse(test.body, k, tenant)
		if text := told(got, err); text != test.want {
			t.Errorf("%s: %q (%v), want %q", name, text, err, test.want)
		}
	}
}

// told is a delivery as text.
func told(d notify.Delivery, err error) string {
	if err != nil {
		return "error"
	}
	var words []string
	for _, g := range d.Groups {
		words = append(words, "g:"+string(g))
	}
	for _, u := range d.Users {
		words = append(words, "u:"+u.String())
	}
	for _, l := range d.Lifecycle {
		words = append(words, "l:"+l.Event)
	}
	for _, reason := range slices.Sorted(maps.Keys(d.Dropped)) {
		for range d.Dropped[reason] {
			words = append(words, "-"+string(reason))
		}
	}
	return strings.Join(words, " ")
}

// In whatever order and however often items come, they say the same.
func TestOrderAndRepetitionSayNothing(t *testing.T) {
	t.Parallel()
	k := keys(t, "prod", key("a"))
	state := sign(t, k, notify.Groups)
	var items []string
	for i := range 40 {
		items = append(items, change(fmt.Sprintf("groups/bbbbbbbb-0000-0000-0000-%012d", i), state))
	}
	sorted := func(items []string) []org.TeamID {
		d, err := notify.Parse(body(items...), k, tenant)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Sorted(slices.Values(d.Groups))
	}
	want := sorted(items)
	mathrand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	if got := sorted(slices.Concat(items, items[:20])); !slices.Equal(got, want) || len(want) != 40 {
		t.Errorf("%d groups, want %d", len(got), len(want))
	}
}

// What is nested without end, or is a forged item a thousand times, makes nothing
// grow: the memory taken is less than the body's.
func TestHostileBodiesTakeLittle(t *testing.T) {
	k := keys(t, "prod", key("a"))
	for name, hostile := range map[string][]byte{
		"brackets": bytes.Repeat([]byte("["), notify.MaxBody),
		"objects":  bytes.Repeat([]byte(`{"a":`), notify.MaxBody/5),
		"spaces":   bytes.Repeat([]byte(" "), notify.MaxBody),
		"text":     []byte(`{"value":"` + strings.Repeat("x", notify.MaxBody-20)),
	} {
		result := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := notify.Parse(hostile, k, tenant); err == nil {
					b.Fatal("taken")
				}
			}
		})
		if took := result.AllocedBytesPerOp(); took > 4*notify.MaxBody {
			t.Errorf("%s: %d bytes", name, took)
		}
	}
}

func BenchmarkParse1000(b *testing.B) {
	k := keys(b, "prod", key("a"))
	state := sign(b, k, notify.Groups)
	var items []string
	for i := range 1000 {
		items = append(items, change(fmt.Sprintf("groups/bbbbbbbb-0000-0000-0000-%012d", i), state))
	}
	text := body(items...)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if d, err := notify.Parse(text, k, tenant); err != nil || len(d.Groups) != 1000 {
			b.Fatal(d, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	k := keys(f, "prod", key("a"))
	state, err := k.Sign(notify.Groups, bytes.NewReader(make([]byte, 64)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body(change("Groups/"+group, state)))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := notify.Parse(text, k, tenant)
		if err != nil {
			if d.Items != 0 {
				t.Fatal("a refused body was taken")
			}
			return
		}
		if !json.Valid(text) {
			t.Fatal("no JSON is taken")
		}
		dropped := 0
		for _, n := range d.Dropped {
			dropped += n
		}
		if told := len(d.Groups) + len(d.Users) + len(d.Lifecycle) + dropped; told > d.Items || d.Items > notify.MaxItems {
			t.Fatalf("%d of %d items", told, d.Items)
		}
		if len(d.Groups)+len(d.Users)+len(d.Lifecycle) > 0 && !bytes.Contains(text, []byte("v1")) && !bytes.Contains(text, []byte(`\u`)) {
			t.Fatal("unsigned items are taken")
		}
	})
}

func FuzzClientState(f *testing.F) {
	k := keys(f, "prod", key("a"), key("b"))
	state, err := k.Sign(notify.Users, bytes.NewReader(make([]byte, 64)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Fuzz(func(t *testing.T, text string) {
		if k.Verify(notify.Users, text) && text != state {
			t.Fatalf("%q is taken", text)
		}
	})
}
