package example;

import com.pulumi.Context;
import com.pulumi.Pulumi;
import com.pulumi.core.Output;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumiverse.alicloudkms.KmsInstance;
import com.pulumiverse.alicloudkms.KmsInstanceArgs;
import com.pulumiverse.alicloudkms.Provider;
import com.pulumiverse.alicloudkms.ProviderArgs;
import com.pulumiverse.alicloudkms.enums.PaymentType;
import com.pulumiverse.alicloudkms.inputs.AssumeRoleArgs;

/** A provider whose configuration holds secrets and, at preview, unknown values, plain ones and nested ones. */
public class App {
    public static void main(String[] args) {
        Pulumi.run(App::program);
    }

    public static void program(Context ctx) {
        var first = new KmsInstance("first", instance("first").build());
        var account = new Provider("account", ProviderArgs.builder()
            .region("cn-hangzhou")
            .accountType("International")
            .assumeRole(AssumeRoleArgs.builder()
                .roleArn("acs:ram::1234567890123456:role/keys")
                .sessionName(first.instanceId())
                .externalId(Output.ofSecret("hidden-external-id"))
                .build())
            .clientReadTimeout(Output.ofSecret(43219))
            .maxRetryTimeout(first.instanceId().applyValue(String::length))
            .build());
        new KmsInstance("second", instance("second").build(), CustomResourceOptions.builder().provider(account).build());
    }

    private static KmsInstanceArgs.Builder instance(String name) {
        return KmsInstanceArgs.builder()
            .instanceName(name)
            .paymentType(PaymentType.PayAsYouGo)
            .forceDeleteWithoutBackup(true)
            .vpcId("vpc-main")
            .vswitchIds("vsw-main")
            .zoneIds("cn-hangzhou-k", "cn-hangzhou-j");
    }
}
