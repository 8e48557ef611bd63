// Everything storeteams needs in Azure, in a resource group of its own: the
// function app, its identity, its storage, its queues, its secrets, and what
// watches over it. "azd up" deploys it; docs/deploy.md goes through the steps.
//
// The parameters are texts, because the values of an azd environment are; an
// empty one means the default. Modules know each other only through main.
targetScope = 'subscription'

@description('The azd environment: part of every name and tag, and the INSTANCE unless the settings give one.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Where everything is. Flex Consumption has to be offered there.')
@minLength(1)
@metadata({ azd: { type: 'location' } })
param location string

@description('The app settings that an operator chooses, by name; an empty one is left out, and the program\'s default counts. docs/configure.md lists them.')
param settings object

@description('What notifications of Microsoft Graph are signed with: id:base64[,id:base64]. Empty: nobody is asked to notify, and changes are found by the timers alone.')
@secure()
param notificationSecrets string = ''

@description('true: storage, queues and secrets are reachable from the app\'s own network only. The queues then need the Premium tier.')
@allowed(['', 'false', 'true'])
param privateNetwork string = ''

@description('The network, in CIDR notation, if there is one.')
param networkAddresses string = ''

@description('true: Commerce may send its events, by a connection string that can send to one queue and do nothing else.')
@allowed(['', 'false', 'true'])
param commerceEvents string = ''

@description('Object id of who reads that connection string for Commerce: the service principal named in its Key Vault parameters.')
param commerceEventsReader string = ''

@description('true: the identity owns the queues\' data, which scaling by the length of a queue may need.')
@allowed(['', 'false', 'true'])
param queueOwner string = ''

@description('Instances kept warm for HTTP, so that a validation by Microsoft Graph meets no cold start. Default 1.')
param alwaysReadyInstances string = ''

@description('Most instances. Default 40, the least the platform takes.')
param maximumInstances string = ''

@description('Memory of an instance in MB.')
@allowed(['', '512', '2048', '4096'])
param instanceMemory string = ''

@description('Copies of the ledger: in one data centre (the default, offered everywhere), in three of the region, or in another region too.')
@allowed(['', 'Standard_LRS', 'Standard_ZRS', 'Standard_GRS'])
param storageSku string = ''

@description('Who gets the alerts. Empty: they are only shown.')
param alertEmail string = ''

@description('Days for which logs are kept. Default 30.')
param logDays string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var isPrivate = privateNetwork == 'true'
var takesEvents = commerceEvents == 'true'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-storeteams-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  name: 'identity'
  params: {
    name: 'id-storeteams-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    token: token
    location: location
    tags: tags
    days: empty(logDays) ? 30 : int(logDays)
    principalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    name: 'st${token}'
    sku: empty(storageSku) ? 'Standard_LRS' : storageSku
    location: location
    tags: tags
    isPrivate: isPrivate
    principalId: identity.outputs.principalId
  }
}

module bus 'modules/bus.bicep' = {
  scope: group
  name: 'bus'
  params: {
    name: 'sb-storeteams-${token}'
    location: location
    tags: tags
    isPrivate: isPrivate
    takesEvents: takesEvents
    isOwner: queueOwner == 'true'
    principalId: identity.outputs.principalId
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  name: 'vault'
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    isPrivate: isPrivate
    notificationSecrets: notificationSecrets
    principalId: identity.outputs.principalId
  }
}

module events 'modules/events.bicep' = if (takesEvents) {
  scope: group
  name: 'events'
  params: {
    namespaceName: bus.outputs.name
    queueName: bus.outputs.eventsQueue
    vaultName: vault.outputs.name
    readerId: commerceEventsReader
  }
}

module network 'modules/network.bicep' = if (isPrivate) {
  scope: group
  name: 'network'
  params: {
    name: 'vnet-storeteams-${token}'
    location: location
    tags: tags
    addresses: empty(networkAddresses) ? '10.61.0.0/24' : networkAddresses
    storageId: storage.outputs.id
    busId: bus.outputs.id
    vaultId: vault.outputs.id
  }
}

module app 'modules/app.bicep' = {
  scope: group
  name: 'app'
  params: {
    name: 'func-storeteams-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    storageName: storage.outputs.name
    packages: storage.outputs.packages
    tablesUrl: storage.outputs.tablesUrl
    busHost: bus.outputs.host
    notificationSecretUri: vault.outputs.notificationSecretUri
    insights: monitoring.outputs.connectionString
    instance: environmentName
    settings: settings
    subnetId: isPrivate ? network!.outputs.appSubnetId : ''
    alwaysReady: empty(alwaysReadyInstances) ? 1 : int(alwaysReadyInstances)
    maximumInstances: empty(maximumInstances) ? 40 : int(maximumInstances)
    memory: empty(instanceMemory) ? 2048 : int(instanceMemory)
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  name: 'alerts'
  params: {
    token: token
    location: location
    tags: tags
    insightsId: monitoring.outputs.insightsId
    busId: bus.outputs.id
    email: alertEmail
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  name: 'workbook'
  params: {
    location: location
    tags: tags
    insightsId: monitoring.outputs.insightsId
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_ID string = app.outputs.id
output AZURE_FUNCTION_NAME string = app.outputs.name
output AZURE_FUNCTION_URL string = app.outputs.url
output SERVICE_HANDLER_NAME string = app.outputs.name
output IDENTITY_CLIENT_ID string = identity.outputs.clientId
output IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output KEY_VAULT_NAME string = vault.outputs.name
output EVENTS_QUEUE string = bus.outputs.eventsQueue
