// What wakes somebody. docs/operate.md says for each alert what it means and
// which command to run. Their queries read the lines that the program prints;
// a test holds their words against the program's.

@description('Part of the names.')
param token string
param location string
param tags object

@description('The Application Insights resource.')
param insightsId string

@description('The queues\' namespace.')
param busId string

@description('Who gets the alerts. Empty: they are only shown.')
param email string

var actions = empty(email) ? [] : [group.id]

// lines are the program's own: one JSON object each, which the host passes on as
// the message of a trace.
var lines = 'traces | where message startswith "{" | extend l = parse_json(message)'

var rules = [
  {
    name: 'no-good-run'
    text: 'For two hours no run of OrgSync came to a good end: nobody is added, and who left the company stays in.'
    severity: 1
    query: '${lines} | where tostring(l.msg) == "run ended" and tobool(l.hinted) == false and tostring(l.outcome) in ("done", "partial")'
    window: 'PT2H'
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'leaver-stays'
    text: 'Somebody whom Commerce says has left is in a team still, an hour after it was known.'
    severity: 1
    query: '${lines} | where tostring(l.msg) == "a leaver is in the team still"'
    window: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'quarantine'
    text: 'So many changes failed that runs go slower until one is clean again.'
    severity: 2
    query: '${lines} | where tostring(l.msg) == "run ended" and tobool(l.slowed) == true'
    window: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'canary-silent'
    text: 'Microsoft Graph does not notify: changes are found by the timers, minutes later.'
    severity: 2
    query: '${lines} | where tostring(l.msg) == "no notifications arrive"'
    window: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'holds-waiting'
    text: 'Changes are held until a person allows or refuses them.'
    severity: 3
    query: '${lines} | where tostring(l.msg) == "run ended" and tobool(l.hinted) == false | extend held = toint(l.held) | summarize arg_max(timestamp, held) | where held > 0'
    window: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
  }
]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-storeteams-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'storeteams'
    enabled: true
    emailReceivers: [
      {
        name: 'operator'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'storeteams-${rule.name}-${token}'
    location: location
    tags: tags
    properties: {
      displayName: 'storeteams: ${rule.name}'
      description: rule.text
      severity: rule.severity
      enabled: true
      autoMitigate: true
      evaluationFrequency: 'PT15M'
      windowSize: rule.window
      scopes: [insightsId]
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: { actionGroups: actions }
    }
  }
]

// The platform counts these by itself, also while the app does not run.
resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'storeteams-dead-letters-${token}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Messages that could not be worked on wait for a person.'
    severity: 2
    enabled: true
    autoMitigate: true
    evaluationFrequency: 'PT15M'
    windowSize: 'PT1H'
    scopes: [busId]
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'dead letters'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: 'DeadletteredMessages'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'EntityName'
              operator: 'Include'
              values: ['*']
            }
          ]
        }
      ]
    }
    actions: [for id in actions: { actionGroupId: id }]
  }
}
