// Programs that compile, and that the SDK or the provider refuses. The key `case` of the configuration chooses one.
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
	args := &kms.KmsInstanceArgs{
		VpcId:      pulumi.String("vpc-1"),
		VswitchIds: pulumi.ToStringArray([]string{"vsw-1"}),
		ZoneIds:    pulumi.ToStringArray([]string{"cn-hangzhou-k"}),
	}
	switch config.Require(ctx, "case") {
	case "enum":
		args.PaymentType = kms.PaymentType("Prepaid")
	case "missing":
		args.VpcId = nil
	}
	_, err := kms.NewKmsInstance(ctx, "kms", args)
	return err
}
