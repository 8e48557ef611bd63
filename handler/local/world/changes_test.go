package world_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/world"
)

// running serves the sample and returns it with the means to edit it.
func running(t *testing.T) (world.Headquarters, *simcommerce.Environment) {
	t.Helper()
	w, err := world.Sample()
	if err != nil {
		t.Fatal(err)
	}
	env, err := simcommerce.New(w.Commerce, simcommerce.Options{Seed: 7, PageSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(env)
	t.Cleanup(server.Close)
	return world.Headquarters{URL: server.URL + "/", HTTP: server.Client()}, env
}

// now decodes the rows of a collection as it is now.
func now(t *testing.T, env *simcommerce.Environment, collection string) []record {
	t.Helper()
	return decode(t, env.Rows(collection))
}

func TestHire(t *testing.T) {
	hq, env := running(t)
	first, err := hq.Hire(t.Context(), "000101", world.Recruit{})
	if err != nil {
		t.Fatal(err)
	}
	if first.UPN != "new.hire.01@larkmoor.example" || first.PersonnelNumber != "900001" || first.Name == "" {
		t.Errorf("hired %+v", first)
	}
	second, err := hq.Hire(t.Context(), "B-12/3", world.Recruit{Name: "Ada O'Neil"})
	if err != nil {
		t.Fatal(err)
	}
	if second.UPN != "new.hire.02@larkmoor.example" || second.PersonnelNumber != "900002" {
		t.Errorf("then hired %+v", second)
	}
	store := with(now(t, env, "RetailStores"), "StoreNumber", "B-12/3")[0]
	link := with(now(t, env, "RetailChannelWorkers"), "PersonnelNumber", "900002")
	if len(link) != 1 || link[0].text("RetailChannelId") != store.text("RetailChannelId") || link[0].text("IsActive") != "Yes" {
		t.Errorf("in the store: %v", link)
	}
	if worker := with(now(t, env, "Workers"), "PersonnelNumber", "900002"); len(worker) != 1 || worker[0].text("Name") != "Ada O'Neil" {
		t.Errorf("worker %v", worker)
	}
	if staff := with(now(t, env, "RetailStaff"), "PersonnelNumber", "900002"); len(staff) != 1 || staff[0].text("ExternalIdentityAlias") != second.UPN {
		t.Errorf("account %v", staff)
	}
	if job := with(now(t, env, "Employees"), "PersonnelNumber", "900002"); len(job) != 1 || job[0].text("EmploymentLegalEntityId") != "lkuk" {
		t.Errorf("employment %v", job)
	}
	onlyCreatesAndReads(t, env)
}

func TestHireAsTold(t *testing.T) {
	hq, env := running(t)
	want := world.Recruit{Name: "Grace", PersonnelNumber: "H-1", UPN: "it.operations@larkmoor.example"}
	if got, err := hq.Hire(t.Context(), "000102", want); err != nil || got != want {
		t.Fatalf("hired %+v, %v", got, err)
	}
	_, err := hq.Hire(t.Context(), "000102", want)
	refused(t, err, "already exists")
	_, err = hq.Hire(t.Context(), "nowhere", world.Recruit{})
	refused(t, err, "no store has the number nowhere")
	if n := len(with(now(t, env, "RetailChannelWorkers"), "PersonnelNumber", "H-1")); n != 1 {
		t.Errorf("%d rows of H-1", n)
	}
}

func TestHireUntilNoAccountIsLeft(t *testing.T) {
	hq, _ := running(t)
	seen := map[string]bool{}
	for i := range 13 {
		who, err := hq.Hire(t.Context(), "000103", world.Recruit{})
		if i == 12 {
			refused(t, err, "name the UPN of another user")
			break
		}
		if err != nil || seen[who.UPN] {
			t.Fatalf("hire %d: %+v, %v", i+1, who, err)
		}
		seen[who.UPN] = true
	}
}

func TestPromote(t *testing.T) {
	hq, env := running(t)
	store := with(now(t, env, "RetailStores"), "StoreNumber", "000128")[0]
	if m := (sampled{commerce: everything(t, env)}).managers(store); len(m) != 0 {
		t.Fatalf("the store has managers already: %v", m)
	}
	worker := with(now(t, env, "RetailChannelWorkers"), "RetailChannelId", store.text("RetailChannelId"))[0].text("PersonnelNumber")
	if err := hq.Promote(t.Context(), worker, "000128"); err != nil {
		t.Fatal(err)
	}
	if m := (sampled{commerce: everything(t, env)}).managers(store); len(m) != 1 || m[0] != worker {
		t.Errorf("managers %v, want %s", m, worker)
	}
	refused(t, hq.Promote(t.Context(), worker, "000128"), "already")
	refused(t, hq.Promote(t.Context(), worker, "000101"), "no worker "+worker+" in store 000101")
	refused(t, hq.Promote(t.Context(), worker, "nowhere"), "no store has the number nowhere")
	onlyCreatesAndReads(t, env)
}

func TestOpen(t *testing.T) {
	hq, env := running(t)
	if err := hq.Open(t.Context(), "000200", "Zennor & Co", "North Coast"); err != nil {
		t.Fatal(err)
	}
	store := with(now(t, env, "RetailStores"), "StoreNumber", "000200")
	if len(store) != 1 {
		t.Fatalf("%d rows of the store", len(store))
	}
	unit := with(now(t, env, "OperatingUnits"), "OperatingUnitNumber", store[0].text("OperatingUnitNumber"))
	if len(unit) != 1 || unit[0].text("Name") != "Zennor & Co" || unit[0].text("PartyNumber") != store[0].text("OperatingUnitPartyNumber") {
		t.Errorf("unit %v of %v", unit, store)
	}
	link := with(now(t, env, "OrganizationHierarchyPublishedV2"), "ChildOrganizationPartyNumber", unit[0].text("PartyNumber"))
	if len(link) != 1 || link[0].text("ParentOrganizationPartyNumber") != "LM-911" || link[0].text("HierarchyType") != "Stores by region" {
		t.Errorf("in the hierarchy: %v", link)
	}
	if _, err := hq.Hire(t.Context(), "000200", world.Recruit{}); err != nil {
		t.Errorf("hire into the new store: %v", err)
	}
	refused(t, hq.Open(t.Context(), "000200", "Again", "North"), "there already")
	refused(t, hq.Open(t.Context(), "000201", "Lost", "Atlantis"), `node "Atlantis" of "Stores by region"`)
	refused(t, hq.Open(t.Context(), "", "Nameless", "North"), "a number and a name")
	refused(t, hq.Open(t.Context(), "000201", " ", "North"), "a number and a name")
	if n := len(with(now(t, env, "RetailStores"), "StoreNumber", "000201")); n != 0 {
		t.Error("a refused store is there")
	}
	onlyCreatesAndReads(t, env)
}

func TestRename(t *testing.T) {
	hq, env := running(t)
	if err := hq.Rename(t.Context(), "000117", "Queensbrook"); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, number := range []string{"000117", "000118"} {
		store := with(now(t, env, "RetailStores"), "StoreNumber", number)[0]
		names[number] = with(now(t, env, "OperatingUnits"), "OperatingUnitNumber", store.text("OperatingUnitNumber"))[0].text("Name")
	}
	if names["000117"] != "Queensbrook" || names["000118"] != "Kingsbrook" {
		t.Errorf("names %v", names)
	}
	refused(t, hq.Rename(t.Context(), "nowhere", "x"), "no store has the number nowhere")

	// The unit's number has a slash in it, and quotes are doubled.
	if err := hq.Open(t.Context(), "K/1 'x'", "Kiosk", "North"); err != nil {
		t.Fatal(err)
	}
	if err := hq.Rename(t.Context(), "K/1 'x'", "Corner"); err != nil {
		t.Fatal(err)
	}
	if n := len(with(now(t, env, "OperatingUnits"), "Name", "Corner")); n != 1 {
		t.Errorf("%d units are called Corner", n)
	}
}

// What Commerce says is wrong reaches whoever made the edit.
func TestEditsReportWhatCommerceSays(t *testing.T) {
	hq, env := running(t)
	env.Intercept(func(*http.Request) simcommerce.Fault { return simcommerce.Fault{Status: http.StatusServiceUnavailable} })
	_, err := hq.Hire(t.Context(), "000101", world.Recruit{})
	refused(t, err, "commerce answered 503: Service Unavailable")
	refused(t, hq.Promote(t.Context(), "1", "000101"), "503")
	refused(t, hq.Open(t.Context(), "000200", "Zennor", "North"), "503")
	refused(t, hq.Rename(t.Context(), "000101", "x"), "503")
	refused(t, hq.Leave(t.Context(), "001007"), "503")
	refused(t, hq.Transfer(t.Context(), "001007", "000102"), "503")
	refused(t, hq.Demote(t.Context(), "001007"), "503")
	refused(t, hq.Unlist(t.Context(), "001007", "000101"), "503")
	_, err = hq.Close(t.Context(), "000101")
	refused(t, err, "503")
	refused(t, hq.Reopen(t.Context(), world.Closed{Number: "000101"}), "503")
	env.Intercept(nil)
	env.Publish("OperatingUnits", false)
	refused(t, hq.Open(t.Context(), "000200", "Zennor", "North"), "OperatingUnits")
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "out to lunch", http.StatusBadGateway)
	}))
	t.Cleanup(plain.Close)
	refused(t, world.Headquarters{URL: plain.URL}.Rename(t.Context(), "000101", "x"), "out to lunch")
	plain.Close()
	if err := (world.Headquarters{URL: plain.URL}).Rename(t.Context(), "000101", "x"); err == nil {
		t.Error("nobody answered, and that was fine")
	}
}

// everything decodes all collections as they are now.
func everything(t *testing.T, env *simcommerce.Environment) map[string][]record {
	t.Helper()
	w, err := world.Sample()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]record{}
	for name := range w.Commerce {
		all[name] = now(t, env, name)
	}
	return all
}

func refused(t *testing.T, err error, word string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), word) {
		t.Errorf("error %v, want one with %q", err, word)
	}
}

// onlyCreatesAndReads fails if an edit used more than plain OData reads and
// creates.
func onlyCreatesAndReads(t *testing.T, env *simcommerce.Environment) {
	t.Helper()
	for request, n := range env.Requests() {
		if method, _, _ := strings.Cut(request, " "); method != http.MethodGet && method != http.MethodPost {
			t.Errorf("%d times %s", n, request)
		}
	}
}

func ExampleHeadquarters() {
	env, err := simcommerce.New(map[string][]json.RawMessage{
		"RetailStores":   {json.RawMessage(`{"RetailChannelId":"C1","StoreNumber":"000135","OperatingUnitNumber":"U1","dataAreaId":"usrt"}`)},
		"OperatingUnits": {json.RawMessage(`{"OperatingUnitNumber":"U1","Name":"Old name"}`)},
	}, simcommerce.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(env)
	defer server.Close()
	hq := world.Headquarters{URL: server.URL}
	if err := hq.Rename(context.Background(), "000135", "New name"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", env.Rows("OperatingUnits"))
	// Output: [{"OperatingUnitNumber":"U1","Name":"New name"}]
}
