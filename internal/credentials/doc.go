// Package credentials gets the credentials that calls are signed with, and renews them before they expire.
//
// The first way that the configuration names wins, else the first that the environment names, else the default chain. The
// ways are in the order that Alibaba Cloud documents for its alicloud provider, which puts a key pair of the environment
// before all that its configuration names:
//
//  1. an access key and its secret, with a security token if they are temporary;
//  2. the RAM role of the ECS instance that Pulumi runs on;
//  3. a profile of the aliyun CLI (JSON) or of an Alibaba Cloud SDK (INI);
//  4. a service that hands out temporary credentials at a URL;
//  5. the default chain of the Alibaba Cloud SDKs: OIDC from the environment, the current profile of ~/.aliyun/config.json,
//     the default section of ~/.alibabacloud/credentials, the role of the ECS instance.
//
// Of a pair that the configuration names in part, the environment may give the rest. A role that an OIDC token may assume takes
// the place of all of them, and a role to assume wraps whatever they give.
//
// [New] reads no file and contacts nothing: what is missing is an error of the first call that needs it, so that a new stack can
// be previewed offline.
package credentials
