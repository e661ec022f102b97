import com.pulumi.automation.AutomationException;
import com.pulumi.automation.DestroyOptions;
import com.pulumi.automation.LocalWorkspace;
import com.pulumi.automation.LocalWorkspaceOptions;
import com.pulumi.automation.PreviewOptions;
import com.pulumi.automation.UpOptions;
import java.nio.file.Path;

/**
 * Runs example.App as an inline program of Pulumi's Automation API, in the project of the working directory. The one
 * argument is up, preview or destroy. A preview must find nothing to change.
 */
public class Inline {
    public static void main(String[] args) throws Exception {
        var options = LocalWorkspaceOptions.builder().workDir(Path.of("").toAbsolutePath()).build();
        try (var stack = LocalWorkspace.selectStack(System.getenv("PROJECT"), "dev", example.App::program, options)) {
            switch (args[0]) {
                case "up":
                    stack.up(UpOptions.builder().onStandardOutput(System.out::println).build());
                    break;
                case "preview":
                    stack.preview(PreviewOptions.builder().onStandardOutput(System.out::println).expectNoChanges(true).build());
                    break;
                case "destroy":
                    stack.destroy(DestroyOptions.builder().onStandardOutput(System.out::println).build());
                    break;
                default:
                    throw new IllegalArgumentException("unknown operation " + args[0]);
            }
        } catch (AutomationException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
        System.exit(0);
    }
}
