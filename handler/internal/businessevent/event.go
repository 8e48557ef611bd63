// Package businessevent reads what Dynamics 365 Finance and Operations puts on a
// Service Bus queue when something changes in it: business events, which an
// administrator activates one by one and customers write themselves, and data
// events, which are raised for rows of an entity. It is pure.
//
// An event says where to look. Its form is documented in parts only, and
// differs between versions: so whatever is not understood is left out rather than
// refused, and an event that tells nothing is counted and done with.
package businessevent

import (
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Form is which of the two kinds an event is.
type Form string

// The forms.
const (
	Business Form = "business"
	Data     Form = "data"
)

// Event is one, as far as it is understood.
type Event struct {
	Form   Form
	ID     string    // tells it from every other, as often as it is sent: see Parse
	Name   string    // of a business event its BusinessEventId, of a data event the message and its entity
	Entity string    // of a data event, in lower case and without prefix; else empty
	Time   time.Time // when it was raised; zero: not said

	Stores  []org.StoreNumber
	Workers []org.PersonnelNumber
	Process string // of a task
	Task    string // likewise
}

// About is what an event is about.
type About uint8

// What events are about.
const (
	Nothing      About = iota // nothing that we know of
	Someone                   // the workers it names
	Organization              // the organization in a way that only a whole reading shows
	Task                      // one task in a store
)

// About tells what the event is about.
func (e Event) About() About {
	switch {
	case e.Process != "" && e.Task != "" && len(e.Stores) == 1:
		return Task
	case len(e.Workers) > 0:
		return Someone
	case ofOrganization[e.Entity] || e.Form == Business && len(e.Stores) > 0:
		return Organization
	}
	return Nothing
}

// ofOrganization are the entities whose rows decide who belongs where, by the
// names of F&O's entities and collections.
var ofOrganization = map[string]bool{
	"retailstore": true, "retailstores": true,
	"omoperatingunit": true, "operatingunit": true, "operatingunits": true,
	"hcmworker": true, "worker": true, "workers": true,
	"retailchannelworker": true, "retailchannelworkers": true,
	"hcmemployee": true, "employee": true, "employees": true,
	"retailstaff":   true,
	"dirpersonuser": true, "personuser": true, "personusers": true,
	"systemuser": true, "systemusers": true,
	"hcmpositionworkerassignment": true, "positionworkerassignmentv2": true, "positionworkerassignmentsv2": true,
	"hcmpositionv2": true, "positionsv2": true,
	"retailpositionpospermission": true, "retailpositionpospermissions": true,
	"retailpospermissiongroup": true, "retailpospermissiongroups": true,
	"omorganizationhierarchypublishedv2": true, "organizationhierarchypublishedv2": true,
	"omorganizationhierarchypurpose": true, "organizationhierarchypurposes": true,
	"securityuserroleassociation": true, "securityuserroleassociations": true,
	"securityuserroleorganization": true, "securityuserroleorganizations": true,
}
