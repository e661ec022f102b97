package example;

import com.pulumi.Context;
import com.pulumi.Pulumi;
import com.pulumiverse.alicloudkms.KmsInstance;
import com.pulumiverse.alicloudkms.KmsInstanceArgs;

/** A program that compiles, and that the SDK refuses: a required property is missing. */
public class App {
    public static void main(String[] args) {
        Pulumi.run(App::program);
    }

    public static void program(Context ctx) {
        new KmsInstance("kms", KmsInstanceArgs.builder()
            .vswitchIds("vsw-1")
            .zoneIds("cn-hangzhou-k")
            .build());
    }
}
