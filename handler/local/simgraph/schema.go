package simgraph

import (
	"slices"
	"strings"
)

// The property names of the published v1.0 metadata (August 2026), by type,
// inherited ones included. A name outside its list is refused in a $select and
// in a body. discoverySettings is not in that metadata but in the sample of
// "Create team"; it is known for that call only.
const (
	userNames = `
	aboutMe accountEnabled ageGroup assignedLicenses assignedPlans authorizationInfo birthday
	businessPhones city companyName consentProvidedForMinor country createdDateTime creationType
	customSecurityAttributes deletedDateTime department deviceEnrollmentLimit displayName
	employeeHireDate employeeId employeeLeaveDateTime employeeOrgData employeeType externalUserState
	externalUserStateChangeDateTime faxNumber givenName hireDate id identities identityParentId
	imAddresses interests isManagementRestricted isResourceAccount jobTitle
	lastPasswordChangeDateTime legalAgeGroupClassification licenseAssignmentStates mail mailNickname
	mailboxSettings mobilePhone mySite officeLocation onPremisesDistinguishedName
	onPremisesDomainName onPremisesExtensionAttributes onPremisesImmutableId
	onPremisesLastSyncDateTime onPremisesProvisioningErrors onPremisesSamAccountName
	onPremisesSecurityIdentifier onPremisesSyncEnabled onPremisesUserPrincipalName otherMails
	passwordPolicies passwordProfile pastProjects postalCode preferredDataLocation preferredLanguage
	preferredName print provisionedPlans proxyAddresses responsibilities schools securityIdentifier
	serviceProvisioningErrors showInAddressList signInActivity signInSessionsValidFromDateTime
	skills state streetAddress surname usageLocation userPrincipalName userType`
	groupNames = `
	accessType allowExternalSenders assignedLabels assignedLicenses autoSubscribeNewMembers
	classification createdDateTime deletedDateTime description displayName expirationDateTime
	groupTypes hasMembersWithLicenseErrors hideFromAddressLists hideFromOutlookClients id
	infoCatalogs isArchived isAssignableToRole isFavorite isManagementRestricted isSubscribedByMail
	licenseProcessingState mail mailEnabled mailNickname membershipRule
	membershipRuleProcessingState onPremisesDomainName onPremisesExtensionAttributes
	onPremisesLastSyncDateTime onPremisesNetBiosName onPremisesProvisioningErrors
	onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled organizationId
	preferredDataLocation preferredLanguage proxyAddresses renewedDateTime resourceBehaviorOptions
	resourceProvisioningOptions securityEnabled securityIdentifier serviceProvisioningErrors theme
	uniqueName unseenConversationsCount unseenCount unseenMessagesCount visibility
	welcomeMessageEnabled`
	teamNames = `
	classification createdDateTime description displayName firstChannelName funSettings
	guestSettings id internalId isArchived memberSettings messagingSettings specialization summary
	tenantId visibility webUrl`
	memberNames = `
	displayName email id roles tenantId userId visibleHistoryStartDateTime`
	operationNames = `
	attemptsCount createdDateTime error id lastActionDateTime operationType status targetResourceId
	targetResourceLocation`
	organizationNames = `
	assignedPlans businessPhones city country countryLetterCode createdDateTime defaultUsageLocation
	deletedDateTime displayName id marketingNotificationEmails mobileDeviceManagementAuthority
	onPremisesLastSyncDateTime onPremisesSyncEnabled partnerTenantType postalCode preferredLanguage
	privacyProfile provisionedPlans securityComplianceNotificationMails
	securityComplianceNotificationPhones state street technicalNotificationMails tenantType
	verifiedDomains`
	skuNames = `
	accountId accountName appliesTo capabilityStatus consumedUnits id prepaidUnits servicePlans skuId
	skuPartNumber subscriptionIds`
	memberSettingNames = `
	allowAddRemoveApps allowCreatePrivateChannels allowCreateUpdateChannels
	allowCreateUpdateRemoveConnectors allowCreateUpdateRemoveTabs allowDeleteChannels`
	guestSettingNames = `
	allowCreateUpdateChannels allowDeleteChannels`
	funSettingNames = `
	allowCustomMemes allowGiphy allowStickersAndMemes giphyContentRating`
	messagingSettingNames = `
	allowChannelMentions allowOwnerDeleteMessages allowTeamMentions allowUserDeleteMessages
	allowUserEditMessages`
)

// The properties served when $select does not say. They leave out
// accountEnabled and assignedPlans of users, as the service does.
const (
	userDefaults = `businessPhones displayName givenName jobTitle mail mobilePhone officeLocation
	preferredLanguage surname userPrincipalName id`
	groupDefaults = `id deletedDateTime classification createdDateTime description displayName
	expirationDateTime groupTypes isAssignableToRole mail mailEnabled mailNickname membershipRule
	membershipRuleProcessingState onPremisesLastSyncDateTime onPremisesSecurityIdentifier
	onPremisesSyncEnabled preferredDataLocation preferredLanguage proxyAddresses renewedDateTime
	resourceBehaviorOptions resourceProvisioningOptions securityEnabled securityIdentifier theme
	visibility uniqueName onPremisesProvisioningErrors`
	teamDefaults = `id createdDateTime displayName description internalId classification
	specialization visibility webUrl isArchived tenantId memberSettings guestSettings
	messagingSettings funSettings summary`
)

// What a write may set. Everything else of the type is read-only here.
const (
	// groupWritable may be given at creation and changed later.
	groupWritable = `displayName description mailNickname mailEnabled securityEnabled groupTypes
	visibility classification preferredDataLocation preferredLanguage theme membershipRule
	membershipRuleProcessingState`
	// groupAtBirth may be given at creation only.
	groupAtBirth = `uniqueName resourceBehaviorOptions isAssignableToRole owners@odata.bind`
	// groupLater may not be given at creation.
	groupLater = `allowExternalSenders autoSubscribeNewMembers hideFromAddressLists
	hideFromOutlookClients isSubscribedByMail unseenCount`
	// teamWritable may be given to PATCH /teams/{id}.
	teamWritable = `displayName description visibility classification memberSettings guestSettings
	funSettings messagingSettings`
	// teamFromGroup may be given to POST /teams beside group@odata.bind.
	teamFromGroup = `memberSettings guestSettings funSettings messagingSettings discoverySettings
	channels installedApps template@odata.bind group@odata.bind`
	// teamFromNothing may be given to POST /teams without a group.
	teamFromNothing = teamFromGroup + ` displayName description visibility specialization
	classification firstChannelName members`
	// memberWritable may be given for a membership.
	memberWritable = `roles user@odata.bind visibleHistoryStartDateTime`
)

// nameSet is a set of property names.
type nameSet map[string]bool

func names(lists ...string) nameSet {
	set := nameSet{}
	for _, list := range lists {
		for _, name := range strings.Fields(list) {
			set[name] = true
		}
	}
	return set
}

// schema is the lists above, ready to look up.
type schema struct {
	user, group, team, member, operation       nameSet
	organization, sku                          nameSet
	groupBirth, groupChange, teamChange        nameSet
	teamOfGroup, teamOfNothing, memberRow, ref nameSet
	settings                                   map[string]nameSet
}

func newSchema() schema {
	return schema{
		user:          names(userNames),
		group:         names(groupNames),
		team:          names(teamNames),
		member:        names(memberNames),
		operation:     names(operationNames),
		organization:  names(organizationNames),
		sku:           names(skuNames),
		groupBirth:    names(groupWritable, groupAtBirth, "members@odata.bind"),
		groupChange:   names(groupWritable, groupLater, "members@odata.bind uniqueName"),
		teamChange:    names(teamWritable),
		teamOfGroup:   names(teamFromGroup),
		teamOfNothing: names(teamFromNothing),
		memberRow:     names(memberWritable),
		ref:           names("@odata.id"),
		settings: map[string]nameSet{
			"memberSettings":    names(memberSettingNames),
			"guestSettings":     names(guestSettingNames),
			"funSettings":       names(funSettingNames),
			"messagingSettings": names(messagingSettingNames),
		},
	}
}

// pick lists the selected names, or the defaults without a $select. In a delta
// the links that can be followed may be selected too.
func pick(selected string, known nameSet, defaults string, links ...string) ([]string, error) {
	if selected == "" {
		return strings.Fields(defaults), nil
	}
	var picked []string
	for name := range strings.SplitSeq(selected, ",") {
		name = strings.TrimSpace(name)
		if !known[name] && !slices.Contains(links, name) {
			return nil, badDirectory("Parsing OData Select and Expand failed: Could not find a property named '%s'.", name)
		}
		picked = append(picked, name)
	}
	return picked, nil
}
