import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumiverse/alicloud-kms";

const config = new pulumi.Config();

// The bound VPC belongs to the account that runs this program.
const caller = kms.getCallerIdentityOutput();

// An instance that holds keys needs two guards, the option `protect: true` and the input `deletionProtection: true`:
// destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
const instance = new kms.KmsInstance("kms", {
    instanceName: "kms-minimal",
    paymentType: kms.PaymentType.Subscription,
    productVersion: kms.ProductVersion.Software,
    spec: 1000,
    keyNum: 1000,
    secretNum: 0,
    vpcNum: 2,
    zoneIds: ["cn-hangzhou-k", "cn-hangzhou-j"],
    vpcId: config.require("vpcId"),
    vswitchIds: [config.require("vswitchId")],
    bindVpcs: [{
        vpcId: config.require("ordersVpcId"),
        vswitchId: config.require("ordersVswitchId"),
        vpcOwnerId: caller.accountId,
    }],
    tags: { environment: "example" },
});

export const instanceId = instance.instanceId;
export const status = instance.status;
export const endpoint = instance.endpoint;
export const caCertificateChainPem = instance.caCertificateChainPem;
