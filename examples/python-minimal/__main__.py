import pulumi
import pulumiverse_alicloud_kms as kms

config = pulumi.Config()

# The bound VPCs belong to the account that runs this program.
caller = kms.get_caller_identity_output()

# An instance that holds keys needs two guards, the option `protect=True` and the input `deletion_protection=True`:
# destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
instance = kms.KmsInstance(
    "kms",
    instance_name="kms-subscription",
    payment_type=kms.PaymentType.SUBSCRIPTION,
    product_version=kms.ProductVersion.SOFTWARE,
    period=1,
    renew_status=kms.RenewStatus.MANUAL_RENEWAL,
    renew_period=3,  # of use with AutoRenewal only; kept for the day that renew_status changes
    spec=1000,
    key_num=1000,
    secret_num=0,
    vpc_num=7,
    log=kms.LogSwitch.OFF,
    log_storage=0,
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
    tags={"environment": "example"},
)

pulumi.export("instanceId", instance.instance_id)
pulumi.export("status", instance.status)
pulumi.export("endpoint", instance.endpoint)
pulumi.export("caCertificateChainPem", instance.ca_certificate_chain_pem)
pulumi.export("endDate", instance.end_date)
pulumi.export("arn", instance.arn)
