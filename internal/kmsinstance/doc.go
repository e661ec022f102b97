// Package kmsinstance is the resource KmsInstance.
//
// Everything that is known of a property stands in one row of a table (properties.go), from which Check, Diff, previews, the schema and
// the reference work. Check, Diff and previews work on property maps, because the framework's typed inputs cannot hold unknown values.
//
// Each verb begins in the file of its name. Create looks for an instance that a lost run may have bought (look.go), orders one
// (create.go, order.go), and from the order's answer on returns the id, whatever happens. Create and Update then share converge
// (converge.go): it connects the instance if it is not connected, plans the calls that are missing (plan.go), makes them, waits, and
// reads again. It can be run after any interruption and any number of times.
//
// memory.go has what the process remembers between calls, times.go every time limit.
package kmsinstance
