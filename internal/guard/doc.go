// Package guard stands between the engine and infer and closes the holes of the framework that would cost money or state
// here. Each guard names what it closes:
//
//   - infer erases unknown values before typed code sees them, drops wholly unknown lists in Check, and marks every output
//     of an update unknown: Check, Diff and previews of guarded resources are answered on raw property maps (raw.go).
//   - infer replaces an explicit provider, and every resource under it, on any change of its configuration, and keeps values
//     of an earlier configuration: the configuration is answered by the provider's own code (raw.go).
//   - a null inside a list or a map, and any other panic, ends the plugin process (panics.go, nulls.go).
//   - Read without an id imports a phantom (raw.go).
//   - there is no default deadline, and fractions of a second are cut off (deadlines.go).
//   - a recorded state with a field that is not known fails to decode, so that the resource cannot even be deleted (state.go).
//   - a secret in a list is marked by its place, which a reordered list moves away (secrets.go).
package guard
