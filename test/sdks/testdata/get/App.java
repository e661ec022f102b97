package example;

import com.pulumi.Context;
import com.pulumi.Pulumi;
import com.pulumi.core.Output;
import com.pulumiverse.alicloudkms.KmsInstance;

/** An instance that is there already. */
public class App {
    public static void main(String[] args) {
        Pulumi.run(App::program);
    }

    public static void program(Context ctx) {
        var existing = KmsInstance.get("existing", Output.of(ctx.config().require("id")), null);
        ctx.export("name", existing.instanceName());
    }
}
