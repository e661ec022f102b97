// Each line that ends in "wrong" is an error of the compiler; the other lines are fine.
import * as kms from "@pulumiverse/alicloud-kms";

const network = { vpcId: "vpc-1", vswitchIds: ["vsw-1"], zoneIds: ["cn-hangzhou-k"] };

new kms.KmsInstance("fine", { ...network, spec: 1000, paymentType: "Subscription", log: kms.LogSwitch.On });

new kms.KmsInstance("number", { ...network, spec: "1000" }); // wrong
new kms.KmsInstance("text", { ...network, instanceName: 1 }); // wrong
new kms.KmsInstance("flag", { ...network, deletionProtection: "true" }); // wrong
new kms.KmsInstance("list", { ...network, zoneIds: "cn-hangzhou-k" }); // wrong
new kms.KmsInstance("owner", { ...network, bindVpcs: [{ vpcId: "a", vswitchId: "b", vpcOwnerId: 1234567890123456 }] }); // wrong
new kms.KmsInstance("enum", { ...network, paymentType: "Prepaid" }); // wrong
new kms.KmsInstance("name", { ...network, paymentTyp: "Subscription" }); // wrong
new kms.KmsInstance("nothing", {}); // wrong
new kms.KmsInstance("missing", { vpcId: "vpc-1", zoneIds: ["cn-hangzhou-k"] }); // wrong
new kms.KmsInstance("nested", { ...network, bindVpcs: [{ vpcId: "vpc-2" }] }); // wrong
