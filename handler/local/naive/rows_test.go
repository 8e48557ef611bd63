package naive

import (
	"encoding/json"
	"strings"
	"testing"
)

// Rule 14: a malformed row is as if it were not there; a null elsewhere is not
// malformed.
func TestMalformedRows(t *testing.T) {
	active := func(lines ...string) func(World, *Settings) {
		return func(w World, _ *Settings) { w.set("RetailChannelWorkers", activeColumns, lines...) }
	}
	replace := func(collection, columns string, lines ...string) func(World, *Settings) {
		return after(active("c1|a|Yes"), func(w World, _ *Settings) { w.set(collection, columns, lines...) })
	}
	check(t, []scenario{
		{"flag is an object", active("c1|a|{}", "c1|b|Yes"), "1 / 3", ""},
		{"a malformed no is not stated", active("c1|m|{}"), "1 / ", ""},
		{"key is a number", active("c1|#7|Yes"), "1 / ", "7: no identity"},
		{"key is null", active("null|a|Yes"), "1 / ", ""},
		{"key is blank", active("c1|  |Yes"), "1 / ", ""},
		{"text is a number", replace("RetailStaff", staffColumns, "a|"+id(2)+"|#7", "m|"+id(1)+"|null"), "1 / 2", ""},
		{"text is null", replace("OperatingUnits", unitColumns, "u1|null|null|m"), "1 / 2", ""},
		{"a unit's unused attribute", replace("OperatingUnits", unitColumns+"|AddressCity", "u1|p1|Shop|m|#7"), "1 / 2", ""},
		{"a unit's used attribute", replace("OperatingUnits", unitColumns, "u1|p1|true|m"), "9 / 2", ""},
		{"date is a number", replace("PersonUsers", personUserColumns, "pa|F|#7|null"), "1 / 2", ""},
	})
}

func TestMalformedDates(t *testing.T) {
	for _, tt := range []struct{ to, want string }{
		{"2154-12-31T23:59:59Z", "1 / 2"},
		{"2154-12-31", "1 / 2"},
		{"2026-07-01", "1 / 2"},
		{"  ", "1 / 2"},
		{"soon", "1 / "},
		{"2026-13-01T00:00:00Z", "1 / "},
		{"01.07.2026", "1 / "},
	} {
		w, s := shop()
		identify(nil, list("pa|F|null|"+tt.to), list("F|-|2@x.example"))(w, &s)
		if got := show(Expect(w, s, now).Stores["1"]); got != tt.want {
			t.Errorf("ValidTo %q: store 1 is %q, want %q", tt.to, got, tt.want)
		}
	}
}

// A world decoded from JSON, numbers as json.Number or not, reads as one
// written in Go.
func TestDecodedWorld(t *testing.T) {
	const commerce = `{"RetailStores":[{"StoreNumber":"1","RetailChannelId":"c1"}],
		"RetailChannelWorkers":[{"RetailChannelId":"c1","PersonnelNumber":"a","IsActive":1},{"RetailChannelId":"c1","PersonnelNumber":"b","IsActive":0}],
		"RetailStaff":[{"PersonnelNumber":"a","ExternalIdentityAlias":"2@x.example"},{"PersonnelNumber":"b","ExternalIdentityAlias":"3@x.example"}]}`
	for _, useNumber := range []bool{false, true} {
		w, s := shop()
		d := json.NewDecoder(strings.NewReader(commerce))
		if useNumber {
			d.UseNumber()
		}
		w.Commerce = nil
		if err := d.Decode(&w.Commerce); err != nil {
			t.Fatal(err)
		}
		if got := show(Expect(w, s, now).Stores["1"]); got != "9 / 2" {
			t.Errorf("numbers as json.Number %v: store 1 is %q", useNumber, got)
		}
	}
}
