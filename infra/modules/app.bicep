// The function app on Flex Consumption, and its settings.

@description('Name of the app.')
param name string
param location string
param tags object

@description('The identity it runs as.')
param identityId string
param clientId string

@description('The storage account, the container with the package, the ledger\'s endpoint.')
param storageName string
param packages string
param tablesUrl string

@description('Host name of the queues\' namespace.')
param busHost string

@description('Where the secret of notifications is. Empty: there are none.')
param notificationSecretUri string

@description('Connection string of Application Insights: an address, no secret, as keys are not taken there.')
param insights string

@description('INSTANCE, unless the settings give one.')
param instance string

@description('What the operator chose, by name of the setting; empty ones are left out.')
param settings object

@description('The subnet it sends from. Empty: none.')
param subnetId string

@description('Instances kept warm for HTTP.')
@minValue(0)
param alwaysReady int

@description('Most instances.')
@minValue(40)
@maxValue(1000)
param maximumInstances int

@description('Memory of an instance in MB.')
param memory int

var notified = !empty(notificationSecretUri)

// What the program leaves no choice about, for who chose nothing. MODE=plan
// changes nothing: the first thing after a deployment is to read a plan.
var standard = {
  MODE: 'plan'
  TASK_MODE: 'off'
  INSTANCE: instance
  ORG_SYNC_SCHEDULE: '0 */15 * * * *'
  TASK_SWEEP_SCHEDULE: '0 * * * * *'
  SUBSCRIPTION_SCHEDULE: '0 5/15 * * * *'
}

// What the operator chose.
var chosen = toObject(filter(items(settings), s => !empty(s.value)), s => s.key, s => s.value)

// What follows from the resources. It wins.
var wired = {
  LEDGER: 'tables'
  TABLES_URL: tablesUrl
  TENANT_ID: tenant().tenantId
  AZURE_CLIENT_ID: clientId
  ServiceBus__fullyQualifiedNamespace: busHost
}

// What only the Functions host reads.
var host = {
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  ServiceBus__credential: 'managedidentity'
  ServiceBus__clientId: clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
}

// Notifications of Microsoft Graph come to the app's own address.
var told = {
  NOTIFICATION_URL: 'https://${site.properties.defaultHostName}/api/graph/notifications'
  NOTIFICATION_SECRETS: '@Microsoft.KeyVault(SecretUri=${notificationSecretUri})'
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: { reserved: true } // Linux
}

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'handler' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: { minTlsVersion: '1.2' }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packages
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: memory
        maximumInstanceCount: maximumInstances
        // All HTTP functions share one group of instances. Graph waits 10 seconds
        // for an answer and drops who keeps it waiting.
        alwaysReady: alwaysReady == 0 ? [] : [{ name: 'http', instanceCount: alwaysReady }]
      }
    }
  }

  // Deployments and everything else go by Entra; there are no passwords.
  resource noPasswords 'basicPublishingCredentialsPolicies' = [
    for way in ['ftp', 'scm']: {
      name: way
      properties: { allow: false }
    }
  ]
}

resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: site
  name: 'appsettings'
  properties: union(standard, chosen, wired, host, notified ? told : {})
}

output id string = site.id
output name string = site.name
output url string = 'https://${site.properties.defaultHostName}'
