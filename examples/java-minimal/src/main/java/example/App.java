package example;

import com.pulumi.Context;
import com.pulumi.Pulumi;
import com.pulumiverse.alicloudkms.AlicloudkmsFunctions;
import com.pulumiverse.alicloudkms.KmsInstance;
import com.pulumiverse.alicloudkms.KmsInstanceArgs;
import com.pulumiverse.alicloudkms.enums.LogSwitch;
import com.pulumiverse.alicloudkms.enums.PaymentType;
import com.pulumiverse.alicloudkms.enums.ProductVersion;
import com.pulumiverse.alicloudkms.enums.RenewStatus;
import com.pulumiverse.alicloudkms.inputs.BindVpcArgs;
import java.util.Map;
import java.util.stream.Stream;

public class App {
    public static void main(String[] args) {
        Pulumi.run(App::program);
    }

    public static void program(Context ctx) {
        var config = ctx.config();

        // The bound VPCs belong to the account that runs this program.
        var caller = AlicloudkmsFunctions.getCallerIdentity();
        var bound = Stream.of("orders", "payments", "reports")
            .map(name -> BindVpcArgs.builder()
                .vpcId(config.require(name + "VpcId"))
                .vswitchId(config.require(name + "VswitchId"))
                .regionId("cn-hangzhou")
                .vpcOwnerId(caller.applyValue(c -> c.accountId()))
                .build())
            .toArray(BindVpcArgs[]::new);

        // An instance that holds keys needs two guards, the option protect(true) and the input deletionProtection(true):
        // destroying it destroys every key and secret in it. They are left out here only so that the example can be
        // destroyed again.
        var instance = new KmsInstance("kms", KmsInstanceArgs.builder()
            .instanceName("kms-subscription")
            .paymentType(PaymentType.Subscription)
            .productVersion(ProductVersion.Software)
            .period(1)
            .renewStatus(RenewStatus.ManualRenewal)
            .renewPeriod(3) // of use with AutoRenewal only; kept for the day that renewStatus changes
            .spec(1000)
            .keyNum(1000)
            .secretNum(0)
            .vpcNum(7)
            .log(LogSwitch.Off)
            .logStorage(0)
            .zoneIds("cn-hangzhou-k", "cn-hangzhou-j")
            .vpcId(config.require("vpcId"))
            .vswitchIds(config.require("vswitchId"))
            .bindVpcs(bound)
            .tags(Map.of("environment", "example"))
            .build());

        ctx.export("instanceId", instance.instanceId());
        ctx.export("status", instance.status());
        ctx.export("endpoint", instance.endpoint());
        ctx.export("caCertificateChainPem", instance.caCertificateChainPem());
        ctx.export("endDate", instance.endDate());
        ctx.export("arn", instance.arn());
    }
}
