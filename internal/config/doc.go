// Package config is the provider's configuration: its keys ([Keys]), what Check, Diff and Configure make of them, and the
// credentials that follow from them.
//
// # Where a value comes from
//
// The first place that holds a non-empty value wins: the configuration (stack configuration or an explicit provider), the
// environment variables of the key in the order of the table, the profile (region and credentials only). There is no
// default region. Environment variables are read when the plugin runs and are never recorded in the state.
//
// # Where credentials come from
//
// The first way that the configuration names wins, else the first that the environment names, else the default chain. The
// ways are in the order that Alibaba Cloud documents for its alicloud provider, which puts a key pair of the environment
// before all that its configuration names:
//
//  1. accessKey and secretKey, with securityToken;
//  2. ecsRoleName, the RAM role of the ECS instance that Pulumi runs on;
//  3. profile and sharedCredentialsFile: a profile of the aliyun CLI (JSON) or of an Alibaba Cloud SDK (INI);
//  4. credentialsUri, a service that hands out temporary credentials;
//  5. the default chain of the Alibaba Cloud SDKs: OIDC from the environment, the current profile of ~/.aliyun/config.json,
//     the default section of ~/.alibabacloud/credentials, the role of the ECS instance.
//
// Of a pair that the configuration names in part, the environment may give the rest. assumeRoleWithOidc takes the place of
// all of them, and assumeRole wraps whatever they give.
//
// Configure reads no file and contacts nothing: a missing region or credential is an error of the first call that needs it,
// so that a new stack can be previewed offline.
package config
