import pulumi
import pulumi_alicloud as alicloud
import pulumiverse_alicloud_kms as kms

config = pulumi.Config()

instance = kms.KmsInstance(
    "kms",
    instance_name="kms-keys",
    payment_type=kms.PaymentType.PAY_AS_YOU_GO,
    product_version=kms.ProductVersion.SOFTWARE,
    vpc_id=config.require("vpcId"),
    vswitch_ids=[config.require("vswitchId")],
    zone_ids=["cn-hangzhou-k", "cn-hangzhou-j"],
    deletion_protection=True,
    opts=pulumi.ResourceOptions(protect=True),
)

key = alicloud.kms.Key(
    "orders",
    dkms_instance_id=instance.instance_id,
    description="Encrypts orders",
    key_spec="Aliyun_AES_256",
    key_usage="ENCRYPT/DECRYPT",
    pending_window_in_days=30,
)

# What the application may do, and from where.
rule = alicloud.kms.NetworkRule(
    "orders",
    network_rule_name="orders",
    source_private_ips=[config.require("application")],
)
policy = alicloud.kms.Policy(
    "orders",
    policy_name="orders",
    kms_instance_id=instance.instance_id,
    permissions=["RbacPermission/Template/CryptoServiceKeyUser"],
    resources=[pulumi.Output.concat("key/", key.id)],
    access_control_rules=pulumi.Output.json_dumps({"NetworkRules": [rule.network_rule_name]}),
)

# What the application identifies itself with. The private key goes into a file where this program runs.
access_point = alicloud.kms.ApplicationAccessPoint(
    "orders",
    application_access_point_name="orders",
    policies=[policy.policy_name],
)
client_key = alicloud.kms.ClientKey(
    "orders",
    aap_name=access_point.application_access_point_name,
    password=config.require_secret("clientKeyPassword"),
    private_key_data_file="client-key.json",
)

pulumi.export("endpoint", instance.endpoint)
pulumi.export("caCertificateChainPem", instance.ca_certificate_chain_pem)
pulumi.export("keyId", key.id)
pulumi.export("clientKeyId", client_key.id)
