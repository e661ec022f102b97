package docs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// bridgedPlugin is the name of the bridged provider's plugin. A test that needs it puts a link of this name, which leads to the
// test's own binary, on the path.
const bridgedPlugin = "pulumi-resource-alicloud"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != bridgedPlugin {
		os.Exit(m.Run())
	}
	if err := serveBridged(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serveBridged stands in for the bridged provider of docs/howto-migrate.md, and refuses whatever would reach the cloud.
func serveBridged() error {
	provider, err := infer.NewProviderBuilder().
		WithResources(infer.Resource(&bridgedInstance{}), infer.Resource(&bridgedKey{})).
		Build()
	if err != nil {
		return err
	}
	return p.RunProvider(context.Background(), "alicloud", "3.80.0", provider)
}

type (
	bridgedInstance struct{}
	bridgedKey      struct{}
	instance        struct {
		VpcID          string   `pulumi:"vpcId"`
		VswitchIDs     []string `pulumi:"vswitchIds"`
		ZoneIDs        []string `pulumi:"zoneIds"`
		ProductVersion string   `pulumi:"productVersion"`
		Spec           int      `pulumi:"spec"`
	}
	key struct {
		Description    string `pulumi:"description"`
		DkmsInstanceID string `pulumi:"dkmsInstanceId"`
	}
)

var errBridged = errors.New("the page was to change nothing of the bridged provider")

func (*bridgedInstance) Annotate(a infer.Annotator) { a.SetToken("kms/instance", "Instance") }
func (*bridgedKey) Annotate(a infer.Annotator)      { a.SetToken("kms/key", "Key") }

func (*bridgedInstance) Create(context.Context, infer.CreateRequest[instance]) (infer.CreateResponse[instance], error) {
	return infer.CreateResponse[instance]{}, errBridged
}

func (*bridgedInstance) Delete(context.Context, infer.DeleteRequest[instance]) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, errBridged
}

func (*bridgedKey) Create(context.Context, infer.CreateRequest[key]) (infer.CreateResponse[key], error) {
	return infer.CreateResponse[key]{}, errBridged
}

func (*bridgedKey) Delete(context.Context, infer.DeleteRequest[key]) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, errBridged
}

// bridgedStack makes a stack of the bridged provider, recorded as Pulumi does: a protected instance and a key that refers to it,
// and their program. The page says --yes itself: one of its commands must not have it.
const bridgedStack = `unset PULUMI_SKIP_CONFIRMATIONS
cat > Pulumi.yaml <<'END'
name: moved-keys
runtime: yaml
resources:
  default:
    type: alicloud:kms:Instance
    properties:
      vpcId: vpc-old
      vswitchIds: [vsw-old]
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      productVersion: "3"
      spec: 1000
    options:
      protect: true
  app:
    type: alicloud:kms:Key
    properties:
      description: of the app
      dkmsInstanceId: ${default.id}
END
pulumi stack init dev
ROOT=urn:pulumi:dev::moved-keys::
STACK=${ROOT}pulumi:pulumi:Stack::moved-keys-dev
PROVIDER=${ROOT}pulumi:providers:alicloud::default
INSTANCE=${ROOT}alicloud:kms/instance:Instance::default
UUID=0f4f9d2c-5a0c-4a3e-9d7e-2b1f6a7c8d90
NETWORK='"vpcId": "vpc-old", "vswitchIds": ["vsw-old"], "zoneIds": ["cn-hangzhou-k", "cn-hangzhou-j"], "productVersion": "3", "spec": 1000'
KEY='"description": "of the app", "dkmsInstanceId": "'$ID'"'
cat > bridged.json <<END
{"version": 3, "deployment": {"manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}, "resources": [
  {"urn": "$STACK", "custom": false, "type": "pulumi:pulumi:Stack"},
  {"urn": "$PROVIDER", "custom": true, "id": "$UUID", "type": "pulumi:providers:alicloud"},
  {"urn": "$INSTANCE", "custom": true, "id": "$ID", "type": "alicloud:kms/instance:Instance", "protect": true, "parent": "$STACK",
   "provider": "$PROVIDER::$UUID", "inputs": {$NETWORK}, "outputs": {$NETWORK, "id": "$ID", "status": "Connected"}},
  {"urn": "${ROOT}alicloud:kms/key:Key::app", "custom": true, "id": "key-hzz0000000000000example", "type": "alicloud:kms/key:Key",
   "parent": "$STACK", "provider": "$PROVIDER::$UUID", "inputs": {$KEY}, "outputs": {$KEY, "id": "key-hzz0000000000000example"},
   "dependencies": ["$INSTANCE"], "propertyDependencies": {"dkmsInstanceId": ["$INSTANCE"]}}
]}}
END
pulumi stack import --file bridged.json
`
