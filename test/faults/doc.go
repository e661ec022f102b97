// Package faults proves at every call what docs/reliability.md promises: that nothing is bought twice, that no id is lost and
// that everything converges.
//
// A [scenario] is a command on a stack in some state. The [sweep] runs it once without a fault to see which calls it makes, and
// then again and again, each time with one [kind] of fault at one of these calls. A [run] has a [world] of its own: an emulated
// cloud behind a server that can strike at a call, and a stack on which Pulumi's engine runs in this process (the package
// engine), with the real plugin in a process of its own. After the fault it types what a user is told to type, and judges cloud, checkpoint and messages after every
// command.
package faults
