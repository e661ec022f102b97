// An instance that is there already.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	kms "github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms"
)

func main() {
	pulumi.Run(program)
}

func program(ctx *pulumi.Context) error {
	existing, err := kms.GetKmsInstance(ctx, "existing", pulumi.ID(config.Require(ctx, "id")), nil)
	if err != nil {
		return err
	}
	ctx.Export("name", existing.InstanceName)
	return nil
}
