// Package e2e tests storeteams from outside: the staged binary, started by the
// Functions host's stand-in, between a simulated Commerce and a simulated tenant
// that it reaches over sockets. Every test asserts the state that the tenant is
// left in, or what an operator is told, never which calls were made; the one
// exception, the contract test, holds every request against the names that
// Microsoft publishes.
//
// The package has tests only. It refuses to reach into the handler: it knows
// settings, Operations, exit codes and the ledger's file, as an operator does.
package e2e
