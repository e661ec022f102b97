import pulumi
import pulumi_alicloud as alicloud
import pulumiverse_alicloud_kms as kms

NAME = "kms-payasyougo"

# The VPC of the instance, with a vSwitch in each of its zones. The instance is in one of them.
vpc = alicloud.vpc.Network("kms", vpc_name=NAME, cidr_block="172.16.0.0/12")
vswitch_k = alicloud.vpc.Switch("kms-k", vpc_id=vpc.id, zone_id="cn-hangzhou-k", cidr_block="172.16.1.0/24")
vswitch_j = alicloud.vpc.Switch("kms-j", vpc_id=vpc.id, zone_id="cn-hangzhou-j", cidr_block="172.16.2.0/24")

# The VPCs of those who use it. They belong to the account that runs this program.
caller = kms.get_caller_identity_output()
bind_vpcs: list[kms.BindVpcArgs] = []
for team in ["orders", "payments", "reports"]:
    network = alicloud.vpc.Network(team, vpc_name=f"{NAME}-{team}", cidr_block="172.16.0.0/12")
    vswitch = alicloud.vpc.Switch(team, vpc_id=network.id, zone_id="cn-hangzhou-k", cidr_block="172.16.1.0/24")
    bind_vpcs.append(
        kms.BindVpcArgs(vpc_id=network.id, vswitch_id=vswitch.id, region_id="cn-hangzhou", vpc_owner_id=caller.account_id)
    )

# An instance that holds keys needs two guards, the option `protect=True` and the input `deletion_protection=True`, and
# force_delete_without_backup off: destroying it destroys every key and secret in it. They are left out here only so that
# the example can be destroyed again.
instance = kms.KmsInstance(
    "kms",
    instance_name=NAME,
    payment_type=kms.PaymentType.PAY_AS_YOU_GO,
    product_version=kms.ProductVersion.SOFTWARE,
    force_delete_without_backup=True,  # release the instance even if it has no backup
    vpc_id=vpc.id,
    zone_ids=[vswitch_k.zone_id, vswitch_j.zone_id],
    vswitch_ids=[vswitch_k.id],
    bind_vpcs=bind_vpcs,
)

pulumi.export("instanceId", instance.instance_id)
pulumi.export("status", instance.status)
pulumi.export("endpoint", instance.endpoint)
pulumi.export("caCertificateChainPem", instance.ca_certificate_chain_pem)
pulumi.export("arn", instance.arn)
