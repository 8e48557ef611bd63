package naive

// World is Commerce and the tenant as a world file holds them: rows as they
// come over the wire, decoded by encoding/json or written in its terms (string,
// bool, float64, nil, []any, map[string]any).
type World struct {
	// Commerce has the rows of each OData collection by its default name.
	Commerce map[string][]map[string]any
	// Users are Graph users: id, userPrincipalName, accountEnabled, userType,
	// assignedPlans with servicePlanId and capabilityStatus.
	Users []map[string]any
	// Groups are Graph groups: id, displayName, mailNickname, uniqueName,
	// groupTypes, resourceProvisioningOptions, onPremisesSyncEnabled, and members
	// and owners, each with @odata.type and id.
	Groups []map[string]any
}

// Settings are the settings that decide who belongs where. Each is the one of
// the same name in capitals.
type Settings struct {
	Instance               string   // INSTANCE
	Scope                  []string // SCOPE: store numbers, or party numbers or names of nodes; none means every store
	Hierarchy              string   // HIERARCHY: a hierarchy's name, or empty for the default one
	TeamName               string   // TEAM_NAME: a template with {name} and {number}
	CommunicationsTeamName string   // COMMUNICATIONS_TEAM_NAME
	FallbackOwners         []string // FALLBACK_OWNERS: UPNs or object ids, in order
	CommunicationsOwners   []string // COMMUNICATIONS_OWNERS: the same
	ManagerRule            string   // MANAGER_RULE: auto, unit, department or store
	ManagerTitles          []string // MANAGER_TITLES
	AllowGuests            bool     // ALLOW_GUESTS
	Adopt                  bool     // ADOPT
	MaxCaretakerTeams      int      // MAX_CARETAKER_TEAMS
	CommunicationsRole     string   // name or identifier of the communications managers' security role
}

// Expectation is what the rules want of a world.
type Expectation struct {
	// Held says that the whole run is held: more than a fifth of the stores in
	// scope have no manager. The other fields say what was held.
	Held bool
	// Stores has the team of each store in scope by store number.
	Stores map[string]Team
	// Communications is the communications team.
	Communications Team
	// Unmapped has, by personnel number, why a worker who belongs in a store in
	// scope or in the communications team cannot be added: no identity, bad
	// identity, not in tenant, disabled, unlicensed or guest.
	Unmapped map[string]string
}

// Team is one team as it is wanted.
type Team struct {
	Name    string   // the display name it ends with
	Owners  []string // object ids in lower case, sorted; none if Skipped
	Members []string // the same; never somebody who is an owner
	Marker  string   // uniqueName and mailNickname of the group if it has to be created
	Group   string   // id of the existing group it is, or empty for a new one
	Skipped string   // why the store gets no team, or empty
}

// Reasons for which a team is skipped.
const (
	NoOwner        = "no owner"        // nobody may own it, and there is no team with an owner yet
	Hold           = "hold"            // a first adoption through a mapping, without ADOPT
	NotUnified     = "not unified"     // mapped to a group that can be no team
	Dynamic        = "dynamic"         // mapped to a group whose membership is a rule
	Synced         = "synced"          // mapped to a group mastered on-premises
	ForeignMarker  = "foreign marker"  // mapped to a group marked for something else
	DoublyMapped   = "doubly mapped"   // mapped to a group that another store is mapped to
	UnclearMapping = "unclear mapping" // mapped to no group id, or to several groups
	NoStore        = "no store at all" // no store is in scope, so nothing is done
)
