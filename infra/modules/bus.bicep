// The namespace with the three queues. What the code counts on is written at
// each property; nothing here is a matter of taste.

@description('Name of the namespace.')
param name string
param location string
param tags object

@description('Whether only private endpoints lead here.')
param isPrivate bool

@description('Whether Commerce sends its events, which it does by a connection string.')
param takesEvents bool

@description('Whether the identity owns the queues\' data.')
param isOwner bool

@description('The app\'s identity.')
param principalId string

var roles = {
  // The functions take messages, and dead letters on request.
  serviceBusDataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  // The app hints at itself: sweeps, retries, notifications. To the two queues
  // of hints only; nobody but Commerce sends events.
  serviceBusDataSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
  // Only on request (queueOwner): counting a queue's messages, by which the
  // platform scales, needs the right to manage it.
  serviceBusDataOwner: '090c5cfd-751d-490a-894a-3ce6f1109419'
}

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    // Sessions and duplicate detection need Standard, private endpoints Premium.
    name: isPrivate ? 'Premium' : 'Standard'
    tier: isPrivate ? 'Premium' : 'Standard'
  }
  properties: {
    disableLocalAuth: !takesEvents
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate && !takesEvents ? 'Disabled' : 'Enabled'
  }
}

// Hints at tasks, a session a store: two looks at one store at once would only
// get in each other's way.
resource taskHints 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'task-hints'
  properties: {
    requiresSession: true // set for good when the queue is made
    requiresDuplicateDetection: true // likewise; a hint's id says what it hints at and when
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    lockDuration: 'PT1M' // the host renews it for as long as host.json says
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true // nothing is lost without a trace
    enablePartitioning: false // sequence numbers name dead letters
  }
}

// Hints at the organization, one session.
resource orgHints 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'org-hints'
  properties: {
    requiresSession: true
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true
    enablePartitioning: false
  }
}

// Business and data events of Commerce, which sends without sessions and
// without ids of messages.
resource commerceEvents 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'commerce-events'
  properties: {
    requiresSession: false
    requiresDuplicateDetection: false
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true
    enablePartitioning: false
  }
}

resource receivesTaskHints 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: taskHints
  name: guid(taskHints.id, principalId, roles.serviceBusDataReceiver)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
  }
}

resource sendsTaskHints 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: taskHints
  name: guid(taskHints.id, principalId, roles.serviceBusDataSender)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}

resource receivesOrgHints 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: orgHints
  name: guid(orgHints.id, principalId, roles.serviceBusDataReceiver)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
  }
}

resource sendsOrgHints 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: orgHints
  name: guid(orgHints.id, principalId, roles.serviceBusDataSender)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}

resource receivesEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: commerceEvents
  name: guid(commerceEvents.id, principalId, roles.serviceBusDataReceiver)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
  }
}

resource owns 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (isOwner) {
  scope: namespace
  name: guid(namespace.id, principalId, roles.serviceBusDataOwner)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataOwner)
  }
}

output id string = namespace.id
output name string = namespace.name
output host string = '${namespace.name}.servicebus.windows.net'
output eventsQueue string = commerceEvents.name
