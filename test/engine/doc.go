// Package engine runs Pulumi's engine in this process, for tests that need many more operations than the CLI can make and that
// must look into every one of them.
//
// A [Stack] keeps a snapshot from one operation to the next. A [Program] registers resources with their options. A [Provider]
// is served from this process ([InProcess]) or is the plugin's binary in a process of its own ([Binary]). Each operation starts
// it anew, whenever the engine asks for a plugin.
//
// Real is everything that decides what a provider is asked and what is recorded: the step generator and the executor, the
// registry of providers, the resource monitor, hooks, refresh, import, the client of the plugin's gRPC server, and the managers
// of snapshots that the CLI has. Not real are:
//
//   - the language: a program is a list, registered over the monitor's gRPC server as an SDK does;
//   - the plugin host of Pulumi's own tests: it does not search for plugins, nor install them. Plugins are started and ended as
//     the CLI's host does it, but their environment is the test's;
//   - the backend: a snapshot is kept in memory, without encryption, and no stack is locked;
//   - the display: a [Result] has the events that the CLI would show.
package engine
