package config

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/credentials"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// Key is one key of the provider configuration, or one field of a nested object. Check, Diff, Configure, the schema and the
// reference docs all work from these rows.
type Key = input.Field

// Package is the name of the Pulumi package, which is the namespace of the keys in a stack's configuration.
const Package = "alicloud-kms"

const keyEndpoints = "endpoints"

// Keys is the table of all keys, in the order of the reference docs.
//
// Names and environment variables are those of the alicloud provider where the thing is the same.
var Keys = []Key{
	{Name: "region", Env: []string{"ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"}, Rule: regionRule,
		Description: "The region of the instances, for example `cn-hangzhou`. If neither the configuration nor the environment " +
			"gives one, the region of the profile counts; there is no default region. " +
			"Changing it replaces every resource of the provider."},
	{Name: "accessKey", Secret: true, Rule: credentialRule,
		Env:         []string{"ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID"},
		Description: "The id of the AccessKey pair that calls are signed with. Goes together with `secretKey`."},
	{Name: "secretKey", Secret: true, Rule: credentialRule,
		Env:         []string{"ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_ACCESS_KEY_SECRET"},
		Description: "The secret of the AccessKey pair that calls are signed with. Goes together with `accessKey`."},
	{Name: "securityToken", Secret: true, Rule: credentialRule,
		Env: []string{"ALICLOUD_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN", "ALIBABACLOUD_SECURITY_TOKEN"},
		Description: "The STS token that belongs to `accessKey` and `secretKey` if they are temporary. The environment variables " +
			"count only if at least one of the two keys comes from the environment too."},
	{Name: "profile", Env: []string{"ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"},
		Description: "The name of a profile in `sharedCredentialsFile`, whose credentials and region are used. " +
			"Modes: AK, StsToken, RamRoleArn, ChainableRamRoleArn, EcsRamRole, OIDC, External and CredentialsURI. " +
			"Left out, it is the file's current profile (JSON) or its section `default` (INI) if `sharedCredentialsFile` is given."},
	{Name: "sharedCredentialsFile",
		Env: []string{"ALICLOUD_SHARED_CREDENTIALS_FILE", "ALIBABA_CLOUD_CREDENTIALS_FILE"},
		Description: "The path of the file with the profiles: the JSON file of the aliyun CLI or an INI file of the Alibaba Cloud " +
			"SDKs, told apart by content. Left out, a `profile` is looked up in `~/.aliyun/config.json` (or the file that " +
			"ALIBABA_CLOUD_CONFIG_FILE names) and then in `~/.alibabacloud/credentials`."},
	{Name: "ecsRoleName", Env: []string{"ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"},
		Rule: roleNameRule,
		Description: "The name of the RAM role of the ECS instance that Pulumi runs on, whose temporary credentials are used. " +
			"They are read from the instance's metadata service."},
	{Name: "credentialsUri", Secret: true, Rule: credentials.URIRule,
		Env: []string{"ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"},
		Description: "The URL of a service that answers with temporary credentials as JSON " +
			"(`AccessKeyId`, `AccessKeySecret`, `SecurityToken`, `Expiration`). Plain HTTP is accepted for this machine and link-local " +
			"addresses only, and never goes through a proxy. It is a secret, because it may hold a token."},
	{Name: "assumeRole", Type: input.Object, Fields: assumeRoleFields,
		Description: "A RAM role to assume (STS AssumeRole) with the credentials that the other keys give; all calls are then made as " +
			"this role. The role's credentials are renewed before they expire."},
	{Name: "assumeRoleWithOidc", Type: input.Object, Fields: assumeRoleWithOidcFields,
		Description: "A RAM role to assume with the token of an OIDC identity provider (STS AssumeRoleWithOIDC), for example of a " +
			"Kubernetes service account or a CI job. It takes the place of all other credentials."},
	{Name: "accountId", Env: []string{"ALICLOUD_ACCOUNT_ID", "ALIBABA_CLOUD_ACCOUNT_ID"}, Rule: accountRule,
		Description: "The id of the Alibaba Cloud account that the credentials belong to: a string of 16 digits or so. " +
			"Not needed; if given, nothing is bought or changed with credentials of another account, it is recorded, and changing it " +
			"replaces every resource of the provider."},
	{Name: "accountType", Env: []string{"ALIBABA_CLOUD_ACCOUNT_TYPE"},
		Values: []string{string(cloud.Domestic), string(cloud.International)},
		Description: "The site that the account belongs to: `Domestic` (aliyun.com) or `International` (alibabacloud.com). " +
			"Orders go to the billing service of that site. Left out, the provider finds out."},
	{Name: keyEndpoints, Type: input.Object, Fields: endpointsFields,
		Description: "Endpoints that replace the built-in ones, each a host, host:port or URL without a path. " +
			"In YAML and in a stack's configuration it may also be a list of such objects, which are merged."},
	{Name: "verifyNetwork", Type: input.Boolean, Default: "true",
		Description: "Whether vSwitches are looked up (`vpc:DescribeVSwitches`) before an instance is bought or bound to them, so that a wrong " +
			"one costs nothing. `false` switches it off, for example for a vSwitch that another account shares and that the list lacks."},
	{Name: "ignoreInstances", Type: input.List, Element: &input.Field{Required: true, Rule: ignoreRule},
		Description: "The ids of instances (`kst-…`) that no purchase of this provider waits for. Before it orders, the provider looks for " +
			"an instance that an interrupted run may have bought already, and fails if there is one: an instance that belongs to something " +
			"else goes here. `*` stands for all instances, and switches the look off."},
	{Name: "protocol", Values: []string{"HTTPS", "HTTP"}, Default: "HTTPS",
		Description: "The protocol of endpoints that are not given as a URL: `HTTPS` or `HTTP`. " +
			"Plain HTTP is accepted only if the endpoints of KMS, billing and STS are given and are addresses of this machine, such as an " +
			"emulator's."},
	{Name: "clientConnectTimeout", Type: input.Integer, Env: []string{"CLIENT_CONNECT_TIMEOUT"}, Min: 1, Max: 3600000,
		Default:     "60000",
		Description: "The time that making a connection may take, in milliseconds."},
	{Name: "clientReadTimeout", Type: input.Integer, Env: []string{"CLIENT_READ_TIMEOUT"}, Min: 1, Max: 3600000,
		Default:     "60000",
		Description: "The time that one try of a call may take, in milliseconds. A try of an order never takes longer than 30 seconds."},
	{Name: "maxRetryTimeout", Type: input.Integer, Env: []string{"MAX_RETRY_TIMEOUT"}, Max: 86400, Default: "0",
		Description: "The time that all tries of one call may take together, in seconds. " +
			"0 leaves it to the provider: the operation's own deadline. " +
			"An order is never tried for longer than 10 minutes, and for one if every try gets the same answer."},
	{Name: "sourceIp", Env: []string{"ALICLOUD_SOURCE_IP", "ALIBABA_CLOUD_SOURCE_IP"}, Rule: ipRule,
		Description: "The IP address that calls are made for, sent as the parameter `SourceIp`; RAM policies can ask for it."},
	{Name: "secureTransport", Env: []string{"ALICLOUD_SECURE_TRANSPORT", "ALIBABA_CLOUD_SECURE_TRANSPORT"},
		Values: []string{"true", "false"},
		Description: "Whether the original request came over a secure channel, `true` or `false`, sent as the parameter " +
			"`SecureTransport`; RAM policies can ask for it."},
	{Name: "skipRegionValidation", Type: input.Boolean, NoEffect: true,
		Description: "Without effect: this provider has no fixed list of regions. Accepted because the alicloud provider has it."},
	{Name: "configurationSource", NoEffect: true,
		Description: "Without effect. Accepted because the alicloud provider has it."},
}

var assumeRoleFields = append(roleFields(
	"sessionName", []string{"ALIBABA_CLOUD_ROLE_ARN", "ALICLOUD_ASSUME_ROLE_ARN"},
	[]string{"ALIBABA_CLOUD_ROLE_SESSION_NAME", "ALICLOUD_ASSUME_ROLE_SESSION_NAME"}, []string{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"},
), Key{Name: "externalId", Description: "The external id that the role's trust policy asks for."})

var assumeRoleWithOidcFields = append([]Key{
	{Name: "oidcProviderArn", Env: []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN"}, Rule: oidcProviderArnRule,
		Description: "The ARN of the OIDC identity provider in RAM, `acs:ram::<account id>:oidc-provider/<name>`. Required."},
	{Name: "oidcToken", Secret: true, Rule: credentialRule, Env: []string{"ALIBABA_CLOUD_OIDC_TOKEN"},
		Description: "The OIDC token itself. Give either this or `oidcTokenFile`."},
	{Name: "oidcTokenFile", Env: []string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE"},
		Description: "The path of a file that holds the OIDC token. It is read anew whenever the role's credentials are renewed, " +
			"so it may be rotated."},
}, roleFields("roleSessionName", []string{"ALIBABA_CLOUD_ROLE_ARN"}, []string{"ALIBABA_CLOUD_ROLE_SESSION_NAME"}, nil)...)

// roleFields are the fields that every role to assume has, with the environment variables of its ARN, its session's name and its length.
func roleFields(sessionName string, arn, name, seconds []string) []Key {
	return []Key{
		{Name: "roleArn", Env: arn, Rule: roleArnRule, Description: "The ARN of the role, `acs:ram::<account id>:role/<name>`. Required."},
		{Name: sessionName, Env: name, Rule: sessionNameRule, Default: credentials.DefaultSessionName,
			Description: "The name of the session: 2 to 64 letters, digits and `.@-_`; RAM's audit log shows it."},
		{Name: "sessionExpiration", Type: input.Integer, Env: seconds, Min: 900, Max: 43200, Default: fmt.Sprint(credentials.DefaultSeconds),
			Description: "How long the role's credentials live, in seconds. The role's own maximum session duration is the upper end."},
		{Name: "policy", Rule: policyRule,
			Description: "A RAM policy, as JSON text, that narrows down what the session may do. It cannot add permissions."},
	}
}

var endpointsFields = []Key{
	{Name: "kms", Env: []string{"ALIBABA_CLOUD_ENDPOINT_KMS", "KMS_ENDPOINT"}, Rule: endpointRule,
		Default:     "kms.<region>.aliyuncs.com",
		Description: "The endpoint of Key Management Service in `region`: one of another region is refused."},
	{Name: "bssopenapi", Env: []string{"ALIBABA_CLOUD_ENDPOINT_BSSOPENAPI", "BSSOPENAPI_ENDPOINT"},
		Rule: endpointRule,
		Description: "The endpoint of the billing service, which takes the orders. Left out, it follows from the account's site: " +
			"`business.aliyuncs.com` or `business.ap-southeast-1.aliyuncs.com`."},
	{Name: "sts", Env: []string{"ALIBABA_CLOUD_ENDPOINT_STS", "STS_ENDPOINT"}, Rule: endpointRule,
		Default:     "sts.<region>.aliyuncs.com",
		Description: "The endpoint of Security Token Service, which is asked for the caller's identity and for the credentials of roles."},
	{Name: "vpc", Env: []string{"ALIBABA_CLOUD_ENDPOINT_VPC", "VPC_ENDPOINT"}, Rule: endpointRule,
		Default:     "vpc.<region>.aliyuncs.com",
		Description: "The endpoint of Virtual Private Cloud, which is asked for vSwitches (see `verifyNetwork`)."},
}

// TypeName is the type of a key, as the reference docs and the schema show it.
func TypeName(key *Key) string {
	if key.Type == input.Object {
		return strings.ToUpper(key.Name[:1]) + key.Name[1:]
	}
	return key.Type.String()
}

// doc is the description of a key for an IDE: meaning, range, default and environment variables.
func doc(key *Key) string {
	var b strings.Builder
	b.WriteString(key.Description)
	if key.Type == input.Integer {
		fmt.Fprintf(&b, " From %d to %d.", key.Min, key.Max)
	}
	if key.Default != "" {
		fmt.Fprintf(&b, " Default: `%s`.", key.Default)
	}
	switch len(key.Env) {
	case 0:
	case 1:
		fmt.Fprintf(&b, " Environment variable: `%s`.", key.Env[0])
	default:
		fmt.Fprintf(&b, " Environment variables: `%s`; the first that is set counts.", strings.Join(key.Env, "`, `"))
	}
	return b.String()
}

// at returns the row of a key, or of a field of one, such as "endpoints.kms"; nil if there is none.
func at(path string) *Key {
	key := &Key{Fields: Keys}
	for name := range strings.SplitSeq(path, ".") {
		if key = input.Find(key.Fields, name); key == nil {
			return nil
		}
	}
	return key
}

// AddSchema puts the keys into the schema of the package. No key has a default there: one from the environment would be compiled
// into SDKs and stored in the state.
func AddSchema(spec *schema.PackageSpec) {
	keys := properties(spec, Keys)
	spec.Config.Variables = keys
	spec.Provider = &schema.ResourceSpec{
		ObjectTypeSpec: schema.ObjectTypeSpec{
			Description: "The account and region whose KMS instances are managed. A program that works with one account and region needs no " +
				"provider resource: the stack's configuration and the environment describe the default provider.",
			Properties: keys,
		},
		InputProperties: keys,
	}
}

// properties describes keys, and puts the types of objects into the schema.
func properties(spec *schema.PackageSpec, keys []Key) map[string]schema.PropertySpec {
	out := map[string]schema.PropertySpec{}
	for i := range keys {
		key := &keys[i]
		property := schema.PropertySpec{Description: doc(key), Secret: key.Secret}
		switch token := Package + ":index:" + TypeName(key); key.Type {
		case input.Object:
			property.Ref = "#/types/" + token
			spec.Types[token] = schema.ComplexTypeSpec{ObjectTypeSpec: schema.ObjectTypeSpec{
				Type: "object", Description: key.Description, Properties: properties(spec, key.Fields),
			}}
		case input.List:
			property.Type, property.Items = "array", &schema.TypeSpec{Type: "string"}
		default:
			property.Type = TypeName(key)
		}
		out[key.Name] = property
	}
	return out
}
