package config

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/credentials"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// Key is one key of the provider configuration, or one field of a nested object. Check, Diff, Resolve, the schema and the
// reference docs all work from these rows.
type Key struct {
	Name        string
	Type        string // as the reference docs show it; see the Type constants
	Secret      bool
	Env         []string // environment variables that stand in for an absent value; the first non-empty one counts
	Default     string   // what an absent value means; empty if nothing
	Values      []string // of a string with few values, accepted in any case
	Min, Max    int      // of an integer
	Fields      []Key    // of an object
	NoEffect    bool     // accepted for the sake of the alicloud provider's programs, with a warning
	Description string

	rule func(text string) string // of a string: what it must be, or "" if it is that
}

// The types of keys. Objects have the name of their Go type.
const (
	TypeString  = "string"
	TypeInteger = "integer"
	TypeBoolean = "boolean"
	TypeList    = "list of strings"
)

// Package is the name of the Pulumi package, which is the namespace of the keys in a stack's configuration.
const Package = "alicloud-kms"

const keyEndpoints = "endpoints"

// Keys is the table of all keys, in the order of the reference docs.
//
// Names and environment variables are those of the alicloud provider where the thing is the same.
var Keys = []Key{
	{Name: "region", Type: TypeString, Env: []string{"ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"}, rule: regionRule,
		Description: "The region of the instances, for example `cn-hangzhou`. If neither the configuration nor the environment " +
			"gives one, the region of the profile counts; there is no default region. " +
			"Changing it replaces every resource of the provider."},
	{Name: "accessKey", Type: TypeString, Secret: true, rule: credentialRule,
		Env:         []string{"ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID"},
		Description: "The id of the AccessKey pair that calls are signed with. Goes together with `secretKey`."},
	{Name: "secretKey", Type: TypeString, Secret: true, rule: credentialRule,
		Env:         []string{"ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_ACCESS_KEY_SECRET"},
		Description: "The secret of the AccessKey pair that calls are signed with. Goes together with `accessKey`."},
	{Name: "securityToken", Type: TypeString, Secret: true, rule: credentialRule,
		Env: []string{"ALICLOUD_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN", "ALIBABACLOUD_SECURITY_TOKEN"},
		Description: "The STS token that belongs to `accessKey` and `secretKey` if they are temporary. The environment variables " +
			"count only if at least one of the two keys comes from the environment too."},
	{Name: "profile", Type: TypeString, Env: []string{"ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"},
		Description: "The name of a profile in `sharedCredentialsFile`, whose credentials and region are used. " +
			"Modes: AK, StsToken, RamRoleArn, ChainableRamRoleArn, EcsRamRole, OIDC, External and CredentialsURI. " +
			"Left out, it is the file's current profile (JSON) or its section `default` (INI) if `sharedCredentialsFile` is given."},
	{Name: "sharedCredentialsFile", Type: TypeString,
		Env: []string{"ALICLOUD_SHARED_CREDENTIALS_FILE", "ALIBABA_CLOUD_CREDENTIALS_FILE"},
		Description: "The path of the file with the profiles: the JSON file of the aliyun CLI or an INI file of the Alibaba Cloud " +
			"SDKs, told apart by content. Left out, a `profile` is looked up in `~/.aliyun/config.json` (or the file that " +
			"ALIBABA_CLOUD_CONFIG_FILE names) and then in `~/.alibabacloud/credentials`."},
	{Name: "ecsRoleName", Type: TypeString, Env: []string{"ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"},
		rule: roleNameRule,
		Description: "The name of the RAM role of the ECS instance that Pulumi runs on, whose temporary credentials are used. " +
			"They are read from the instance's metadata service."},
	{Name: "credentialsUri", Type: TypeString, Secret: true, rule: credentials.URIRule,
		Env: []string{"ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"},
		Description: "The URL of a service that answers with temporary credentials as JSON " +
			"(`AccessKeyId`, `AccessKeySecret`, `SecurityToken`, `Expiration`). Plain HTTP is accepted for this machine and link-local " +
			"addresses only, and never goes through a proxy. It is a secret, because it may hold a token."},
	{Name: "assumeRole", Type: "AssumeRole", Fields: assumeRoleFields,
		Description: "A RAM role to assume (STS AssumeRole) with the credentials that the other keys give; all calls are then made as " +
			"this role. The role's credentials are renewed before they expire."},
	{Name: "assumeRoleWithOidc", Type: "AssumeRoleWithOidc", Fields: assumeRoleWithOidcFields,
		Description: "A RAM role to assume with the token of an OIDC identity provider (STS AssumeRoleWithOIDC), for example of a " +
			"Kubernetes service account or a CI job. It takes the place of all other credentials."},
	{Name: "accountId", Type: TypeString, Env: []string{"ALICLOUD_ACCOUNT_ID", "ALIBABA_CLOUD_ACCOUNT_ID"}, rule: accountRule,
		Description: "The id of the Alibaba Cloud account that the credentials belong to: a string of 16 digits or so. " +
			"Not needed; if given, nothing is bought or changed with credentials of another account, it is recorded, and changing it " +
			"replaces every resource of the provider."},
	{Name: "accountType", Type: TypeString, Env: []string{"ALIBABA_CLOUD_ACCOUNT_TYPE"},
		Values: []string{string(cloud.Domestic), string(cloud.International)},
		Description: "The site that the account belongs to: `Domestic` (aliyun.com) or `International` (alibabacloud.com). " +
			"Orders go to the billing service of that site. Left out, the provider finds out."},
	{Name: keyEndpoints, Type: "Endpoints", Fields: endpointsFields,
		Description: "Endpoints that replace the built-in ones, each a host, host:port or URL without a path. " +
			"In YAML and in a stack's configuration it may also be a list of such objects, which are merged."},
	{Name: "verifyNetwork", Type: TypeBoolean, Default: "true",
		Description: "Whether vSwitches are looked up (`vpc:DescribeVSwitches`) before an instance is bought or bound to them, so that a wrong " +
			"one costs nothing. `false` switches it off, for example for a vSwitch that another account shares and that the list lacks."},
	{Name: "ignoreInstances", Type: TypeList, rule: ignoreRule,
		Description: "The ids of instances (`kst-…`) that no purchase of this provider waits for. Before it orders, the provider looks for " +
			"an instance that an interrupted run may have bought already, and fails if there is one: an instance that belongs to something " +
			"else goes here. `*` stands for all instances, and switches the look off."},
	{Name: "protocol", Type: TypeString, Values: []string{"HTTPS", "HTTP"}, Default: "HTTPS",
		Description: "The protocol of endpoints that are not given as a URL: `HTTPS` or `HTTP`. " +
			"Plain HTTP is accepted only if the endpoints of KMS, billing and STS are given and are addresses of this machine, such as an " +
			"emulator's."},
	{Name: "clientConnectTimeout", Type: TypeInteger, Env: []string{"CLIENT_CONNECT_TIMEOUT"}, Min: 1, Max: 3600000,
		Default:     "60000",
		Description: "The time that making a connection may take, in milliseconds."},
	{Name: "clientReadTimeout", Type: TypeInteger, Env: []string{"CLIENT_READ_TIMEOUT"}, Min: 1, Max: 3600000,
		Default:     "60000",
		Description: "The time that one try of a call may take, in milliseconds. A try of an order never takes longer than 30 seconds."},
	{Name: "maxRetryTimeout", Type: TypeInteger, Env: []string{"MAX_RETRY_TIMEOUT"}, Max: 86400, Default: "0",
		Description: "The time that all tries of one call may take together, in seconds. " +
			"0 leaves it to the provider: the operation's own deadline. " +
			"An order is never tried for longer than 10 minutes, and for one if every try gets the same answer."},
	{Name: "sourceIp", Type: TypeString, Env: []string{"ALICLOUD_SOURCE_IP", "ALIBABA_CLOUD_SOURCE_IP"}, rule: ipRule,
		Description: "The IP address that calls are made for, sent as the parameter `SourceIp`; RAM policies can ask for it."},
	{Name: "secureTransport", Type: TypeString, Env: []string{"ALICLOUD_SECURE_TRANSPORT", "ALIBABA_CLOUD_SECURE_TRANSPORT"},
		Values: []string{"true", "false"},
		Description: "Whether the original request came over a secure channel, `true` or `false`, sent as the parameter " +
			"`SecureTransport`; RAM policies can ask for it."},
	{Name: "skipRegionValidation", Type: TypeBoolean, NoEffect: true,
		Description: "Without effect: this provider has no fixed list of regions. Accepted because the alicloud provider has it."},
	{Name: "configurationSource", Type: TypeString, NoEffect: true,
		Description: "Without effect. Accepted because the alicloud provider has it."},
}

var assumeRoleFields = []Key{
	roleArnField("ALIBABA_CLOUD_ROLE_ARN", "ALICLOUD_ASSUME_ROLE_ARN"),
	sessionNameField("sessionName", "ALIBABA_CLOUD_ROLE_SESSION_NAME", "ALICLOUD_ASSUME_ROLE_SESSION_NAME"),
	sessionExpirationField("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"),
	policyField,
	{Name: "externalId", Type: TypeString,
		Description: "The external id that the role's trust policy asks for."},
}

var assumeRoleWithOidcFields = []Key{
	{Name: "oidcProviderArn", Type: TypeString, Env: []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN"}, rule: oidcProviderArnRule,
		Description: "The ARN of the OIDC identity provider in RAM, `acs:ram::<account id>:oidc-provider/<name>`. Required."},
	roleArnField("ALIBABA_CLOUD_ROLE_ARN"),
	{Name: "oidcToken", Type: TypeString, Secret: true, rule: credentialRule, Env: []string{"ALIBABA_CLOUD_OIDC_TOKEN"},
		Description: "The OIDC token itself. Give either this or `oidcTokenFile`."},
	{Name: "oidcTokenFile", Type: TypeString, Env: []string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE"},
		Description: "The path of a file that holds the OIDC token. It is read anew whenever the role's credentials are renewed, " +
			"so it may be rotated."},
	sessionNameField("roleSessionName", "ALIBABA_CLOUD_ROLE_SESSION_NAME"),
	sessionExpirationField(),
	policyField,
}

func roleArnField(env ...string) Key {
	return Key{Name: "roleArn", Type: TypeString, Env: env, rule: roleArnRule,
		Description: "The ARN of the role, `acs:ram::<account id>:role/<name>`. Required."}
}

func sessionNameField(name string, env ...string) Key {
	return Key{Name: name, Type: TypeString, Env: env, rule: sessionNameRule, Default: credentials.DefaultSessionName,
		Description: "The name of the session: 2 to 64 letters, digits and `.@-_`; RAM's audit log shows it."}
}

func sessionExpirationField(env ...string) Key {
	return Key{Name: "sessionExpiration", Type: TypeInteger, Env: env, Min: credentials.MinSeconds, Max: credentials.MaxSeconds,
		Default:     fmt.Sprint(credentials.DefaultSeconds),
		Description: "How long the role's credentials live, in seconds. The role's own maximum session duration is the upper end."}
}

var policyField = Key{Name: "policy", Type: TypeString, rule: policyRule,
	Description: "A RAM policy, as JSON text, that narrows down what the session may do. It cannot add permissions.",
}

var endpointsFields = []Key{
	{Name: "kms", Type: TypeString, Env: []string{"ALIBABA_CLOUD_ENDPOINT_KMS", "KMS_ENDPOINT"}, rule: endpointRule,
		Default:     "kms.<region>.aliyuncs.com",
		Description: "The endpoint of Key Management Service in `region`: one of another region is refused."},
	{Name: "bssopenapi", Type: TypeString, Env: []string{"ALIBABA_CLOUD_ENDPOINT_BSSOPENAPI", "BSSOPENAPI_ENDPOINT"},
		rule: endpointRule,
		Description: "The endpoint of the billing service, which takes the orders. Left out, it follows from the account's site: " +
			"`business.aliyuncs.com` or `business.ap-southeast-1.aliyuncs.com`."},
	{Name: "sts", Type: TypeString, Env: []string{"ALIBABA_CLOUD_ENDPOINT_STS", "STS_ENDPOINT"}, rule: endpointRule,
		Default:     "sts.<region>.aliyuncs.com",
		Description: "The endpoint of Security Token Service, which is asked for the caller's identity and for the credentials of roles."},
	{Name: "vpc", Type: TypeString, Env: []string{"ALIBABA_CLOUD_ENDPOINT_VPC", "VPC_ENDPOINT"}, rule: endpointRule,
		Default:     "vpc.<region>.aliyuncs.com",
		Description: "The endpoint of Virtual Private Cloud, which is asked for vSwitches (see `verifyNetwork`)."},
}

// Doc is the description of the key for an IDE: meaning, range, default and environment variables.
func (k Key) Doc() string {
	var b strings.Builder
	b.WriteString(k.Description)
	if k.Type == TypeInteger {
		fmt.Fprintf(&b, " From %d to %d.", k.Min, k.Max)
	}
	if k.Default != "" {
		fmt.Fprintf(&b, " Default: `%s`.", k.Default)
	}
	switch len(k.Env) {
	case 0:
	case 1:
		fmt.Fprintf(&b, " Environment variable: `%s`.", k.Env[0])
	default:
		fmt.Fprintf(&b, " Environment variables: `%s`; the first that is set counts.", strings.Join(k.Env, "`, `"))
	}
	return b.String()
}

// find returns the row of a name, or nil.
func find(keys []Key, name string) *Key {
	for i := range keys {
		if keys[i].Name == name {
			return &keys[i]
		}
	}
	return nil
}

// at returns the row of a key or of a field of it. The path must be one of the table's.
func at(path ...string) *Key {
	keys := Keys
	var k *Key
	for _, name := range path {
		if k = find(keys, name); k == nil {
			panic("no configuration key " + strings.Join(path, "."))
		}
		keys = k.Fields
	}
	return k
}

// field is what the table says of a key, for the checker.
func (k *Key) field() input.Field {
	f := input.Field{
		Name: k.Name, Secret: k.Secret, Values: k.Values, Rule: k.rule, Min: k.Min, Max: k.Max, Fields: fields(k.Fields),
		Element: &input.Field{Required: true, Rule: k.rule}, // of a list
	}
	f.Type = map[string]input.Type{TypeInteger: input.Integer, TypeBoolean: input.Boolean, TypeList: input.List}[k.Type]
	if k.Fields != nil {
		f.Type = input.Object
	}
	return f
}

func fields(keys []Key) []input.Field {
	out := make([]input.Field, len(keys))
	for i := range keys {
		out[i] = keys[i].field()
	}
	return out
}

func names(keys []Key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.Name
	}
	return out
}

// AddSchema puts the keys into the schema of the package. No key has a default there: one from the environment would be compiled
// into SDKs and stored in the state.
func AddSchema(spec *schema.PackageSpec) {
	spec.Config = schema.ConfigSpec{Variables: properties(Keys)}
	spec.Provider = &schema.ResourceSpec{
		ObjectTypeSpec: schema.ObjectTypeSpec{
			Description: "The account and region whose KMS instances are managed. A program that works with one account and region needs no " +
				"provider resource: the stack's configuration and the environment describe the default provider.",
			Properties: properties(Keys),
		},
		InputProperties: properties(Keys),
	}
	for _, key := range Keys {
		if key.Fields != nil {
			spec.Types[key.token()] = schema.ComplexTypeSpec{ObjectTypeSpec: schema.ObjectTypeSpec{
				Type: "object", Description: key.Description, Properties: properties(key.Fields),
			}}
		}
	}
}

// token is the type of an object.
func (k *Key) token() string { return Package + ":index:" + k.Type }

func properties(keys []Key) map[string]schema.PropertySpec {
	specs := map[string]schema.PropertySpec{}
	for i := range keys {
		key := &keys[i]
		spec := schema.PropertySpec{Description: key.Doc(), Secret: key.Secret}
		switch {
		case key.Fields != nil:
			spec.Ref = "#/types/" + key.token()
		case key.Type == TypeList:
			spec.Type, spec.Items = "array", &schema.TypeSpec{Type: "string"}
		default:
			spec.Type = key.Type
		}
		specs[key.Name] = spec
	}
	return specs
}
