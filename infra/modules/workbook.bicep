// The operator's page in the portal: what the last runs did, what waits, and
// what is slow. Everything on it is also told by the command line.

param location string
param tags object

@description('The Application Insights resource that its queries read.')
param insightsId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'storeteams')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'storeteams'
    category: 'workbook'
    sourceId: insightsId
    serializedData: loadTextContent('../workbook.json')
  }
}
