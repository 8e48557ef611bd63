// One private endpoint and the DNS zone that leads to it.

param location string
param tags object

@description('Which of the target\'s services: blob, table, namespace, vault.')
param group string

@description('The resource it leads to.')
param target string

@description('The zone that the service\'s public name is an alias into.')
param zoneName string

@description('The network that uses the zone, and the subnet that the endpoint is in.')
param networkId string
param subnetId string

resource endpoint 'Microsoft.Network/privateEndpoints@2024-01-01' = {
  name: 'pe-${group}-${uniqueString(target)}'
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: group
        properties: {
          privateLinkServiceId: target
          groupIds: [group]
        }
      }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: group
          properties: { privateDnsZoneId: zone.id }
        }
      ]
    }
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: 'storeteams'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: networkId }
    }
  }
}
