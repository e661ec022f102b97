//go:build sdks

package sdks

import (
	"maps"
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
	t.Run("typescript", func(t *testing.T) {
		t.Parallel()
		folder := work(t, "tree", "bad", "typescript")
		write(t, filepath.Join(folder, "tsconfig.wrong.json"), `{"extends": "./tsconfig.json", "files": ["wrong.ts"]}`)
		out, _ := tool(t, folder, filepath.Join("node_modules", ".bin", "tsc"), "--noEmit", "--project", "tsconfig.wrong.json")
		wantErrors(t, filepath.Join(folder, "wrong.ts"), out, `wrong\.ts\((\d+),\d+\): error`)
	})
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		folder := goFolder(t, work(t, "tree", "bad", "go"))
		write(t, filepath.Join(folder, "wrong.go"), read(t, filepath.Join(folder, "wrong.go.txt")))
		out, _ := tool(t, folder, "go", "build", "-trimpath", "-buildvcs=false", "-gcflags=-e", "-o", "bin/", ".")
		wantErrors(t, filepath.Join(folder, "wrong.go"), out, `wrong\.go:(\d+):\d+: `)
	})
	t.Run("java", func(t *testing.T) {
		t.Parallel()
		folder := work(t, "tree", "bad", "java")
		out, _ := tool(t, folder, "javac", "-d", "target/wrong", "-cp", read(t, filepath.Join(folder, "target", "classpath")), "Wrong.java")
		wantErrors(t, filepath.Join(folder, "Wrong.java"), out, `Wrong\.java:(\d+): error`)
	})
	t.Run("python, with mypy", func(t *testing.T) {
		t.Parallel()
		folder := work(t, "tree", "bad", "python")
		out, _ := mypy(t, folder, "wrong.py")
		wantErrors(t, filepath.Join(folder, "wrong.py"), out, `wrong\.py:(\d+): error`)
	})
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

// goFolder is a copy of a Go program of testdata/bad, with the modules of an example.
func goFolder(t testing.TB, from string) string {
	t.Helper()
	folder := work(t, "tree", "bad", strings.ReplaceAll(t.Name(), "/", "-"))
	for _, name := range []string{"main.go", "wrong.go.txt"} {
		write(t, filepath.Join(folder, name), read(t, filepath.Join(from, name)))
	}
	example := work(t, "tree", "examples", "go-minimal")
	write(t, filepath.Join(folder, "go.mod"), strings.Replace(read(t, filepath.Join(example, "go.mod")), "module kms-minimal", "module bad", 1))
	write(t, filepath.Join(folder, "go.sum"), read(t, filepath.Join(example, "go.sum")))
	return folder
}

func mypy(t testing.TB, folder, file string) (string, bool) {
	t.Helper()
	return tool(t, folder, work(t, "venv", "bin", "mypy"), "--strict", "--no-error-summary", file)
}

const badProject = "name: bad\nruntime: go\nconfig:\n  alicloud-kms:region: cn-hangzhou\n  case:\n    type: string\n    default: none\n"

// TestProgramsAreRefused runs programs with mistakes that their compilers let through.
func TestProgramsAreRefused(t *testing.T) {
	t.Parallel()
	for language, c := range map[string]struct {
		load  func(testing.TB, string) program
		cases map[string][]string
	}{
		"typescript": {typescript, map[string][]string{
			"enum":    {"paymentType", `"Prepaid"`, "Subscription", "PayAsYouGo"},
			"type":    {"spec", "a thousand"},
			"missing": {"Missing required property 'vpcId'"},
		}},
		"go": {golang, map[string][]string{
			"enum":    {"paymentType", `"Prepaid"`, "Subscription", "PayAsYouGo"},
			"missing": {"invalid value for required argument 'VpcId'"},
		}},
		"java": {java, map[string][]string{
			"missing": {"Missing required property 'vpcId"},
		}},
		"python": {python, map[string][]string{
			"enum":     {"paymentType", `"Prepaid"`, "Subscription", "PayAsYouGo"},
			"type":     {"spec", "a thousand"},
			"missing":  {"Missing required property 'vpc_id'"},
			"misspelt": {"payment_typ"},
		}},
		"yaml": {func(testing.TB, string) program { return nil }, map[string][]string{
			"paymentType: Prepaid":     {"Allowed values are Subscription"},
			"spec: a thousand":         {"spec: Cannot assign type 'string' to type 'integer'"},
			"paymentTyp: Subscription": {"Property paymentTyp does not exist", "Existing properties are: paymentType"},
			"vpcId":                    {"Missing required property 'vpcId'"},
			"vpcId: null":              {"vpcId is required"}, // the provider, all others YAML's host
		}},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			folder := work(t, "tree", "bad", language)
			if language == "go" {
				folder = goFolder(t, folder)
			}
			p := c.load(t, folder)
			cloud := e2e.NewCloud(t, e2e.Quick())
			file := filepath.Join(t.TempDir(), "Pulumi.yaml")
			write(t, file, badProject)
			project := p.newProject(t, cloud, file)
			for name, says := range c.cases {
				switch language {
				case "yaml":
					project.Write(yamlProgram(name))
				case "java": // its program has one case
				default:
					project.Pulumi("config", "set", "case", name).Succeeds()
				}
				result := p.run(project, "up").Shows(says...)
				if language != "java" { // whose Automation API tells of no failure of an inline program but in the output
					result.Fails()
				}
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
