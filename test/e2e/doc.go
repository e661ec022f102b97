// Package e2e tests the provider as its users meet it: through the real CLI, the YAML language host and the plugin's binary,
// with an emulator in the test's own process in place of Alibaba Cloud. Each test has an emulator of its own, whose journal
// tells what was bought, and projects of its own with a file backend in a temp folder.
//
// The files without _test hold the driver: [Cloud], [Project] and [Result].
package e2e
