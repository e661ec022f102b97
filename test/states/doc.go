// Package states keeps stacks as released versions of the provider have recorded them, and shows that this version can
// still work with every one of them.
//
// testdata/v<version>/<sample>/ holds the export of a stack (stack.json), its program (Pulumi.yaml) and the instances that
// were in the cloud (cloud.json, the emulator's). All come from real runs of the CLI, the plugin and the emulator: `make
// state-samples` writes those of the version in the Makefile. Those of older versions are never written again.
package states
