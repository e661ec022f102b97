// Package sdks runs the programs of examples/ in every language, with the SDKs built as their users would build them,
// against the plugin and the emulator. Its tests have the build tag sdks, since they need what run.sh makes first with npm,
// pip and Maven; `make test-sdks` does both.
//
// Go, TypeScript, Python and Java programs run as inline programs of Pulumi's Automation API, which needs no language host:
// the small programs in runners/ start them. YAML programs run through the CLI.
package sdks
