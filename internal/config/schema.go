package config

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// Config is the provider configuration as the schema shows it. It serves the schema only: values go through Check, Diff and
// [Resolve] as raw property maps, and no field has a default, because a default from the environment would be compiled into
// SDKs and stored in the state.
type Config struct {
	Region                *string             `pulumi:"region,optional"`
	AccessKey             *string             `pulumi:"accessKey,optional" provider:"secret"`
	SecretKey             *string             `pulumi:"secretKey,optional" provider:"secret"`
	SecurityToken         *string             `pulumi:"securityToken,optional" provider:"secret"`
	Profile               *string             `pulumi:"profile,optional"`
	SharedCredentialsFile *string             `pulumi:"sharedCredentialsFile,optional"`
	EcsRoleName           *string             `pulumi:"ecsRoleName,optional"`
	CredentialsURI        *string             `pulumi:"credentialsUri,optional" provider:"secret"`
	AssumeRole            *AssumeRole         `pulumi:"assumeRole,optional"`
	AssumeRoleWithOidc    *AssumeRoleWithOidc `pulumi:"assumeRoleWithOidc,optional"`
	AccountID             *string             `pulumi:"accountId,optional"`
	AccountType           *string             `pulumi:"accountType,optional"`
	Endpoints             *Endpoints          `pulumi:"endpoints,optional"`
	VerifyNetwork         *bool               `pulumi:"verifyNetwork,optional"`
	IgnoreInstances       *[]string           `pulumi:"ignoreInstances,optional"`
	Protocol              *string             `pulumi:"protocol,optional"`
	ClientConnectTimeout  *int                `pulumi:"clientConnectTimeout,optional"`
	ClientReadTimeout     *int                `pulumi:"clientReadTimeout,optional"`
	MaxRetryTimeout       *int                `pulumi:"maxRetryTimeout,optional"`
	SourceIP              *string             `pulumi:"sourceIp,optional"`
	SecureTransport       *string             `pulumi:"secureTransport,optional"`
	SkipRegionValidation  *bool               `pulumi:"skipRegionValidation,optional"`
	ConfigurationSource   *string             `pulumi:"configurationSource,optional"`
}

// AssumeRole is the RAM role to assume with the credentials that the other keys give.
type AssumeRole struct {
	RoleArn           *string `pulumi:"roleArn,optional"`
	SessionName       *string `pulumi:"sessionName,optional"`
	SessionExpiration *int    `pulumi:"sessionExpiration,optional"`
	Policy            *string `pulumi:"policy,optional"`
	ExternalID        *string `pulumi:"externalId,optional"`
}

// AssumeRoleWithOidc is the RAM role to assume with an OIDC token.
type AssumeRoleWithOidc struct {
	OidcProviderArn   *string `pulumi:"oidcProviderArn,optional"`
	RoleArn           *string `pulumi:"roleArn,optional"`
	OidcToken         *string `pulumi:"oidcToken,optional" provider:"secret"`
	OidcTokenFile     *string `pulumi:"oidcTokenFile,optional"`
	RoleSessionName   *string `pulumi:"roleSessionName,optional"`
	SessionExpiration *int    `pulumi:"sessionExpiration,optional"`
	Policy            *string `pulumi:"policy,optional"`
}

// Endpoints replace the built-in endpoints of the services.
type Endpoints struct {
	KMS        *string `pulumi:"kms,optional"`
	BSSOpenAPI *string `pulumi:"bssopenapi,optional"`
	STS        *string `pulumi:"sts,optional"`
	VPC        *string `pulumi:"vpc,optional"`
}

// Annotate describes the keys.
func (c *Config) Annotate(a infer.Annotator) {
	a.Describe(&c, "The account and region whose KMS instances are managed. A program that works with one account and region needs no "+
		"provider resource: the stack's configuration and the environment describe the default provider.")
	describe(a, c, Keys)
}

// Annotate describes the fields.
func (r *AssumeRole) Annotate(a infer.Annotator) {
	a.Describe(&r, at("assumeRole").Description)
	describe(a, r, assumeRoleFields)
}

// Annotate describes the fields.
func (r *AssumeRoleWithOidc) Annotate(a infer.Annotator) {
	a.Describe(&r, at("assumeRoleWithOidc").Description)
	describe(a, r, assumeRoleWithOidcFields)
}

// Annotate describes the fields.
func (e *Endpoints) Annotate(a infer.Annotator) {
	a.Describe(&e, "Endpoints that replace the built-in ones, each a host, host:port or URL without a path.")
	describe(a, e, endpointsFields)
}

// describe hands the texts of the table to infer, field by field.
func describe[T any](a infer.Annotator, object *T, keys []Key) {
	v := reflect.ValueOf(object).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("pulumi"), ",")
		if key := find(keys, name); key != nil {
			a.Describe(v.Field(i).Addr().Interface(), key.Doc())
		}
	}
}
