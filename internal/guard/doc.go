// Package guard stands between the engine and infer and closes the holes of the framework that would cost money or state
// here. TestHolesOfInfer shows that infer (v1.5.0) still has them. [Wrap] closes these:
//
//   - infer erases unknown values before typed code sees them, drops wholly unknown lists in Check, and marks every output
//     of an update unknown: Check, Diff and previews are answered on raw property maps (guard.go). That a custom Diff has no
//     default one to build on is pulumi-go-provider issue 277.
//   - a malformed URN leads to a panic, and there is no default deadline, while fractions of a second are cut off (guard.go).
//   - a panic ends the plugin process (process.go). A null inside a list or a map leads to one in infer, since
//     pulumi-go-provider pull request 557: the raw Check must refuse it.
//   - a recorded state with a field that is not known fails to decode, so that the resource cannot even be deleted
//     (recorded.go): pulumi-command issue 709.
//   - a secret in a list is marked by its place, which a reordered list moves away (secrets.go); of an import secrecy is lost
//     (pulumi-go-provider issue 582).
//
// [Server] closes one more: Construct and Call end the process, if the caller does not accept output values. That a Read without
// an id imports a phantom (pulumi pull request 24518) is the resource's business: its Read must fail.
package guard
