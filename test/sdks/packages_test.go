//go:build sdks

package sdks

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestPackageAdd: the CLI adds the plugin to a YAML project, which needs no SDK, and the project then uses it.
func TestPackageAdd(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	program := read(t, work(t, "tree", "examples", base(t, inLanguage(t, "yaml")).name, "Pulumi.yaml"))
	project := e2e.NewProject(t, cloud, program)
	write(t, filepath.Join(project.Dir, "Pulumi.yaml"), program) // without the plugin's folder

	project.Pulumi("package", "add", root(t, "bin", "pulumi-resource-alicloud-kms")).Succeeds()
	if text := project.Read("Pulumi.yaml"); !strings.Contains(text, "\npackages:\n  alicloud-kms: ") {
		t.Errorf("the project file has no package:\n%s", text)
	}
	project.Up().Succeeds().Shows("2 created")
	cloud.WantBill(e2e.Bill{Orders: 1})
	project.Destroy().Succeeds()
}

// TestPackageAddInLanguages: in a project without the SDK, `pulumi package add` makes one, and the example works with it. The host of
// a language makes the SDK; without it there is nothing to test.
func TestPackageAddInLanguages(t *testing.T) {
	t.Parallel()
	for _, l := range []struct {
		runtime, manifest, sdk string // sdk: what names the SDK of the checkout
	}{
		{"nodejs", "package.json", `,\s*"@pulumiverse/alicloud-kms": "file:[^"]*"`},
		{"python", "requirements.txt", `\.\./\.\./sdk/python\n`},
		{"go", "go.mod", `(?m)^.*/sdk/go/alicloudkms .*\n`},
	} {
		t.Run(l.runtime, func(t *testing.T) {
			t.Parallel()
			to := inLanguage(t, l.runtime)
			if !to.hosted() {
				t.Log("not run: its language host is not on PATH")
				return
			}
			t.Log("with its language host")
			folder := fork(t, base(t, to), nil)
			manifest := filepath.Join(folder, l.manifest)
			text := read(t, manifest)
			without := regexp.MustCompile(l.sdk).ReplaceAllString(text, "")
			if without == text {
				t.Fatalf("%s does not name the SDK:\n%s", l.manifest, text)
			}
			write(t, manifest, without)
			if l.runtime == "python" { // the CLI makes one
				if err := os.Remove(filepath.Join(folder, "venv")); err != nil {
					t.Fatal(err)
				}
			}
			cloud := e2e.NewCloud(t, e2e.Quick())
			p := to.start(t, cloud, folder)
			p.Pulumi("package", "add", root(t, "bin", "pulumi-resource-alicloud-kms")).Succeeds()
			if made, err := filepath.Glob(filepath.Join(folder, "sdks", "*")); err != nil || len(made) != 1 {
				t.Errorf("it made the SDKs %v", made)
			}
			p.run("up").Succeeds().Shows("created")
			cloud.WantBill(e2e.Bill{Orders: 1})
		})
	}
}

// TestGenSDK: `pulumi package gen-sdk` generates an SDK with the host of its language.
func TestGenSDK(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		if _, err := exec.LookPath("pulumi-language-" + l.runtime); err != nil || l.option == "" { // the host of .NET needs no .NET for this
			continue
		}
		t.Run(l.option, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			p := e2e.NewProject(t, nil, "name: any\nruntime: yaml\n")
			p.Pulumi("package", "gen-sdk", root(t, "bin", "pulumi-resource-alicloud-kms"), "--language", l.option, "--out", out).Succeeds()
			found := false
			err := filepath.WalkDir(out, func(path string, entry fs.DirEntry, err error) error {
				found = found || strings.HasPrefix(strings.ToLower(strings.ReplaceAll(entry.Name(), "_", "")), "kmsinstance.")
				return err
			})
			if err != nil || !found {
				t.Errorf("the SDK has no file for KmsInstance: %v", err)
			}
		})
	}
}

// TestConvert: `pulumi convert` makes programs of a YAML example, which compile.
func TestConvert(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		if l.option == "" || !l.hosted() {
			continue
		}
		t.Run(l.option, func(t *testing.T) {
			t.Parallel()
			yaml := inLanguage(t, "yaml")
			from := fork(t, base(t, yaml), nil)
			file := filepath.Join(from, "Pulumi.yaml")
			// The converter takes the key for a variable, as the docs say.
			write(t, file, strings.Replace(read(t, file), "  alicloud-kms:region: cn-hangzhou\n", "", 1))
			p := yaml.start(t, nil, from)
			out := t.TempDir()
			p.Pulumi("convert", "--from", "yaml", "--language", l.option, "--out", out, "--generate-only").Succeeds()
			program, ok := map[string]string{"java": "src/main/java/generated_program/App.java"}[l.runtime]
			if !ok {
				program = l.file
			}
			text := read(t, filepath.Join(out, program))
			if !strings.Contains(text, "KmsInstance") {
				t.Errorf("the program has no instance:\n%s", text)
			}
			if l.runtime == "java" { // the docs say what its host writes
				return
			}
			// What the docs tell users to correct.
			text = strings.ReplaceAll(text, "import pulumi_alicloud_kms as alicloud_kms\n", "")
			l.compile(t, forkTo(t, from+" in "+l.option, base(t, l), map[string]string{l.file: text}))
		})
	}
}
