// Package infra holds the templates for Azure and the programs around a
// deployment; docs/deploy.md tells how they work together.
//
//   - main.bicep and modules: the resources; main.parameters.json: where azd's
//     environment values go.
//   - ready: azd's hook before it makes resources. grant: Graph's permissions.
//   - stage: the folder that is deployed. release: the same as a zip.
//   - bicep, permission: what the tests and programs here share.
package infra
