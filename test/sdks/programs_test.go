//go:build sdks

package sdks

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// language is a language of programs, by its runtime in Pulumi.yaml.
type language struct {
	runtime string
	option  string // of `pulumi convert` and `pulumi package gen-sdk`
	file    string // of a program
	example string // what the names of its examples begin with
}

var languages = []language{
	{"nodejs", "typescript", "index.ts", "typescript"},
	{"python", "python", "__main__.py", "python"},
	{"go", "go", "main.go", "go"},
	{"java", "java", "src/main/java/example/App.java", "java"},
	{"dotnet", "csharp", "Program.cs", "csharp"},
	{"yaml", "", "Pulumi.yaml", "yaml"},
}

// inLanguage finds a language by its runtime or by what the names of its examples begin with.
func inLanguage(t testing.TB, name string) language {
	t.Helper()
	i := slices.IndexFunc(languages, func(l language) bool { return l.runtime == name || l.example == name })
	if i < 0 {
		t.Fatalf("these tests do not know the language %q", name)
	}
	return languages[i]
}

// hosted says whether the language's own host is on PATH, and .NET with that of .NET.
func (l language) hosted() bool {
	_, err := exec.LookPath("pulumi-language-" + l.runtime)
	if err == nil && l.runtime == "dotnet" {
		_, err = exec.LookPath("dotnet")
	}
	return err == nil
}

// project is a project file for a program of the tests' own.
func (l language) project(name, config string) string {
	runtime := l.runtime
	if runtime == "python" {
		runtime = "{name: python, options: {toolchain: pip, virtualenv: venv}}"
	}
	return fmt.Sprintf("name: %s\nruntime: %s\nconfig:\n  alicloud-kms:region: cn-hangzhou\n%s", name, runtime, config)
}

// example is a program of examples/.
type example struct {
	language
	name    string
	foreign bool   // makes resources of the alicloud provider
	beyond  bool   // more of them than the stand-in for its plugin knows
	imports string // the id of the instance that it imports
}

// kind is what the program makes, in whatever language.
func (e example) kind() string { return strings.TrimPrefix(e.name, e.example+"-") }

var (
	foreign = regexp.MustCompile(`@pulumi/alicloud"|(?m)^pulumi[_-]alicloud\W|pulumi/pulumi-alicloud/|Pulumi\.AliCloud|<artifactId>alicloud<|type: alicloud:`)
	beyond  = regexp.MustCompile(`alicloud[.:/]kms[.:/]`)
	imports = regexp.MustCompile(`import: (kst-\S+)`)
)

// examples are the programs of examples/.
func examples(t testing.TB) []example {
	t.Helper()
	files, err := filepath.Glob(work(t, "tree", "examples", "*", "Pulumi.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no examples: %v", err)
	}
	var all []example
	for _, file := range files {
		folder := filepath.Dir(file)
		prefix, _, _ := strings.Cut(filepath.Base(folder), "-")
		e := example{language: inLanguage(t, prefix), name: filepath.Base(folder)}
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if entry.Type().IsRegular() {
				text := read(t, filepath.Join(folder, entry.Name()))
				e.foreign = e.foreign || foreign.MatchString(text)
				e.beyond = e.beyond || beyond.MatchString(text)
			}
		}
		if found := imports.FindStringSubmatch(read(t, file)); found != nil {
			e.imports = found[1]
		}
		all = append(all, e)
	}
	return all
}

// base is an example of a language that needs nothing but its SDK.
func base(t testing.TB, l language) example {
	t.Helper()
	for _, e := range examples(t) {
		if e.language == l && !e.foreign && e.imports == "" {
			return e
		}
	}
	t.Fatalf("no example in %s needs the provider alone", l.example)
	return example{}
}

// fork copies an example to a folder of the test's own, as far from the SDKs as the example is, with some files replaced.
func fork(t testing.TB, e example, files map[string]string) string {
	t.Helper()
	return forkTo(t, work(t, "tree", "programs", strings.ReplaceAll(t.Name(), "/", "-")), e, files)
}

func forkTo(t testing.TB, folder string, e example, files map[string]string) string {
	t.Helper()
	if err := os.CopyFS(folder, os.DirFS(work(t, "tree", "examples", e.name))); err != nil {
		t.Fatal(err)
	}
	if e.runtime == "python" {
		if err := os.Symlink(work(t, "venv"), filepath.Join(folder, "venv")); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		write(t, filepath.Join(folder, name), text)
	}
	return folder
}

// compile checks a program without running it, as far as its language does that.
func (l language) compile(t testing.TB, folder string) {
	t.Helper()
	switch l.runtime {
	case "nodejs":
		wantDone(t, folder, work(t, "tree", "node_modules", ".bin", "tsc"), "--noEmit")
	case "python":
		if out, ok := mypy(t, folder, l.file); !ok {
			t.Error(out)
		}
	case "go":
		wantDone(t, folder, "go", "build", "-mod=mod", "-trimpath", "-buildvcs=false", "-o", os.DevNull, ".")
	case "java":
		wantDone(t, folder, "mvn", "--batch-mode", "--no-transfer-progress", "--quiet", "-Dmaven.repo.local="+work(t, "maven"), "compile")
	case "dotnet":
		if l.hosted() {
			wantDone(t, folder, "dotnet", "build")
		} else {
			checkCSharp(t, filepath.Join(folder, l.file))
		}
	}
}

func mypy(t testing.TB, folder, file string) (string, bool) {
	t.Helper()
	return tool(t, folder, work(t, "venv", "bin", "mypy"), "--strict", "--no-error-summary", "--explicit-package-bases", file)
}

// program is a program in a folder, with a project and a stack. The CLI runs it if the host of its language is there. Otherwise
// it is an inline program of the Automation API, which inline starts.
type program struct {
	*e2e.Project
	inline []string
}

// oneGoBuild keeps the Go programs from compiling the Automation API at the same time.
var oneGoBuild sync.Mutex

// start makes the project of a program. The plugin is found as in a user's home: by the version that the SDK asks for.
func (l language) start(t testing.TB, cloud *e2e.Cloud, folder string) program {
	t.Helper()
	text := read(t, filepath.Join(folder, "Pulumi.yaml"))
	p := program{Project: e2e.NewProject(t, cloud, text)}
	write(t, filepath.Join(folder, "Pulumi.dev.yaml"), p.Read("Pulumi.dev.yaml"))
	p.Dir = folder
	p.Pulumi("stack", "select", "dev").Succeeds()
	p.Pulumi("plugin", "install", "resource", "alicloud-kms", e2e.Version(t), "--file", root(t, "bin", "pulumi-resource-alicloud-kms")).Succeeds()
	var settings struct{ Name string }
	if err := yaml.Unmarshal([]byte(text), &settings); err != nil {
		t.Fatal(err)
	}
	p.SetEnv("PROJECT="+settings.Name, "PATH="+hostPath(t))
	p.SetEnv(toolEnvironment(t)...)
	if l.hosted() {
		return p
	}
	runners := root(t, "test", "sdks", "runners")
	switch l.runtime {
	case "nodejs":
		wantDone(t, folder, filepath.Join(nodeModules(folder), ".bin", "tsc"))
		p.inline = []string{"node", filepath.Join(runners, "inline.cjs"), filepath.Join(folder, "bin", "index.js")}
	case "python":
		p.inline = []string{filepath.Join(folder, "venv", "bin", "python"), filepath.Join(runners, "inline.py"), filepath.Join(folder, l.file)}
	case "go":
		oneGoBuild.Lock()
		defer oneGoBuild.Unlock()
		write(t, filepath.Join(folder, "inline.go"), read(t, filepath.Join(runners, "inline.go.txt")))
		binary := filepath.Join(folder, "bin", "program")
		wantDone(t, folder, "go", "build", "-mod=mod", "-trimpath", "-buildvcs=false", "-o", binary, ".")
		p.inline = []string{binary}
	default:
		t.Fatalf("pulumi-language-%s is not on PATH, and nothing else runs such programs", l.runtime)
	}
	return p
}

var linkHosts sync.Once

// hostPath is PATH without the plugin: with the CLI and the hosts of bin/, but not all of bin/.
func hostPath(t testing.TB) string {
	t.Helper()
	bin, hosts := root(t, "bin"), work(t, "hosts")
	linkHosts.Do(func() {
		files, err := filepath.Glob(filepath.Join(bin, "pulumi-[lc]*")) // languages and converters
		err = errors.Join(err, os.MkdirAll(hosts, 0o750))
		for _, file := range append(files, filepath.Join(bin, "pulumi")) {
			if _, missing := os.Stat(file); missing == nil {
				err = errors.Join(err, os.Symlink(file, filepath.Join(hosts, filepath.Base(file))))
			}
		}
		if err != nil {
			t.Error(err)
		}
	})
	folders := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(folder string) bool { return filepath.Clean(folder) == bin })
	return strings.Join(append(folders, hosts), string(os.PathListSeparator))
}

// nodeModules is the folder of packages that a program finds.
func nodeModules(folder string) string {
	for ; folder != "/"; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "node_modules")); err == nil {
			break
		}
	}
	return filepath.Join(folder, "node_modules")
}

// toolEnvironment points the tools that a host starts at the packages of this run: a project has a home folder of its own.
func toolEnvironment(t testing.TB) []string {
	t.Helper()
	env := []string{
		"MAVEN_OPTS=-Dmaven.repo.local=" + work(t, "maven") + " " + os.Getenv("MAVEN_OPTS"),
		"DOTNET_CLI_HOME=" + work(t, "dotnet"), "NUGET_PACKAGES=" + work(t, "dotnet", "packages"),
	}
	for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE", "GOPROXY"} {
		out, ok := tool(t, root(t), "go", "env", name)
		if !ok {
			t.Fatal(out)
		}
		env = append(env, name+"="+strings.TrimSpace(out))
	}
	return env
}

// run runs up, preview, which must find nothing to change, refresh or destroy.
func (p program) run(operation string) e2e.Result {
	switch {
	case operation == "refresh": // needs no program
		return p.Pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
	case p.inline != nil:
		return p.Run(p.inline[0], append(slices.Clone(p.inline[1:]), operation)...)
	case operation == "preview":
		return p.Pulumi("preview", "--expect-no-changes")
	default:
		return p.Pulumi(operation, "--yes", "--skip-preview")
	}
}

var harmless = regexp.MustCompile(`warning: using pulumi-language-\S+ from \$PATH.*|\d+ warnings?`)

// noWarning wants no warning but that a host was found on PATH.
func noWarning(t testing.TB, r e2e.Result) {
	t.Helper()
	if strings.Contains(harmless.ReplaceAllString(r.Output, ""), "warning") {
		t.Errorf("%s warns:\n%s", r.Command, r.Output)
	}
}
