// A network for the app, and private endpoints in it for what the app keeps its
// data in. The app itself stays reachable: Microsoft Graph has to post to it.

@description('Name of the network.')
param name string
param location string
param tags object

@description('The network in CIDR notation, /26 or larger.')
param addresses string

@description('The storage account, the namespace, the vault.')
param storageId string
param busId string
param vaultId string

var endpoints = [
  { name: 'blob', target: storageId, zone: 'privatelink.blob.${environment().suffixes.storage}' }
  { name: 'table', target: storageId, zone: 'privatelink.table.${environment().suffixes.storage}' }
  { name: 'namespace', target: busId, zone: 'privatelink.servicebus.windows.net' }
  { name: 'vault', target: vaultId, zone: 'privatelink.vaultcore.azure.net' }
]

resource network 'Microsoft.Network/virtualNetworks@2024-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addresses] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addresses, 27, 0)
          delegations: [
            {
              name: 'flex'
              properties: { serviceName: 'Microsoft.App/environments' } // what Flex Consumption asks for
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: cidrSubnet(addresses, 27, 1) }
      }
    ]
  }
}

module endpoint 'endpoint.bicep' = [
  for e in endpoints: {
    name: 'endpoint-${e.name}'
    params: {
      location: location
      tags: tags
      group: e.name
      target: e.target
      zoneName: e.zone
      networkId: network.id
      subnetId: network.properties.subnets[1].id
    }
  }
]

output appSubnetId string = network.properties.subnets[0].id
