// A component with an instance of its own, and an instance that is there already.
import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumiverse/alicloud-kms";

class Keys extends pulumi.ComponentResource {
    readonly endpoint: pulumi.Output<string | undefined>;

    constructor(name: string, args: { vpcId: pulumi.Input<string>; vswitchId: pulumi.Input<string> }, options?: pulumi.ComponentResourceOptions) {
        super("example:index:Keys", name, {}, options);
        const instance = new kms.KmsInstance(name, {
            paymentType: kms.PaymentType.PayAsYouGo,
            productVersion: kms.ProductVersion.Software,
            forceDeleteWithoutBackup: true,
            zoneIds: ["cn-hangzhou-k", "cn-hangzhou-j"],
            vpcId: args.vpcId,
            vswitchIds: [args.vswitchId],
        }, { parent: this });
        this.endpoint = instance.endpoint;
        this.registerOutputs({ endpoint: this.endpoint });
    }
}

const keys = new Keys("keys", { vpcId: "vpc-bp1main00000000000000", vswitchId: "vsw-bp1main00000000000000" });
const existing = kms.KmsInstance.get("existing", new pulumi.Config().require("id"));

export const endpoint = keys.endpoint;
export const name = existing.instanceName;
