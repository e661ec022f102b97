// Package kmsinstance is the resource KmsInstance.
//
// Everything that is known of a property stands in one row of a table (properties.go), from which Check, Diff, previews, the
// schema and the reference docs work. Check, Diff and previews speak raw property maps, because the framework erases unknown
// values (raw.go, check.go, diff.go, preview.go).
//
// Create, Update and resuming are one routine, converge (converge.go): it reads the instance, plans the calls that are missing
// (plan.go, pure), makes them, waits, and reads again. Only Create buys (purchase.go); from the order's answer on, every way
// out returns the id. An order without an answer is recorded and repeated to the letter (pending.go).
package kmsinstance
