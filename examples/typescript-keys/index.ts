import * as alicloud from "@pulumi/alicloud";
import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumiverse/alicloud-kms";

const config = new pulumi.Config();

const instance = new kms.KmsInstance("kms", {
    instanceName: "kms-keys",
    paymentType: kms.PaymentType.PayAsYouGo,
    productVersion: kms.ProductVersion.Software,
    vpcId: config.require("vpcId"),
    vswitchIds: [config.require("vswitchId")],
    zoneIds: ["cn-hangzhou-k", "cn-hangzhou-j"],
    deletionProtection: true,
}, { protect: true });

const key = new alicloud.kms.Key("orders", {
    dkmsInstanceId: instance.instanceId,
    description: "Encrypts orders",
    keySpec: "Aliyun_AES_256",
    keyUsage: "ENCRYPT/DECRYPT",
    pendingWindowInDays: 30,
});

// What the application may do, and from where.
const rule = new alicloud.kms.NetworkRule("orders", {
    networkRuleName: "orders",
    sourcePrivateIps: [config.require("application")],
});
const policy = new alicloud.kms.Policy("orders", {
    policyName: "orders",
    kmsInstanceId: instance.instanceId,
    permissions: ["RbacPermission/Template/CryptoServiceKeyUser"],
    resources: [pulumi.interpolate`key/${key.id}`],
    accessControlRules: pulumi.jsonStringify({ NetworkRules: [rule.networkRuleName] }),
});

// What the application identifies itself with. The private key goes into a file where this program runs.
const accessPoint = new alicloud.kms.ApplicationAccessPoint("orders", {
    applicationAccessPointName: "orders",
    policies: [policy.policyName],
});
const clientKey = new alicloud.kms.ClientKey("orders", {
    aapName: accessPoint.applicationAccessPointName,
    password: config.requireSecret("clientKeyPassword"),
    privateKeyDataFile: "client-key.json",
});

export const endpoint = instance.endpoint;
export const caCertificateChainPem = instance.caCertificateChainPem;
export const keyId = key.id;
export const clientKeyId = clientKey.id;
