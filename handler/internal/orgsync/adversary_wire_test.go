package orgsync_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// wire is the way of one process to one server, with the adversary on it.
type wire struct {
	*adversary
	asker    *asker
	host     string // the server's
	commerce bool
	to       http.RoundTripper
}

// between puts the adversary between a process and the servers.
func (a *adversary) between(p *asker) func(http.RoundTripper) http.RoundTripper {
	return func(to http.RoundTripper) http.RoundTripper {
		w := wire{adversary: a, asker: p, host: "127.0.0.1", to: to}
		if to.(inProcess).handler == http.Handler(a.commerce) {
			w.host, w.commerce = "127.0.0.2", true
		}
		return w
	}
}

// carry takes a request to the server and the answer back.
func (w wire) carry(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "http" || r.URL.Host != w.host {
		w.judge.accuse("a request left for %s://%s, and %s is its server", r.URL.Scheme, r.URL.Host, w.host)
		return nil, errors.New("no such host")
	}
	dice := w.diceFor(r)
	if w.gone {
		return w.serve(r, dice)
	}
	harm := ""
	if dice.IntN(100) < w.fails {
		harm = pickOne(dice, "refuse", "refuse", "refuse", "drop", "lose", "redirect", "cut", "cut", "junk", "link", "circle")
	}
	switch harm {
	case "refuse":
		resp := refusal(r, dice)
		if w.commerce && resp.StatusCode == http.StatusNotFound && !r.URL.Query().Has("$filter") && !r.URL.Query().Has("$skiptoken") {
			w.judge.lacking(w.asker, strings.TrimPrefix(r.URL.Path, "/data/"))
		}
		return resp, nil
	case "drop":
		return nil, errors.New("connection dropped")
	case "redirect":
		return elsewhere(r, dice), nil
	}
	if strings.Contains(r.URL.Path, "/deletedItems/") && r.Method == http.MethodGet && dice.IntN(100) < w.fibs {
		return pickOne(dice, answer(r, 404, ""), answer(r, 200, `{"@odata.type":"#microsoft.graph.group","id":"x"}`)), nil
	}
	resp, err := w.serve(r, dice, harm)
	if harm == "lose" && err == nil {
		return nil, errors.New("connection lost")
	}
	return resp, err
}

// diceFor are the numbers for a request: by who asks, what for, and how often.
func (w wire) diceFor(r *http.Request) *rand.Rand {
	label := r.Method + " " + w.host + w.names.Replace(r.URL.Path)
	if strings.Contains(r.URL.RawQuery, "filter") {
		label += " filtered"
	}
	label = strconv.Itoa(w.asker.id) + " " + label
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[label]++
	return w.dice(label, w.asked[label])
}

// serve has the server answer, lies about the answer, spoils it as told, and
// tells the judge what the process got.
func (w wire) serve(r *http.Request, dice *rand.Rand, harm ...string) (*http.Response, error) {
	writes := w.writes(r)
	if writes {
		w.writing.Lock()
		defer w.writing.Unlock()
	}
	resp, err := w.to.RoundTrip(r)
	if writes {
		w.judge.wrote(w.asker)
	}
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if writes {
		w.judge.refusedOwner(r, body)
	}
	how := strings.Join(harm, "")
	whole := resp.StatusCode == http.StatusOK && how == ""
	switch {
	case w.commerce && resp.StatusCode == http.StatusOK:
		body = w.serveCommerce(r, body, dice, whole)
	case resp.StatusCode == http.StatusOK && !writes:
		body = w.serveGraph(r, body, dice, whole)
	}
	resp.Body = spoil(resp, body, how, dice, w.host+strings.TrimSuffix(r.URL.Path, "/"))
	return resp, nil
}

// spoil makes an answer one that cannot be used.
func spoil(resp *http.Response, body []byte, how string, dice *rand.Rand, self string) io.ReadCloser {
	switch how {
	case "cut":
		cut := io.Reader(bytes.NewReader(body[:dice.IntN(len(body)+1)/2]))
		if dice.IntN(2) == 0 {
			cut = io.MultiReader(cut, broken{})
		}
		return io.NopCloser(cut)
	case "junk":
		body = []byte(pickOne(dice, "", "null", "[]", "{}", "<html>", `"ok"`, `{"value":{}}`, `{"value":null}`, `{"value":[{}],"value":[]}`, `{"value":[]`, strings.Repeat("[", 5000)))
	case "link":
		body = linked(body, foreignLink(dice, self))
		for _, name := range []string{"Location", "Content-Location"} {
			if resp.Header.Get(name) != "" {
				resp.Header.Set(name, foreignLink(dice, self))
			}
		}
	case "circle":
		body = linked(body, resp.Request.URL.String())
	}
	return io.NopCloser(bytes.NewReader(body))
}

// broken is the end of a connection that broke.
type broken struct{}

// Read implements io.Reader.
func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

var linkMember = regexp.MustCompile(`,?"@odata\.(nextLink|deltaLink)":"[^"]*"`)

// linked gives a page another link to the next, or none. A body that is no page
// is junk then.
func linked(body []byte, link string) []byte {
	body = linkMember.ReplaceAll(bytes.TrimSpace(body), nil)
	if !bytes.HasSuffix(body, []byte("}")) || !bytes.Contains(body, []byte(`"value"`)) {
		return []byte("junk")
	}
	return append(body[:len(body)-1:len(body)-1], []byte(`,"@odata.nextLink":`+strconv.Quote(link)+`}`)...)
}

// foreignLink leads to a server that is none of ours. Some look much like it.
func foreignLink(dice *rand.Rand, self string) string {
	host, path, _ := strings.Cut(self, "/")
	return pickOne(dice, "http://evil.example/", "https://"+host+"/", "http://"+host+":8080/", "//evil.example/",
		"http://"+host+"@evil.example/", "http://"+host+".evil.example/", "ftp://"+host+"/", "http://127.0.0.3/") + path
}

// refusal is an answer that refuses.
func refusal(r *http.Request, dice *rand.Rand) *http.Response {
	status := pickOne(dice, 500, 502, 503, 503, 504, 429, 429, 400, 401, 403, 404, 408, 409, 410, 412, 418, 507)
	resp := answer(r, status, pickOne(dice, "", "<html>", `{"error":{"code":"Oops","message":"x"}}`, `{"error":{"code":"syncStateNotFound"}}`, `{"error":"no"}`))
	if wait := pickOne(dice, "", "1", "7", "90", "400", "-5", "soon", "Sat, 01 Jan 2000 00:00:30 GMT"); wait != "" {
		resp.Header.Set("Retry-After", wait)
	}
	return resp
}

// elsewhere is an answer that leads to another server.
func elsewhere(r *http.Request, dice *rand.Rand) *http.Response {
	resp := answer(r, pickOne(dice, 301, 302, 303, 307, 308, 410, 201, 202), "")
	resp.Header.Set("Location", foreignLink(dice, r.URL.Host+r.URL.Path))
	return resp
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)), Request: r,
	}
}
