package worldgen

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/local/naive"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// seeded draws from a seed.
func seeded(seed int) Draw { return rand.New(rand.NewPCG(uint64(seed), 1)) }

// shrinking draws from rapid.
type shrinking struct{ t *rapid.T }

func (s shrinking) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(s.t, "n") }

// zeros always draws zero.
type zeros struct{}

func (zeros) IntN(int) int { return 0 }

// promises checks what the package promises of every world.
func promises(w naive.World) error {
	users, err := checkUsers(w.Users)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, g := range w.Groups {
		if err := checkGroup(g, users, seen); err != nil {
			return fmt.Errorf("group %v: %w", g["displayName"], err)
		}
	}
	for _, name := range required() {
		if w.Commerce[name] == nil {
			return fmt.Errorf("no collection %s", name)
		}
	}
	return nil
}

var lowerGUID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func checkUsers(rows []map[string]any) (map[string]bool, error) {
	users, upns := map[string]bool{}, map[string]bool{}
	for _, u := range rows {
		id, _ := u["id"].(string)
		upn, _ := u["userPrincipalName"].(string)
		upn = strings.ToLower(upn)
		if !lowerGUID.MatchString(id) || users[id] || upn == "" || upns[upn] {
			return nil, fmt.Errorf("user %q %q is malformed or not unique", id, upn)
		}
		if _, ok := u["accountEnabled"].(bool); !ok {
			return nil, fmt.Errorf("user %q has no accountEnabled", id)
		}
		users[id], upns[upn] = true, true
	}
	return users, nil
}

func checkGroup(g map[string]any, users, seen map[string]bool) error {
	id, _ := g["id"].(string)
	if !lowerGUID.MatchString(id) || seen[id] {
		return fmt.Errorf("id %q is malformed or not unique", id)
	}
	nickname, _ := g["mailNickname"].(string)
	key := "nickname " + strings.ToLower(nickname)
	if nickname == "" || len(nickname) > 64 || seen[key] || strings.ContainsAny(nickname, "@()\\[]\";:<>, ") {
		return fmt.Errorf("mail nickname %q is malformed or not unique", nickname)
	}
	seen[id], seen[key] = true, true
	if unique, ok := g["uniqueName"].(string); ok {
		key := "unique " + strings.ToLower(unique)
		if unique == "" || seen[key] {
			return fmt.Errorf("unique name %q is not unique", unique)
		}
		seen[key] = true
	}
	if name, _ := g["displayName"].(string); name != strings.TrimSpace(name) || name == "" || len(utf16.Encode([]rune(name))) > 256 {
		return fmt.Errorf("bad display name %q", name)
	}
	members, err := people(g["members"], users)
	if err != nil {
		return err
	}
	owners, err := people(g["owners"], users)
	if err != nil {
		return err
	}
	if options, _ := g["resourceProvisioningOptions"].([]any); !slices.Contains(options, any("Team")) {
		return nil
	}
	if types, _ := g["groupTypes"].([]any); len(owners) == 0 || !slices.Contains(types, any("Unified")) {
		return fmt.Errorf("a team without owner or of another type")
	}
	for _, owner := range owners {
		if !slices.Contains(members, owner) {
			return fmt.Errorf("owner %s is no member", owner)
		}
	}
	return nil
}

// people reads members or owners: users of the world, each once.
func people(v any, users map[string]bool) ([]string, error) {
	list, ok := v.([]any)
	if !ok && v != nil {
		return nil, fmt.Errorf("%T is no list", v)
	}
	var ids []string
	for _, item := range list {
		object, _ := item.(map[string]any)
		id, _ := object["id"].(string)
		if !users[id] || object["@odata.type"] != "#microsoft.graph.user" || slices.Contains(ids, id) {
			return nil, fmt.Errorf("%v is no user of the world, or twice", item)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func TestRandomWorldsKeepPromises(t *testing.T) {
	for seed := range 500 {
		if err := promises(Random(seeded(seed), Options{Now: now})); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// The checks themselves see what is wrong.
func TestPromisesCanBeBroken(t *testing.T) {
	for name, spoil := range map[string]func(w naive.World){
		"user twice":          func(w naive.World) { w.Users[1]["id"] = w.Users[0]["id"] },
		"UPN twice":           func(w naive.World) { w.Users[1]["userPrincipalName"] = "USER0@contoso.example" },
		"upper-case id":       func(w naive.World) { w.Users[1]["id"] = strings.ToUpper(guid("x")) },
		"stranger in a group": func(w naive.World) { w.Groups[0]["members"] = []any{reference(account{id: guid("x")})} },
		"nickname twice":      func(w naive.World) { w.Groups[1]["mailNickname"] = w.Groups[0]["mailNickname"] },
		"team without owner":  func(w naive.World) { w.Groups[0]["owners"] = []any{} },
		"owner is no member":  func(w naive.World) { w.Groups[0]["members"] = []any{} },
		"missing collection":  func(w naive.World) { delete(w.Commerce, "RetailStaff") },
	} {
		b := &builder{d: zeros{}, o: Options{Now: now}, world: emptyWorld(), names: map[string]bool{}}
		b.makeAccounts(2)
		b.team("One", nil)
		b.team("Two", nil)
		if err := promises(b.world); err != nil {
			t.Fatal(err)
		}
		if spoil(b.world); promises(b.world) == nil {
			t.Errorf("%s goes unseen", name)
		}
	}
}

// A world is what was drawn, in the sizes asked for.
func TestRandomIsItsDraws(t *testing.T) {
	for seed := range 20 {
		o := Options{Now: now}
		first, second := Random(seeded(seed), o), Random(seeded(seed), o)
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("seed %d makes two worlds", seed)
		}
	}
	if w := Random(zeros{}, Options{Now: now}); len(w.Commerce["RetailStores"]) != 1 || len(w.Commerce["Workers"]) != 0 || len(w.Groups) != 0 {
		t.Errorf("draws of zero make %d stores and %d groups", len(w.Commerce["RetailStores"]), len(w.Groups))
	}
}

func TestBigWorld(t *testing.T) {
	w := Random(seeded(1), Options{Now: now, Stores: 1000, Workers: 50_000})
	if err := promises(w); err != nil {
		t.Error(err)
	}
	// One in twenty workers has no row of Workers; some stores have a twin.
	if stores, workers := len(w.Commerce["RetailStores"]), len(w.Commerce["Workers"]); stores < 1000 || workers < 45_000 {
		t.Errorf("%d stores and %d workers", stores, workers)
	}
}

// The order of rows says nothing.
func TestShuffle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := shrinking{rt}
		o := Options{Now: now}
		w := Random(d, o)
		s := RandomSettings(d, o, w)
		shuffled := Shuffle(d, w)
		if err := promises(shuffled); err != nil {
			rt.Fatal(err)
		}
		if a, b := naive.Expect(w, s, now), naive.Expect(shuffled, s, now); !reflect.DeepEqual(a, b) {
			rt.Fatalf("in order: %+v\nshuffled: %+v", a, b)
		}
	})
	w := Random(seeded(7), Options{Now: now, Stores: 12, Workers: 40})
	if reflect.DeepEqual(w.Users, Shuffle(seeded(7), w).Users) {
		t.Error("Shuffle changes nothing")
	}
}

// A world file holds the world.
func TestWorldJSON(t *testing.T) {
	for seed := range 50 {
		w := Random(seeded(seed), Options{Now: now})
		var file struct {
			Commerce map[string][]map[string]any
			Graph    struct{ Users, Groups []map[string]any }
		}
		if err := json.Unmarshal(WorldJSON(w), &file); err != nil {
			t.Fatal(err)
		}
		read := naive.World{Commerce: file.Commerce, Users: file.Graph.Users, Groups: file.Graph.Groups}
		s := RandomSettings(seeded(seed), Options{Now: now}, w)
		if !reflect.DeepEqual(naive.ExpectTenant(read, s, now), naive.ExpectTenant(w, s, now)) {
			t.Errorf("seed %d: the world read back is another", seed)
		}
		if !reflect.DeepEqual(normal(t, read), normal(t, w)) {
			t.Errorf("seed %d: the rows read back are others", seed)
		}
	}
}

// normal is the world with the types JSON decoding gives.
func normal(t *testing.T, w naive.World) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(WorldJSON(w), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
