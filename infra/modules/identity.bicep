// Whom storeteams is in Entra: for Graph, Commerce, the ledger, the queues, the
// secrets. User-assigned, so that what was granted to it outlives the app.

@description('Name of the identity.')
param name string
param location string
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
