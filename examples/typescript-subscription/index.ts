import * as alicloud from "@pulumi/alicloud";
import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumiverse/alicloud-kms";

const config = new pulumi.Config();
const zoneIds = config.requireObject<string[]>("zoneIds");

const network = new alicloud.vpc.Network("kms", {
    vpcName: "kms-network",
    cidrBlock: "10.0.0.0/16",
});
const vswitch = new alicloud.vpc.Switch("kms", {
    vswitchName: "kms-network",
    vpcId: network.id,
    zoneId: zoneIds[0],
    cidrBlock: "10.0.1.0/24",
});

// An instance that holds keys needs two guards, the option `protect: true` and the input `deletionProtection: true`, and
// forceDeleteWithoutBackup off: destroying it destroys every key and secret in it. They are left out here only so that the
// example can be destroyed again.
const instance = new kms.KmsInstance("kms", {
    instanceName: "kms-network",
    paymentType: kms.PaymentType.PayAsYouGo,
    productVersion: kms.ProductVersion.Software,
    forceDeleteWithoutBackup: true, // release the instance even if it has no backup
    zoneIds: zoneIds,
    vpcId: network.id,
    vswitchIds: [vswitch.id],
});

export const vpcId = network.id;
export const instanceId = instance.instanceId;
export const endpoint = instance.endpoint;
export const caCertificateChainPem = instance.caCertificateChainPem;
