import * as alicloud from "@pulumi/alicloud";
import * as kms from "@pulumiverse/alicloud-kms";

const name = "kms-subscription";

// The VPC of the instance, with a vSwitch in each of its zones. The instance is in one of them.
const vpc = new alicloud.vpc.Network("kms", { vpcName: name, cidrBlock: "172.16.0.0/12" });
const vswitchK = new alicloud.vpc.Switch("kms-k", { vpcId: vpc.id, zoneId: "cn-hangzhou-k", cidrBlock: "172.16.1.0/24" });
const vswitchJ = new alicloud.vpc.Switch("kms-j", { vpcId: vpc.id, zoneId: "cn-hangzhou-j", cidrBlock: "172.16.2.0/24" });

// The VPCs of those who use it. They belong to the account that runs this program.
const caller = kms.getCallerIdentityOutput();
const bindVpcs = ["orders", "payments", "reports"].map(team => {
    const network = new alicloud.vpc.Network(team, { vpcName: `${name}-${team}`, cidrBlock: "172.16.0.0/12" });
    const vswitch = new alicloud.vpc.Switch(team, { vpcId: network.id, zoneId: "cn-hangzhou-k", cidrBlock: "172.16.1.0/24" });
    return { vpcId: network.id, vswitchId: vswitch.id, regionId: "cn-hangzhou", vpcOwnerId: caller.accountId };
});

// An instance that holds keys needs two guards, the option `protect: true` and the input `deletionProtection: true`:
// destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
const instance = new kms.KmsInstance("kms", {
    instanceName: name,
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
    vpcId: vpc.id,
    zoneIds: [vswitchK.zoneId, vswitchJ.zoneId],
    vswitchIds: [vswitchJ.id],
    bindVpcs: bindVpcs,
});

export const instanceId = instance.instanceId;
export const status = instance.status;
export const endpoint = instance.endpoint;
export const caCertificateChainPem = instance.caCertificateChainPem;
export const endDate = instance.endDate;
export const arn = instance.arn;
