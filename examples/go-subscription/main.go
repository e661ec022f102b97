package main

import (
	"github.com/pulumi/pulumi-alicloud/sdk/v3/go/alicloud/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	kms "github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms"
)

func main() {
	pulumi.Run(program)
}

func program(ctx *pulumi.Context) error {
	cfg := config.New(ctx, "")
	var zoneIDs []string
	cfg.RequireObject("zoneIds", &zoneIDs)

	network, err := vpc.NewNetwork(ctx, "kms", &vpc.NetworkArgs{
		VpcName:   pulumi.String("kms-network"),
		CidrBlock: pulumi.String("10.0.0.0/16"),
	})
	if err != nil {
		return err
	}
	vswitch, err := vpc.NewSwitch(ctx, "kms", &vpc.SwitchArgs{
		VswitchName: pulumi.String("kms-network"),
		VpcId:       network.ID(),
		ZoneId:      pulumi.String(zoneIDs[0]),
		CidrBlock:   pulumi.String("10.0.1.0/24"),
	})
	if err != nil {
		return err
	}

	// An instance that holds keys needs two guards, the option pulumi.Protect(true) and the input DeletionProtection, and
	// ForceDeleteWithoutBackup off: destroying it destroys every key and secret in it. They are left out here only so that
	// the example can be destroyed again.
	instance, err := kms.NewKmsInstance(ctx, "kms", &kms.KmsInstanceArgs{
		InstanceName:             pulumi.String("kms-network"),
		PaymentType:              kms.PaymentTypePayAsYouGo,
		ProductVersion:           kms.ProductVersionSoftware,
		ForceDeleteWithoutBackup: pulumi.Bool(true), // release the instance even if it has no backup
		ZoneIds:                  pulumi.ToStringArray(zoneIDs),
		VpcId:                    network.ID(),
		VswitchIds:               pulumi.StringArray{vswitch.ID()},
	})
	if err != nil {
		return err
	}

	ctx.Export("vpcId", network.ID())
	ctx.Export("instanceId", instance.InstanceId)
	ctx.Export("endpoint", instance.Endpoint)
	ctx.Export("caCertificateChainPem", instance.CaCertificateChainPem)
	return nil
}
