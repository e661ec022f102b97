//go:build sdks

package sdks

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestCompilersRefuse compiles files full of mistakes: each line that says it is wrong is an error, and no other line.
func TestCompilersRefuse(t *testing.T) {
	t.Parallel()
	for runtime, c := range map[string]struct {
		file, errors string
		command      []string
	}{
		"nodejs": {"wrong.ts", `wrong\.ts\((\d+),\d+\): error`, []string{work(t, "tree", "node_modules", ".bin", "tsc"), "--noEmit", "--project", "tsconfig.wrong.json"}},
		"go":     {"wrong.go", `wrong\.go:(\d+):\d+: `, []string{"go", "build", "-trimpath", "-buildvcs=false", "-gcflags=-e", "-o", os.DevNull, "."}},
		"java":   {"Wrong.java", `Wrong\.java:(\d+): error`, []string{"javac", "-d", "target/wrong", "-cp", read(t, work(t, "classpath")), "Wrong.java"}},
		"python": {"wrong.py", `wrong\.py:(\d+): error`, []string{work(t, "venv", "bin", "mypy"), "--strict", "--no-error-summary", "--explicit-package-bases", "wrong.py"}},
	} {
		t.Run(runtime, func(t *testing.T) {
			t.Parallel()
			folder := fork(t, base(t, inLanguage(t, runtime)), map[string]string{
				c.file:                read(t, root(t, "test", "sdks", "testdata", "bad", strings.Replace(c.file, ".go", ".go.txt", 1))),
				"tsconfig.wrong.json": `{"extends": "./tsconfig.json", "files": ["wrong.ts"]}`,
			})
			out, _ := tool(t, folder, c.command[0], c.command[1:]...)
			wantErrors(t, filepath.Join(folder, c.file), out, c.errors)
		})
	}
}

// wantErrors compares the lines of which a compiler complains with those of the file that end in the comment "wrong".
func wantErrors(t *testing.T, file, out, pattern string) {
	t.Helper()
	var want []int
	for n, line := range strings.Split(read(t, file), "\n") {
		if strings.HasSuffix(line, "// wrong") || strings.HasSuffix(line, "# wrong") {
			want = append(want, n+1)
		}
	}
	got := map[int]bool{}
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(out, -1) {
		n, err := strconv.Atoi(found[1])
		if err != nil {
			t.Fatal(err)
		}
		got[n] = true
	}
	if lines := slices.Sorted(maps.Keys(got)); !slices.Equal(lines, want) || len(want) == 0 {
		t.Errorf("there are errors in the lines %v of %s, want %v:\n%s", lines, filepath.Base(file), want, out)
	}
}

// TestProgramsAreRefused runs programs with mistakes that their compilers let through.
func TestProgramsAreRefused(t *testing.T) {
	t.Parallel()
	for runtime, cases := range map[string]map[string][]string{
		"nodejs": {
			"enum":    {"paymentType", `"Prepaid"`, "Subscription", "PayAsYouGo"},
			"type":    {"spec", "a thousand"},
			"missing": {"Missing required property 'vpcId'"},
		},
		"go": {
			"enum":    {"paymentType", `"Prepaid"`, "Subscription", "PayAsYouGo"},
			"missing": {"invalid value for required argument 'VpcId'"},
		},
		"java": {"missing": {"Missing required property 'vpcId"}},
		"python": {
			"enum":     {"paymentType", `"Prepaid"`, "Subscription", "PayAsYouGo"},
			"type":     {"spec", "a thousand"},
			"missing":  {"Missing required property 'vpc_id'"},
			"misspelt": {"payment_typ"},
		},
		"yaml": {
			"paymentType: Prepaid":     {"Allowed values are Subscription"},
			"spec: a thousand":         {"spec: Cannot assign type 'string' to type 'integer'"},
			"paymentTyp: Subscription": {"Property paymentTyp does not exist", "Existing properties are: paymentType"},
			"vpcId":                    {"Missing required property 'vpcId'"},
			"vpcId: null":              {"vpcId is required"}, // the provider, all others YAML's host
		},
	} {
		t.Run(runtime, func(t *testing.T) {
			t.Parallel()
			l := inLanguage(t, runtime)
			files := map[string]string{}
			if runtime != "yaml" {
				files[l.file] = read(t, root(t, "test", "sdks", "testdata", "bad", filepath.Base(l.file)))
			}
			files["Pulumi.yaml"] = l.project("bad", "  case:\n    type: string\n    default: none\n")
			cloud := e2e.NewCloud(t, e2e.Quick())
			p := l.start(t, cloud, fork(t, base(t, l), files))
			for name, says := range cases {
				if runtime == "go" && name == "enum" && l.hosted() {
					continue // the Go SDK prints an "rpc error" of its own there, which no output of ours may have
				}
				if runtime == "yaml" {
					p.WriteFile("Pulumi.yaml", yamlProgram(name))
				} else {
					p.Pulumi("config", "set", "case", name).Succeeds()
				}
				p.run("up").Shows(says...).Fails()
			}
			cloud.WantBill(e2e.Bill{})
		})
	}
}

// yamlProgram is a program with one property that is wrong, or left out if it has no value.
func yamlProgram(wrong string) string {
	name, _, given := strings.Cut(wrong, ":")
	text := "name: bad\nruntime: yaml\nconfig:\n  alicloud-kms:region: cn-hangzhou\nresources:\n  kms:\n    type: alicloud-kms:KmsInstance\n    properties:\n"
	for _, line := range []string{"vpcId: vpc-1", "vswitchIds: [vsw-1]", "zoneIds: [cn-hangzhou-k]"} {
		if !strings.HasPrefix(line, name+":") {
			text += "      " + line + "\n"
		}
	}
	if given {
		text += "      " + wrong + "\n"
	}
	return text
}
