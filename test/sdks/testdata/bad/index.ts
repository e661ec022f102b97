// Programs that compile, and that the provider refuses. The key `case` of the configuration chooses one.
import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumiverse/alicloud-kms";

const network = { vpcId: "vpc-1", vswitchIds: ["vsw-1"], zoneIds: ["cn-hangzhou-k"] };

switch (new pulumi.Config().require("case")) {
    case "enum":
        new kms.KmsInstance("kms", { ...network, paymentType: "Prepaid" as kms.PaymentType });
        break;
    case "type":
        new kms.KmsInstance("kms", { ...network, spec: "a thousand" as unknown as number });
        break;
    case "missing":
        new kms.KmsInstance("kms", {} as unknown as kms.KmsInstanceArgs);
        break;
}
