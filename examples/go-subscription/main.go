package main

import (
	"github.com/pulumi/pulumi-alicloud/sdk/v3/go/alicloud/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	kms "github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms"
)

const name = "kms-subscription"

func main() {
	pulumi.Run(program)
}

func program(ctx *pulumi.Context) error {
	// The VPC of the instance, with a vSwitch in each of its zones. The instance is in one of them.
	network, vswitchK, err := newNetwork(ctx, "kms", name)
	if err != nil {
		return err
	}
	vswitchJ, err := vpc.NewSwitch(ctx, "kms-j", &vpc.SwitchArgs{
		VpcId: network.ID(), ZoneId: pulumi.String("cn-hangzhou-j"), CidrBlock: pulumi.String("172.16.2.0/24"),
	})
	if err != nil {
		return err
	}

	// The VPCs of those who use it. They belong to the account that runs this program.
	caller, err := kms.GetCallerIdentity(ctx, &kms.GetCallerIdentityArgs{})
	if err != nil {
		return err
	}
	var bound kms.BindVpcArray
	for _, team := range []string{"orders", "payments", "reports"} {
		network, vswitch, err := newNetwork(ctx, team, name+"-"+team)
		if err != nil {
			return err
		}
		bound = append(bound, kms.BindVpcArgs{
			VpcId: network.ID(), VswitchId: vswitch.ID(), RegionId: pulumi.String("cn-hangzhou"), VpcOwnerId: pulumi.String(caller.AccountId),
		})
	}

	// An instance that holds keys needs two guards, the option pulumi.Protect(true) and the input DeletionProtection:
	// destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
	instance, err := kms.NewKmsInstance(ctx, "kms", &kms.KmsInstanceArgs{
		InstanceName:   pulumi.String(name),
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
		VpcId:          network.ID(),
		ZoneIds:        pulumi.StringArray{vswitchK.ZoneId, vswitchJ.ZoneId},
		VswitchIds:     pulumi.StringArray{vswitchJ.ID()},
		BindVpcs:       bound,
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

// newNetwork makes a VPC with a vSwitch in zone k.
func newNetwork(ctx *pulumi.Context, resource, vpcName string) (*vpc.Network, *vpc.Switch, error) {
	network, err := vpc.NewNetwork(ctx, resource, &vpc.NetworkArgs{VpcName: pulumi.String(vpcName), CidrBlock: pulumi.String("172.16.0.0/12")})
	if err != nil {
		return nil, nil, err
	}
	vswitch, err := vpc.NewSwitch(ctx, resource+"-k", &vpc.SwitchArgs{
		VpcId: network.ID(), ZoneId: pulumi.String("cn-hangzhou-k"), CidrBlock: pulumi.String("172.16.1.0/24"),
	})
	return network, vswitch, err
}
