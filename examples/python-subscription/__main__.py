import pulumi
import pulumi_alicloud as alicloud
import pulumiverse_alicloud_kms as kms

config = pulumi.Config()
zone_ids: list[str] = config.require_object("zoneIds")

network = alicloud.vpc.Network(
    "kms",
    vpc_name="kms-network",
    cidr_block="10.0.0.0/16",
)
vswitch = alicloud.vpc.Switch(
    "kms",
    vswitch_name="kms-network",
    vpc_id=network.id,
    zone_id=zone_ids[0],
    cidr_block="10.0.1.0/24",
)

# An instance that holds keys needs two guards, the option `protect=True` and the input `deletion_protection=True`, and
# force_delete_without_backup off: destroying it destroys every key and secret in it. They are left out here only so that the
# example can be destroyed again.
instance = kms.KmsInstance(
    "kms",
    instance_name="kms-network",
    payment_type=kms.PaymentType.PAY_AS_YOU_GO,
    product_version=kms.ProductVersion.SOFTWARE,
    force_delete_without_backup=True,  # release the instance even if it has no backup
    zone_ids=zone_ids,
    vpc_id=network.id,
    vswitch_ids=[vswitch.id],
)

pulumi.export("vpcId", network.id)
pulumi.export("instanceId", instance.instance_id)
pulumi.export("endpoint", instance.endpoint)
pulumi.export("caCertificateChainPem", instance.ca_certificate_chain_pem)
