// Package enginetest drives a provider as the Pulumi engine does, for tests that need many more runs than the CLI can make
// and that must look into every one of them.
//
// A [Stack] keeps a checkpoint between operations and speaks to the provider through the engine's own client, either to the
// plugin binary in a process of its own ([Binary]) or in process ([InProcess]). What it copies of the engine (pkg/resource/deploy
// of v3.259.0), step by step:
//
//   - every operation starts the provider anew: CheckConfig, DiffConfig, Configure;
//   - up: Check with the recorded inputs, Diff, then Create, Update, replacement (created first, deleted last) or nothing; a
//     resource with initialization errors is updated even if nothing differs;
//   - a failed initialization is stored: with the new inputs after a create, with the old ones after an update; any other
//     failure leaves the checkpoint as it was;
//   - an error hook has the operation tried again, at most a hundred times in all: reasons of a try that failed to initialize
//     stay recorded if a later one succeeds, and of a hundred failures no id is stored;
//   - a dependent is handed the id when the registration has succeeded, never before; it is removed before the resource is;
//   - refresh: Read, then Diff with the sides swapped; an empty id is a resource that is gone, another id is taken over;
//   - the resource option import: Read without state, then Check and Diff as in any other update;
//   - resources that left the program, or were replaced, are deleted last, and only if nothing failed before;
//   - after a failure or a cancellation no further step starts; those under way finish.
package enginetest
