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
	cfg := config.New(ctx, "")

	// The bound VPC belongs to the account that runs this program.
	caller, err := kms.GetCallerIdentity(ctx, &kms.GetCallerIdentityArgs{})
	if err != nil {
		return err
	}

	// An instance that holds keys needs two guards, the option pulumi.Protect(true) and the input DeletionProtection:
	// destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
	instance, err := kms.NewKmsInstance(ctx, "kms", &kms.KmsInstanceArgs{
		InstanceName:   pulumi.String("kms-minimal"),
		PaymentType:    kms.PaymentTypeSubscription,
		ProductVersion: kms.ProductVersionSoftware,
		Spec:           pulumi.Int(1000),
		KeyNum:         pulumi.Int(1000),
		SecretNum:      pulumi.Int(0),
		VpcNum:         pulumi.Int(2),
		ZoneIds:        pulumi.ToStringArray([]string{"cn-hangzhou-k", "cn-hangzhou-j"}),
		VpcId:          pulumi.String(cfg.Require("vpcId")),
		VswitchIds:     pulumi.ToStringArray([]string{cfg.Require("vswitchId")}),
		BindVpcs: kms.BindVpcArray{kms.BindVpcArgs{
			VpcId:      pulumi.String(cfg.Require("ordersVpcId")),
			VswitchId:  pulumi.String(cfg.Require("ordersVswitchId")),
			VpcOwnerId: pulumi.String(caller.AccountId),
		}},
		Tags: pulumi.StringMap{"environment": pulumi.String("example")},
	})
	if err != nil {
		return err
	}

	ctx.Export("instanceId", instance.InstanceId)
	ctx.Export("status", instance.Status)
	ctx.Export("endpoint", instance.Endpoint)
	ctx.Export("caCertificateChainPem", instance.CaCertificateChainPem)
	return nil
}
