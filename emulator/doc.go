// Package emulator is a local stand-in for the parts of Alibaba Cloud that a KMS instance needs. Nothing is bought, and
// nothing leaves the machine.
//
// A [Server] is one emulated cloud. It speaks the wire format of four services over HTTP: KMS, BSS (orders and billing),
// STS and VPC. It verifies signatures, keeps instances through their whole life, and refuses what the cloud refuses. A
// client needs nothing but the address: give it [Server.URL] as endpoint, and HTTP as protocol.
//
// # In a Go test
//
// [New] makes a Server, [Server.Start] lets it listen on a free port of loopback, [Server.Close] ends it. The zero
// [Options] are a cloud without any delay, whose only access key is [DefaultAccessKeyID]. The package example shows a
// whole test.
//
// What a test wants to know afterwards is in [Server.Journal] (every call, what it did and what was paid) and in
// [Server.Totals]. [Server.Inject] makes calls go wrong: see [Fault], and above all [FaultKind.After], which loses the
// answer of an order that took effect. [Server.Seed], [Server.Change], [Server.Remove] and [Server.AddNetwork] change the
// cloud behind the client's back.
//
// Time passes as on the wall. With Options.VirtualClock it stands still, and [Server.Advance] moves it. In a bubble of
// testing/synctest use [PipeTransport], which needs no socket.
//
// Other languages use the program alicloud-kms-emulator, which has all of this as flags and as an admin API.
//
// # What is modelled, and what is a choice
//
// The package was written from public documentation and from public clients, and was never compared with the live cloud.
// docs/emulator.md lists every rule with the evidence for it. Where nothing public says what the cloud does, the rule is
// the emulator's own choice and marked O there: do not build on it.
//
// # Where to read on
//
// operations.go has what every action needs; kms*.go, tags.go, bss*.go, sts.go and vpc.go are the actions. cloud.go,
// instance.go and network.go are the state behind them. handler.go is the way of a call; auth.go and signature.go decide
// who makes it, fault.go what goes wrong. control.go and admin.go change the cloud behind its clients' backs.
package emulator
