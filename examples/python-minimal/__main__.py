import pulumi
import pulumiverse_alicloud_kms as kms

config = pulumi.Config()

# The bound VPC belongs to the account that runs this program.
caller = kms.get_caller_identity_output()

# An instance that holds keys needs two guards, the option `protect=True` and the input `deletion_protection=True`:
# destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
instance = kms.KmsInstance(
    "kms",
    instance_name="kms-minimal",
    payment_type=kms.PaymentType.SUBSCRIPTION,
    product_version=kms.ProductVersion.SOFTWARE,
    spec=1000,
    key_num=1000,
    secret_num=0,
    vpc_num=2,
    zone_ids=["cn-hangzhou-k", "cn-hangzhou-j"],
    vpc_id=config.require("vpcId"),
    vswitch_ids=[config.require("vswitchId")],
    bind_vpcs=[
        kms.BindVpcArgs(
            vpc_id=config.require("ordersVpcId"),
            vswitch_id=config.require("ordersVswitchId"),
            vpc_owner_id=caller.account_id,
        ),
    ],
    tags={"environment": "example"},
)

pulumi.export("instanceId", instance.instance_id)
pulumi.export("status", instance.status)
pulumi.export("endpoint", instance.endpoint)
pulumi.export("caCertificateChainPem", instance.ca_certificate_chain_pem)
