// Package cloud is the client for the APIs of Alibaba Cloud behind a KMS instance: KMS itself, BSS, which sells
// instances, VPC, which lists vSwitches, and STS, which says whose credentials are used.
//
// Requests are built and signed by the official SDK, through the generic call of darabonba-openapi. The modules for the
// single APIs bring no more than the names of parameters. Transport, decoding and retries are this package's own. The SDK shares connections and headers between
// goroutines without locks, loses the HTTP status of answers that are no JSON, and takes BSS's refusals (HTTP 200 with
// "Success": false) for successes; the response types of its modules drop fields and fail on older forms of others.
//
// call.go makes one try of a call, retry.go alone decides about further ones, and settle.go says what a failed try means.
// An order to BSS carries a client token, so that a repeated request answers with the first one's result, and is not
// interrupted by cancellation. MayHaveTakenEffect tells what is left open when retries end.
package cloud
