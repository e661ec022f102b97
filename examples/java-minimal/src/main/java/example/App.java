package example;

import com.pulumi.Context;
import com.pulumi.Pulumi;
import com.pulumiverse.alicloudkms.AlicloudkmsFunctions;
import com.pulumiverse.alicloudkms.KmsInstance;
import com.pulumiverse.alicloudkms.KmsInstanceArgs;
import com.pulumiverse.alicloudkms.enums.PaymentType;
import com.pulumiverse.alicloudkms.enums.ProductVersion;
import com.pulumiverse.alicloudkms.inputs.BindVpcArgs;
import java.util.Map;

public class App {
    public static void main(String[] args) {
        Pulumi.run(App::program);
    }

    public static void program(Context ctx) {
        var config = ctx.config();

        // The bound VPC belongs to the account that runs this program.
        var caller = AlicloudkmsFunctions.getCallerIdentity();

        // An instance that holds keys needs two guards, the option protect(true) and the input deletionProtection(true):
        // destroying it destroys every key and secret in it. They are left out here only so that the example can be
        // destroyed again.
        var instance = new KmsInstance("kms", KmsInstanceArgs.builder()
            .instanceName("kms-minimal")
            .paymentType(PaymentType.Subscription)
            .productVersion(ProductVersion.Software)
            .spec(1000)
            .keyNum(1000)
            .secretNum(0)
            .vpcNum(2)
            .zoneIds("cn-hangzhou-k", "cn-hangzhou-j")
            .vpcId(config.require("vpcId"))
            .vswitchIds(config.require("vswitchId"))
            .bindVpcs(BindVpcArgs.builder()
                .vpcId(config.require("ordersVpcId"))
                .vswitchId(config.require("ordersVswitchId"))
                .vpcOwnerId(caller.applyValue(c -> c.accountId()))
                .build())
            .tags(Map.of("environment", "example"))
            .build());

        ctx.export("instanceId", instance.instanceId());
        ctx.export("status", instance.status());
        ctx.export("endpoint", instance.endpoint());
        ctx.export("caCertificateChainPem", instance.caCertificateChainPem());
    }
}
