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
			l := inLanguage(t, strings.ToLower(strings.Replace(language, "#", "Sharp", 1)))
			if l.runtime == "nodejs" {
				write(t, filepath.Join(folder, "tsconfig.json"), read(t, work(t, "tree", "examples", base(t, l).name, "tsconfig.json")))
			}
			if l.runtime == "dotnet" && !l.hosted() {
				l.compile(t, folder)
				return
			}
			cloud := e2e.NewCloud(t, e2e.Quick())
			noWarning(t, l.start(t, cloud, folder).run("up").Succeeds().Shows("endpoint", ".cryptoservice.kms.aliyuncs.com"))
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
