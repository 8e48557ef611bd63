// The vault with the secret by which notifications are told from anybody's. The
// template writes it as the subscription's owner; the app may read that secret
// and no other.

@description('Name of the vault.')
@maxLength(24)
param name string
param location string
param tags object

@description('Whether only private endpoints lead here.')
param isPrivate bool

@secure()
@description('id:base64[,id:base64]. Empty: there is no such secret.')
param notificationSecrets string

@description('The app\'s identity.')
param principalId string

var roles = {
  // The app setting NOTIFICATION_SECRETS is a reference to the secret.
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
}
var notified = !empty(notificationSecrets)

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
    }
  }
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (notified) {
  parent: vault
  name: 'notification-secrets'
  properties: { value: notificationSecrets }
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (notified) {
  scope: secret
  name: guid(secret.id, principalId, roles.keyVaultSecretsUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

output id string = vault.id
output name string = vault.name
// The secret's newest version is read, again every 24 hours and at each start.
output notificationSecretUri string = notified ? '${vault.properties.vaultUri}secrets/notification-secrets' : ''
