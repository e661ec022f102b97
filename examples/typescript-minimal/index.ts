import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumiverse/alicloud-kms";

const config = new pulumi.Config();

// The bound VPCs belong to the account that runs this program.
const caller = kms.getCallerIdentityOutput();

// An instance that holds keys needs two guards, the option `protect: true` and the input `deletionProtection: true`:
// destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
const instance = new kms.KmsInstance("kms", {
    instanceName: "kms-subscription",
    paymentType: kms.PaymentType.Subscription,
    productVersion: kms.ProductVersion.Software,
    period: 1,
    renewStatus: kms.RenewStatus.ManualRenewal,
    renewPeriod: 3, // of use with AutoRenewal only; kept for the day that renewStatus changes
    spec: 1000,
    keyNum: 1000,
    secretNum: 0,
    vpcNum: 7,
    log: kms.LogSwitch.Off,
    logStorage: 0,
    zoneIds: ["cn-hangzhou-k", "cn-hangzhou-j"],
    vpcId: config.require("vpcId"),
    vswitchIds: [config.require("vswitchId")],
    bindVpcs: ["orders", "payments", "reports"].map(name => ({
        vpcId: config.require(`${name}VpcId`),
        vswitchId: config.require(`${name}VswitchId`),
        regionId: "cn-hangzhou",
        vpcOwnerId: caller.accountId,
    })),
    tags: { environment: "example" },
});

export const instanceId = instance.instanceId;
export const status = instance.status;
export const endpoint = instance.endpoint;
export const caCertificateChainPem = instance.caCertificateChainPem;
export const endDate = instance.endDate;
export const arn = instance.arn;
