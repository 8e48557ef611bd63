package org

// Roster says who belongs in which team, as what and why.
type Roster struct {
	Teams    []Team     // the communications team first, then stores by number
	Unmapped []Unmapped // workers who belong somewhere but cannot be added, by personnel number
	Findings []Finding  // what a person should look at, in a stable order
	Hold     string     // not empty: the roster looks wrong as a whole, and why

	// FallbackOwners are the users of FALLBACK_OWNERS who may own a team, in the
	// setting's order.
	FallbackOwners []UserID

	Evidence *Evidence // about those whom the roster does not want; nil: nothing is known
}

// Team is one team as Commerce wants it.
type Team struct {
	Key       TeamKey
	Name      string  // the team's display name
	Entries   []Entry // ordered by user
	Caretaker bool    // its only owner stands in for a manager the store does not have
	Nameless  bool    // Commerce has no name for the store: Name is made of its number, for want of better
}

// Owners returns the entries that may be added as owners, ordered by user.
func (t Team) Owners() []Entry {
	var owners []Entry
	for _, e := range t.Entries {
		if e.Role == Owner && !e.StayOnly {
			owners = append(owners, e)
		}
	}
	return owners
}

// Entry is one person in one team. Two workers with one account are one entry.
type Entry struct {
	User   UserID
	Worker PersonnelNumber // why they are there; empty for people named in settings
	Role   Role
	Reason Reason

	// StayOnly marks a person who belongs here but may not be added now, such as
	// a worker whose licence is suspended: who is in stays in, nobody is added.
	StayOnly bool
}

// Person is a user in a team, as found or as to be.
type Person struct {
	User UserID
	Role Role
}

// Reason is the rule that put a person into a team.
type Reason uint8

// The reasons, strongest first: of two reasons for one role the smaller counts.
const (
	UnitManager             Reason = iota // the store's operating unit names them
	DepartmentManager                     // a current position with manager privileges in the store's department
	StoreManager                          // manager privileges, and active in the store
	CaretakerNode                         // manager of the nearest hierarchy node above
	CaretakerCommunications               // a communications manager
	CaretakerFallback                     // named in FALLBACK_OWNERS
	CommunicationsOwner                   // named in COMMUNICATIONS_OWNERS, or in FALLBACK_OWNERS if that is empty
	CommunicationsManager                 // holds the communications manager role
	StoreWorker                           // active in the store
)

var reasonTexts = [...]string{
	"manager of the store's unit",
	"manager position in the store's department",
	"manager privileges, active in the store",
	"caretaker: manager of the nearest hierarchy node above",
	"caretaker: communications manager",
	"caretaker: named in FALLBACK_OWNERS",
	"owner of the communications team by setting",
	"communications manager",
	"active in the store",
}

// ofStore reports whether the reason is that somebody works in the store, or
// manages it. Who stands in for a manager may have an old row there that says
// no, and it says nothing of their standing in.
func (r Reason) ofStore() bool { return r <= StoreManager || r == StoreWorker }

// String says the rule in a few words.
func (r Reason) String() string {
	if int(r) < len(reasonTexts) {
		return reasonTexts[r]
	}
	return "unknown reason"
}

// Unmapped is a worker who belongs somewhere but has no account we may add.
type Unmapped struct {
	Worker PersonnelNumber
	Cause  UnmappedCause
	Teams  []TeamKey // where they belong
}

// UnmappedCause says what is wrong with a worker's account.
type UnmappedCause string

// The causes, each with what a person can do about it in its comment.
const (
	NoIdentity  UnmappedCause = "no identity"   // no Entra account in RetailStaff, nor through PersonUsers and SystemUsers: link one
	BadIdentity UnmappedCause = "bad identity"  // the object id recorded is not a GUID: correct it
	NotInTenant UnmappedCause = "not in tenant" // the account recorded is not a user of this tenant: link the right one
	Disabled    UnmappedCause = "disabled"      // the account is disabled in Entra
	Unclear     UnmappedCause = "unclear"       // the tenant does not say whether the account is enabled
	Unlicensed  UnmappedCause = "unlicensed"    // no enabled Teams service plan: assign a licence
	GuestUser   UnmappedCause = "guest"         // a guest, and ALLOW_GUESTS is off
)

// Finding is something about the organization that a person should look at.
type Finding struct {
	Code FindingCode
	Team TeamKey // the team it is about; the zero key when it is about none
	Text string  // one sentence, ids only
}

// FindingCode names a kind of finding, for counting.
type FindingCode string

// The findings.
const (
	NoOwner          FindingCode = "no owner"           // nobody may own the team; it is left alone
	DuplicateName    FindingCode = "duplicate name"     // several stores have one name; their numbers tell them apart
	DuplicateStore   FindingCode = "duplicate store"    // several rows, or numbers that differ only in case
	BadOwnerSetting  FindingCode = "bad owner setting"  // an entry of FALLBACK_OWNERS or COMMUNICATIONS_OWNERS is no licensed user
	BadProtectedUser FindingCode = "bad protected user" // an entry of PROTECTED_USERS is no user of the tenant
	StaleMapping     FindingCode = "stale mapping"      // IntegrationSourceMappings names a group that is gone
	HierarchyLoop    FindingCode = "hierarchy loop"     // a node is its own ancestor
	HierarchyOrphan  FindingCode = "store not in hierarchy"
	HierarchyUnclear FindingCode = "hierarchy unclear" // none or several hierarchies qualify
	UnknownScope     FindingCode = "unknown scope"     // an entry of SCOPE is neither store nor node
	UnreadRows       FindingCode = "unread rows"       // rows that may be about anybody keep everybody in
	ManyTeams        FindingCode = "many teams"        // a person would pass 1,000 teams
)

// User is an Entra user as far as membership is concerned.
type User struct {
	ID       UserID
	UPN      string // lower case
	Enabled  Flag   // accountEnabled; only a stated No is a leave
	Licensed bool   // has an enabled Teams service plan
	Guest    bool   // userType Guest
	Deleted  bool   // a tombstone: the tenant said that the account was deleted
}
