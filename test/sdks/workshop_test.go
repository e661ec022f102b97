//go:build sdks

package sdks

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// work is the folder in which run.sh has built the SDKs and compiled the examples.
func work(t testing.TB, names ...string) string {
	t.Helper()
	folder := os.Getenv("SDKTEST_WORK")
	if folder == "" {
		t.Fatal("the SDKs are not built: run `make test-sdks`")
	}
	return filepath.Join(append([]string{folder}, names...)...)
}

// root is the folder of the repository.
func root(t testing.TB, names ...string) string {
	t.Helper()
	return filepath.Join(append([]string{e2e.Root(t)}, names...)...)
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tool runs a compiler or the like in a folder. It returns what the tool printed, and whether it ended with exit code 0.
func tool(t testing.TB, folder, name string, arguments ...string) (string, bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, arguments...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), err == nil
}

// goCommand runs the go command in a folder.
func goCommand(t testing.TB, folder string, arguments ...string) {
	t.Helper()
	if out, ok := tool(t, folder, "go", arguments...); !ok {
		t.Fatalf("go %s failed:\n%s", strings.Join(arguments, " "), out)
	}
}

// program is how a program is started; an operation comes last.
type program []string

func typescript(t testing.TB, folder string) program {
	t.Helper()
	return program{"node", root(t, "test", "sdks", "runners", "inline.cjs"), filepath.Join(folder, "bin", "index.js")}
}

func python(t testing.TB, folder string) program {
	t.Helper()
	return program{
		work(t, "venv", "bin", "python"), root(t, "test", "sdks", "runners", "inline.py"), filepath.Join(folder, "__main__.py"),
	}
}

func java(t testing.TB, folder string) program {
	t.Helper()
	classes := filepath.Join(folder, "target", "classes")
	return program{"java", "-XX:TieredStopAtLevel=1", "-cp", classes + string(os.PathListSeparator) + read(t, filepath.Join(folder, "target", "classpath")), "Inline"}
}

// compiledJava compiles the runner, and sources of a program, with the class path of an example.
func compiledJava(t testing.TB, folder string, sources ...string) program {
	t.Helper()
	classpath := read(t, work(t, "tree", "examples", "java-minimal", "target", "classpath"))
	write(t, filepath.Join(folder, "target", "classpath"), classpath)
	classes := filepath.Join(folder, "target", "classes")
	arguments := append([]string{"-d", classes, "-cp", classes + string(os.PathListSeparator) + classpath}, sources...)
	if out, ok := tool(t, folder, "javac", append(arguments, root(t, "test", "sdks", "runners", "Inline.java"))...); !ok {
		t.Fatal(out)
	}
	return java(t, folder)
}

// oneGoBuild keeps the Go programs from compiling the Automation API at the same time.
var oneGoBuild sync.Mutex

// golang builds a program in its folder, with the runner beside it. What the program's go.sum lacks, the runner's packages and
// a replaced module perhaps, is added to it there.
func golang(t testing.TB, folder string) program {
	t.Helper()
	oneGoBuild.Lock()
	defer oneGoBuild.Unlock()
	write(t, filepath.Join(folder, "inline.go"), read(t, root(t, "test", "sdks", "runners", "inline.go.txt")))
	binary := filepath.Join(folder, "bin", "program")
	goCommand(t, folder, "build", "-mod=mod", "-trimpath", "-buildvcs=false", "-o", binary, ".")
	return program{binary}
}

// run runs an operation of a program in a project. YAML programs are in the project itself.
func (p program) run(project *e2e.Project, operation string) e2e.Result {
	if p != nil {
		return project.Run(p[0], append(p[1:len(p):len(p)], operation)...)
	}
	switch operation {
	case "preview":
		return project.Pulumi("preview", "--expect-no-changes")
	default:
		return project.Pulumi(operation, "--yes", "--skip-preview")
	}
}

// version is the version of the provider and of its SDKs.
func version(t testing.TB) string {
	t.Helper()
	_, rest, _ := strings.Cut(read(t, root(t, "Makefile")), "\nVERSION := ")
	v, _, _ := strings.Cut(rest, "\n")
	return v
}

// newProject makes a project for a program from its project file. YAML programs find the plugin in bin/, the others as in a
// user's home: by the version that their SDK asks for.
func (p program) newProject(t testing.TB, cloud *e2e.Cloud, file string) *e2e.Project {
	t.Helper()
	text := read(t, file)
	project := e2e.NewProject(t, cloud, text)
	if p == nil {
		return project
	}
	var settings struct {
		Name   string
		Config map[string]any
	}
	if err := yaml.Unmarshal([]byte(text), &settings); err != nil {
		t.Fatal(err)
	}
	project.Pulumi("plugin", "install", "resource", "alicloud-kms", version(t), "--file", root(t, "bin", "pulumi-resource-alicloud-kms")).
		Succeeds()
	project.SetEnv("PROJECT="+settings.Name, "PULUMI_IGNORE_AMBIENT_PLUGINS=true")
	write(t, filepath.Join(project.Dir, "Pulumi.yaml"), text)
	if p[0] == "java" {
		// Java's Automation API cannot read the configuration in a project file, and writes a file of its own if there is none.
		configure(t, project, settings.Name, settings.Config)
		if err := os.Remove(filepath.Join(project.Dir, "Pulumi.yaml")); err != nil {
			t.Fatal(err)
		}
	}
	return project
}

// configure writes a project's defaults into the settings of its stack.
func configure(t testing.TB, project *e2e.Project, name string, defaults map[string]any) {
	t.Helper()
	config := map[string]any{}
	for key, value := range defaults {
		if declared, ok := value.(map[string]any); ok {
			value = declared["default"]
		}
		if !strings.Contains(key, ":") {
			key = name + ":" + key
		}
		config[key] = value
	}
	text, err := yaml.Marshal(map[string]any{"config": config})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(project.Dir, "Pulumi.dev.yaml"), project.Read("Pulumi.dev.yaml")+string(text))
}
