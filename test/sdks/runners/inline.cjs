// Runs a compiled TypeScript program as an inline program of Pulumi's Automation API, in the project of the working
// directory: node inline.cjs PROGRAM up|preview|destroy. A preview must find nothing to change.
const { createRequire } = require("node:module");

async function main() {
    const [program, operation] = process.argv.slice(2);
    const load = createRequire(program);
    const { LocalWorkspace } = load("@pulumi/pulumi/automation");
    const stack = await LocalWorkspace.selectStack(
        { stackName: "dev", projectName: process.env.PROJECT, program: async () => load(program) },
        { workDir: process.cwd() },
    );
    await stack[operation]({
        onOutput: text => process.stdout.write(text),
        expectNoChanges: operation === "preview",
    });
}

main().catch(error => {
    process.stdout.write(`${error.message}\n`);
    process.exit(1);
});
