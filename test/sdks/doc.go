// Package sdks runs the programs of examples/ in every language, with the SDKs built as their users would build them,
// against the plugin and the emulator. Its tests have the build tag sdks, since they need what run.sh makes first with npm,
// pip and Maven; `make test-sdks` does both.
//
// Where the host of a language is on PATH, as with a CLI that was installed, the CLI runs its programs, and `pulumi import`,
// `pulumi convert`, `pulumi package add` and `gen-sdk` are tested, too. Otherwise Go, TypeScript and Python programs run as inline
// programs of Pulumi's Automation API, which the small programs in runners/ start, and C# is parsed. The hosts of YAML and Java are
// built from modules, and always there. The output ends with how each example was run.
package sdks
