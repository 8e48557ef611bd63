// How Commerce sends its events: finance and operations apps know no identity
// for a queue, only a connection string that they read from a vault. This one
// can send to one queue and do nothing else.

@description('The namespace of the queues.')
param namespaceName string

@description('The queue of events.')
param queueName string

@description('The vault that the connection string is put in.')
param vaultName string

@description('Object id of who reads it for Commerce. Empty: nobody yet.')
param readerId string

var roles = {
  // Commerce fetches the connection string, and no other secret.
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
}

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: namespaceName

  resource queue 'queues' existing = {
    name: queueName

    resource rule 'authorizationRules' = {
      name: 'commerce'
      properties: { rights: ['Send'] }
    }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'commerce-events-connection'
  properties: { value: namespace::queue::rule.listKeys().primaryConnectionString }
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(readerId)) {
  scope: secret
  name: guid(secret.id, readerId, roles.keyVaultSecretsUser)
  properties: {
    principalId: readerId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}
