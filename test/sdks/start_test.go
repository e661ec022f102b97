//go:build sdks

package sdks

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestStart does what docs/howto-start.md says, in each language, and buys the instance of the page on the emulator.
func TestStart(t *testing.T) {
	t.Parallel()
	for _, section := range strings.Split(read(t, root(t, "docs", "howto-start.md")), "\n## ")[1:] {
		language, text, _ := strings.Cut(section, "\n")
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			folder := work(t, "start", language)
			follow(t, folder, text)
			var p program
			switch language {
			case "TypeScript":
				write(t, filepath.Join(folder, "tsconfig.json"), read(t, work(t, "tree", "examples", "typescript-minimal", "tsconfig.json")))
				wantDone(t, folder, filepath.Join("node_modules", ".bin", "tsc"))
				p = typescript(t, folder)
			case "Python":
				p = python(t, folder)
				p[0] = filepath.Join(folder, "venv", "bin", "python")
			case "Go":
				p = golang(t, folder)
			case "Java":
				p = compiledJava(t, folder)
			case "C#":
				checkCSharp(t, filepath.Join(folder, "Program.cs"))
				return
			default:
				t.Fatalf("this test does not know %s", language)
			}
			cloud := e2e.NewCloud(t, e2e.Quick())
			project := p.newProject(t, cloud, filepath.Join(folder, "Pulumi.yaml"))
			p.run(project, "up").Succeeds().Shows("endpoint", ".cryptoservice.kms.aliyuncs.com").Hides("warning")
			cloud.WantBill(e2e.Bill{Orders: 1})
		})
	}
}

var block = regexp.MustCompile("(?ms)^```(\\w+) ?(\\S*)\n(.*?)^```$")

// follow writes the files of a section, and runs its commands marked `sh`. The checkout is the copy of the tree.
func follow(t *testing.T, folder, section string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	for _, found := range block.FindAllStringSubmatch(section, -1) {
		if fence, file, text := found[1], found[2], found[3]; file != "" {
			write(t, filepath.Join(folder, file), text)
		} else if fence == "sh" {
			wantDone(t, folder, "env", "CHECKOUT="+work(t, "tree"), "MAVEN_OPTS=-Dmaven.repo.local="+work(t, "maven"), "GOFLAGS=-mod=mod", "bash", "-euc", text)
		}
	}
}
