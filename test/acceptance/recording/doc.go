// Package recording records what a program and Alibaba Cloud say to each other, without its secrets, and reads such a recording.
//
// The plugin is a process of its own, so a [Proxy] stands between it and the cloud: HTTPS_PROXY leads there, and SSL_CERT_FILE
// makes the plugin trust its certificate. Requests go on as they came, with their signatures and to the hosts that the plugin
// chose. A [Recorder] keeps them in memory and replaces all secrets before anything reaches the disk.
package recording
