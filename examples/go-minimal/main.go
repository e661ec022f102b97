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

	// The bound VPCs belong to the account that runs this program.
	caller, err := kms.GetCallerIdentity(ctx, &kms.GetCallerIdentityArgs{})
	if err != nil {
		return err
	}
	var bound kms.BindVpcArray
	for _, name := range []string{"orders", "payments", "reports"} {
		bound = append(bound, kms.BindVpcArgs{
			VpcId:      pulumi.String(cfg.Require(name + "VpcId")),
			VswitchId:  pulumi.String(cfg.Require(name + "VswitchId")),
			RegionId:   pulumi.String("cn-hangzhou"),
			VpcOwnerId: pulumi.String(caller.AccountId),
		})
	}

	// An instance that holds keys needs two guards, the option pulumi.Protect(true) and the input DeletionProtection:
	// destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
	instance, err := kms.NewKmsInstance(ctx, "kms", &kms.KmsInstanceArgs{
		InstanceName:   pulumi.String("kms-subscription"),
		PaymentType:    kms.PaymentTypeSubscription,
		ProductVersion: kms.ProductVersionSoftware,
		Period:         pulumi.Int(1),
		RenewStatus:    kms.RenewStatusManualRenewal,
		RenewPeriod:    pulumi.Int(3), // of use with AutoRenewal only; kept for the day that RenewStatus changes
		Spec:           pulumi.Int(1000),
		KeyNum:         pulumi.Int(1000),
		SecretNum:      pulumi.Int(0),
		VpcNum:         pulumi.Int(7),
		Log:            kms.LogSwitchOff,
		LogStorage:     pulumi.Int(0),
		ZoneIds:        pulumi.ToStringArray([]string{"cn-hangzhou-k", "cn-hangzhou-j"}),
		VpcId:          pulumi.String(cfg.Require("vpcId")),
		VswitchIds:     pulumi.ToStringArray([]string{cfg.Require("vswitchId")}),
		BindVpcs:       bound,
		Tags:           pulumi.StringMap{"environment": pulumi.String("example")},
	})
	if err != nil {
		return err
	}

	ctx.Export("instanceId", instance.InstanceId)
	ctx.Export("status", instance.Status)
	ctx.Export("endpoint", instance.Endpoint)
	ctx.Export("caCertificateChainPem", instance.CaCertificateChainPem)
	ctx.Export("endDate", instance.EndDate)
	ctx.Export("arn", instance.Arn)
	return nil
}
