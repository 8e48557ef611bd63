package worldgen

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/local/naive"
)

// Draw is a source of choices; *rand.Rand of math/rand/v2 is one.
type Draw interface {
	// IntN returns a number from 0 to n-1. n is at least 1.
	IntN(n int) int
}

// Options say what kind of world to make.
type Options struct {
	// Now is the time the dates of the world lie around: the time at which the
	// world is to be looked at.
	Now time.Time
	// Instance is the INSTANCE whose earlier runs left groups behind; empty
	// means "test".
	Instance string
	// Stores and Workers fix how many there are; zero means 1 to 12 stores and 0
	// to 40 workers.
	Stores, Workers int
}

// instance returns the instance's name.
func (o Options) instance() string {
	if o.Instance == "" {
		return "test"
	}
	return o.Instance
}

// optional lists the collections an environment may lack.
func optional() []string { return []string{"Employees", "SecurityUserRoleOrganizations"} }

// required lists the others.
func required() []string {
	return []string{
		"RetailStores", "OperatingUnits", "Workers", "RetailChannelWorkers", "RetailStaff", "PersonUsers", "SystemUsers",
		"PositionWorkerAssignmentsV2", "RetailPositionPosPermissions", "RetailPosPermissionGroups", "PositionsV2",
		"OrganizationHierarchyPublishedV2", "OrganizationHierarchyPurposes", "SecurityUserRoleAssociations", "IntegrationSourceMappings",
	}
}

// emptyWorld has every required collection, and no rows.
func emptyWorld() naive.World {
	w := naive.World{Commerce: map[string][]map[string]any{}, Users: []map[string]any{}, Groups: []map[string]any{}}
	for _, name := range required() {
		w.Commerce[name] = []map[string]any{}
	}
	return w
}

// guid makes an id that looks random and is the same for the same seed.
func guid(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// teamsPlan is the service plan of Microsoft Teams.
const teamsPlan = "57ff2da0-773e-42df-b2af-ffb7a2317929"

// plan writes an assigned plan of a user.
func plan(id, status string) map[string]any {
	return map[string]any{"servicePlanId": id, "capabilityStatus": status}
}

// oneIn is true once in n draws, and never on a draw of zero. n is at least 2.
func oneIn(d Draw, n int) bool { return d.IntN(n) == n-1 }

// pick chooses one of the items, the first on a draw of zero.
func pick[T any](d Draw, items ...T) T { return items[d.IntN(len(items))] }

// otherCase writes text in another case, or leaves it, so that whoever compares
// it must not care.
func otherCase(d Draw, s string) string {
	return pick(d, strings.Clone, strings.ToUpper, strings.ToLower)(s)
}

// Shuffle returns the world with the rows of each collection, the users and
// the groups in another order. The rows themselves are shared.
func Shuffle(d Draw, w naive.World) naive.World {
	shuffled := naive.World{Commerce: map[string][]map[string]any{}, Users: shuffle(d, w.Users), Groups: shuffle(d, w.Groups)}
	for _, name := range append(required(), optional()...) {
		if rows, ok := w.Commerce[name]; ok {
			shuffled.Commerce[name] = shuffle(d, rows)
		}
	}
	return shuffled
}

// shuffle returns the rows in another order.
func shuffle(d Draw, rows []map[string]any) []map[string]any {
	shuffled := append([]map[string]any{}, rows...)
	for i := len(shuffled) - 1; i > 0; i-- {
		j := d.IntN(i + 1)
		shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
	}
	return shuffled
}

// WorldJSON writes a world as a world file. It is nil for a world with values
// that JSON has no form for, which no world of this package has.
func WorldJSON(w naive.World) []byte {
	text, err := json.MarshalIndent(map[string]any{
		"commerce": w.Commerce,
		"graph":    map[string]any{"users": w.Users, "groups": w.Groups},
	}, "", " ")
	if err != nil {
		return nil
	}
	return text
}
