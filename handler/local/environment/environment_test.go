package environment_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/world"
)

// started serves the sample, without a handler.
func started(t *testing.T) *environment.Environment {
	t.Helper()
	sample, err := world.Sample()
	if err != nil {
		t.Fatal(err)
	}
	e, err := environment.Start(t.Context(), environment.Options{World: sample, Settings: map[string]string{"HANDS_DELAY": "1h"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func refused(t *testing.T, err error, word string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), word) {
		t.Errorf("error %v, want one with %q", err, word)
	}
}

func TestSettings(t *testing.T) {
	e := started(t)
	for name, want := range map[string]string{
		"MODE": "full", "SIGHTING_INTERVAL": "1ms", "ARCHIVE_AFTER": "5s", "COMMERCE_URL": e.CommerceURL,
		"HANDS_DELAY": "1h", // as told
	} {
		if got := e.Settings[name]; got != want {
			t.Errorf("%s=%s, want %s", name, got, want)
		}
	}
}

// TestTenantIsTheOneInTheSettings, unless a test wants it to be another.
func TestTenantIsTheOneInTheSettings(t *testing.T) {
	const one, other = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
	for name, test := range map[string]struct {
		options environment.Options
		want    string
	}{
		"of the sample": {environment.Options{}, world.SampleSettings()["TENANT_ID"]},
		"as set":        {environment.Options{Settings: map[string]string{"TENANT_ID": one}}, one},
		"another": {environment.Options{
			Settings: map[string]string{"TENANT_ID": one}, Graph: simgraph.Options{TenantID: other},
		}, other},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := environment.Start(t.Context(), test.options)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = e.Close() }()
			r := httptest.NewRequest(http.MethodGet, "/v1.0/organization?$select=id", nil)
			r.Header.Set("Authorization", "Bearer local")
			w := httptest.NewRecorder()
			e.Tenant.ServeHTTP(w, r)
			if !strings.Contains(w.Body.String(), `"id":"`+test.want+`"`) {
				t.Errorf("the tenant is %s, want %s", w.Body, test.want)
			}
		})
	}
}

// What went comes back, whoever asks: this process or another.
func TestCloseAndReopenStores(t *testing.T) {
	e := started(t)
	stores, places := len(e.Commerce.Rows("RetailStores")), len(e.Commerce.Rows("RetailChannelWorkers"))
	elsewhere := environment.Shutters{Commerce: e.CommerceURL + "/"}
	for _, number := range []string{"000101", "B-12/3"} {
		if err := e.CloseStore(t.Context(), number); err != nil {
			t.Fatal(err)
		}
		refused(t, elsewhere.CloseStore(t.Context(), number), "store "+number+" is closed already")
	}
	if got := len(e.Commerce.Rows("RetailStores")); got != stores-2 {
		t.Errorf("%d stores, want %d", got, stores-2)
	}
	if err := elsewhere.ReopenStore(t.Context(), "B-12/3"); err != nil {
		t.Fatal(err)
	}
	if err := e.ReopenStore(t.Context(), "000101"); err != nil {
		t.Fatal(err)
	}
	if got := len(e.Commerce.Rows("RetailChannelWorkers")); got != places {
		t.Errorf("%d people work in stores, want %d", got, places)
	}
	refused(t, e.ReopenStore(t.Context(), "000101"), "store 000101 is not closed")
	refused(t, elsewhere.ReopenStore(t.Context(), "nowhere"), "store nowhere is not closed")
	refused(t, elsewhere.CloseStore(t.Context(), "nowhere"), "no store has the number nowhere")
	refused(t, elsewhere.ReopenStore(t.Context(), "nowhere"), "store nowhere is not closed")
}

// Somebody opened another store with the number: what is kept stays kept.
func TestReopenWhereAnotherStoreIs(t *testing.T) {
	e := started(t)
	hq := world.Headquarters{URL: e.CommerceURL}
	if err := e.CloseStore(t.Context(), "000101"); err != nil {
		t.Fatal(err)
	}
	if err := hq.Open(t.Context(), "000101", "Quay", "North"); err != nil {
		t.Fatal(err)
	}
	refused(t, e.ReopenStore(t.Context(), "000101"), "store 000101 is there already")
	if _, err := hq.Close(t.Context(), "000101"); err != nil {
		t.Fatal(err)
	}
	if err := e.ReopenStore(t.Context(), "000101"); err != nil {
		t.Error(err)
	}
}

// Of many who close a store at once, one does.
func TestCloseAtOnce(t *testing.T) {
	e := started(t)
	var group sync.WaitGroup
	failures := make(chan error, 8)
	for range cap(failures) {
		group.Go(func() { failures <- e.CloseStore(t.Context(), "000101") })
	}
	group.Wait()
	close(failures)
	closed := 0
	for err := range failures {
		if err == nil {
			closed++
			continue
		}
		refused(t, err, "is closed already")
	}
	if closed != 1 {
		t.Errorf("closed %d times", closed)
	}
}

// What Operations says is wrong reaches the operator.
func TestOperatorIsRefused(t *testing.T) {
	for _, c := range []struct {
		status     int
		body, says string
	}{
		{http.StatusNotFound, `{"error":{"code":"not_found","message":"There is no such hold."}}`, "There is no such hold."},
		{http.StatusBadGateway, "out to lunch", "502 Bad Gateway: out to lunch"},
		{http.StatusOK, "no JSON", "read the answer of Operations"},
	} {
		app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		_, err := environment.Operator{App: app.URL + "/"}.Holds(t.Context())
		refused(t, err, c.says)
		app.Close()
	}
}

func TestSettled(t *testing.T) {
	for _, c := range []struct {
		run  environment.Run
		want bool
	}{
		{environment.Run{}, true},
		{environment.Run{Planned: map[string]int{"add member": 1}}, false},
		{environment.Run{Later: 1}, false},
		{environment.Run{Held: 1}, true},
	} {
		if got := c.run.Settled(); got != c.want {
			t.Errorf("%+v: settled is %v", c.run, got)
		}
	}
}
