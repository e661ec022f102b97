import pulumi
import pulumiverse_alicloud_kms as kms

config = pulumi.Config()

# The bound VPCs belong to the account that runs this program.
caller = kms.get_caller_identity_output()

# An instance that holds keys needs two guards, the option `protect=True` and the input `deletion_protection=True`, and
# force_delete_without_backup off: destroying it destroys every key and secret in it. They are left out here only so that
# the example can be destroyed again.
instance = kms.KmsInstance(
    "kms",
    instance_name="kms-payasyougo",
    payment_type=kms.PaymentType.PAY_AS_YOU_GO,
    product_version=kms.ProductVersion.SOFTWARE,
    force_delete_without_backup=True,  # release the instance even if it has no backup
    zone_ids=["cn-hangzhou-k", "cn-hangzhou-j"],
    vpc_id=config.require("vpcId"),
    vswitch_ids=[config.require("vswitchId")],
    bind_vpcs=[
        kms.BindVpcArgs(
            vpc_id=config.require(f"{name}VpcId"),
            vswitch_id=config.require(f"{name}VswitchId"),
            region_id="cn-hangzhou",
            vpc_owner_id=caller.account_id,
        )
        for name in ["orders", "payments", "reports"]
    ],
)

pulumi.export("instanceId", instance.instance_id)
pulumi.export("status", instance.status)
pulumi.export("endpoint", instance.endpoint)
pulumi.export("caCertificateChainPem", instance.ca_certificate_chain_pem)
pulumi.export("arn", instance.arn)
