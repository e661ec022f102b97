//go:build sdks

package sdks

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// TestExamples takes each example through its life, and compiles those that it cannot run. What an example makes of the cloud is the
// same in all languages.
func TestExamples(t *testing.T) {
	t.Parallel()
	var all []example
	for _, e := range examples(t) {
		if e.imports == "" {
			all = append(all, e)
		}
	}
	made := map[string]map[string]string{} // what, by kind and by example
	var lock sync.Mutex
	t.Run("all", func(t *testing.T) {
		for _, e := range all {
			t.Run(e.name, func(t *testing.T) {
				t.Parallel()
				folder := fork(t, e, nil)
				if e.foreign && e.runtime == "go" {
					useAlicloudModule(t, folder)
				}
				e.compile(t, folder)
				switch {
				case e.beyond:
					t.Log("compiled: it needs the plugin of the alicloud provider")
					return
				case e.runtime == "dotnet" && !e.hosted():
					t.Log("parsed: there is no .NET here")
					return
				case e.hosted():
					t.Log("run by pulumi-language-" + e.runtime)
				default:
					t.Log("run inline: pulumi-language-" + e.runtime + " is not on PATH")
				}
				result := live(t, e, folder)
				lock.Lock()
				defer lock.Unlock()
				if made[e.kind()] == nil {
					made[e.kind()] = map[string]string{}
				}
				made[e.kind()][e.name] = result
			})
		}
	})
	for kind, results := range made {
		for name, result := range results {
			if want := results["yaml-"+kind]; want != "" && result != want {
				t.Errorf("%s makes\n%s\nand yaml-%s\n%s", name, result, kind, want)
			}
		}
	}
}

// TestOldestPackages runs TypeScript examples with the oldest packages that the SDK admits.
func TestOldestPackages(t *testing.T) {
	t.Parallel()
	for _, e := range examples(t) {
		if e.runtime != "nodejs" || e.foreign || e.imports != "" {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			folder := forkTo(t, work(t, "oldest", "examples", e.name), e, nil)
			wantDone(t, folder, work(t, "oldest", "node_modules", ".bin", "tsc"))
			live(t, e, folder)
		})
	}
}

// live takes an example through its life: one order, and nothing left. It returns what the example makes of the cloud.
func live(t *testing.T, e example, folder string) string {
	t.Helper()
	cloud := e2e.NewCloud(t, e2e.Quick())
	networks := len(cloud.Networks())
	p := e.start(t, cloud, folder)
	if e.foreign {
		useAlicloud(t, p.Project)
	}

	noWarning(t, p.run("up").Succeeds().Shows("created", "is bought (order "))
	instance := cloud.Only()
	if instance.Status != "Connected" {
		t.Errorf("the instance is %s", instance.Status)
	}
	result := describe(t, p, cloud)
	p.run("preview").Succeeds()
	p.run("refresh").Succeeds()
	importAgain(t, e, p, cloud, instance.ID)
	p.run("preview").Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})

	p.run("destroy").Succeeds().Shows("deleted")
	if left := slices.DeleteFunc(cloud.Instances(), func(i emulator.Instance) bool { return i.Gone }); len(left) > 0 {
		t.Errorf("left behind: %+v", left)
	}
	if left := len(cloud.Networks()) - networks; left != 0 {
		t.Errorf("%d networks are left behind", left)
	}
	return result
}

// describe says what is in the cloud, what was ordered, and the outputs of the stack, without what no two runs share.
func describe(t *testing.T, p program, cloud *e2e.Cloud) string {
	t.Helper()
	instance := cloud.Only()
	id := instance.ID
	names := map[string]string{}
	for _, network := range cloud.Networks() {
		names[network.VpcID] = network.Name
	}
	slices.SortFunc(instance.BindVpcs, func(a, b emulator.BindVpc) int { return strings.Compare(names[a.VpcID], names[b.VpcID]) })
	text, err := json.MarshalIndent(map[string]any{
		"name": instance.Name, "payment": instance.PaymentType, "sizes": instance.Sizes, "renewal": instance.Renewal, "tags": instance.Tags,
		"network": []any{instance.VpcID, instance.VSwitchIDs, instance.ZoneIDs, instance.BindVpcs},
		"order":   codes(cloud), "outputs": slices.Sorted(maps.Keys(p.Outputs())),
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{id, "ID"}
	for _, network := range cloud.Networks() {
		ids = append(ids, network.VpcID, network.Name)
		for _, vswitch := range network.VSwitches {
			ids = append(ids, vswitch.ID, network.Name+" in "+vswitch.ZoneID)
		}
	}
	return strings.NewReplacer(ids...).Replace(string(text))
}

// codes are the codes of the purchases with their values.
func codes(cloud *e2e.Cloud) map[string]string {
	found := map[string]string{}
	for _, order := range cloud.Orders() {
		for name, value := range order.Parameters {
			if prefix, ok := strings.CutSuffix(name, ".Code"); ok && strings.HasPrefix(name, "Parameter.") {
				found[value] = order.Parameters[prefix+".Value"]
			}
		}
	}
	return found
}

// importAgain imports the instance into a second stack. The host writes the program for it, which must compile. Without a host
// the CLI imports nothing into such a project: the instance goes into one in YAML.
func importAgain(t *testing.T, e example, p program, cloud *e2e.Cloud, id string) {
	t.Helper()
	if !e.hosted() {
		e2e.NewProject(t, cloud, inLanguage(t, "yaml").project("imported", "")).Pulumi("import", "--yes", "--skip-preview",
			"--generate-code=false", "alicloud-kms:index:KmsInstance", "copy", id).Succeeds()
		return
	}
	file := filepath.Join(t.TempDir(), "generated")
	p.Pulumi("stack", "init", "imported", "--no-select").Succeeds()
	p.Pulumi("import", "--stack", "imported", "--yes", "--skip-preview", "--protect=false", "--out", file, "alicloud-kms:index:KmsInstance", "copy", id).
		Succeeds()
	program := read(t, file)
	if !strings.Contains(program, "KmsInstance") {
		t.Errorf("`pulumi import` wrote\n%s", program)
	}
	if e.runtime != "yaml" && e.runtime != "java" { // the docs say what Java's host writes
		e.compile(t, forkTo(t, p.Dir+" imported", base(t, e.language), map[string]string{e.file: program}))
	}
}

// TestImportExamples runs the examples that import an instance, which buys nothing, and protect it.
func TestImportExamples(t *testing.T) {
	t.Parallel()
	for _, e := range examples(t) {
		if e.imports == "" {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			t.Log("run by pulumi-language-" + e.runtime)
			cloud := e2e.NewCloud(t, e2e.Quick())
			cloud.Put(emulator.Instance{
				ID: e.imports, Name: "existing",
				VpcID: "vpc-bp1main00000000000000", VSwitchIDs: []string{"vsw-bp1main00000000000000"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"},
			})
			p := e.start(t, cloud, fork(t, e, nil))

			noWarning(t, p.run("up").Succeeds().Shows("1 imported", e.imports))
			p.run("preview").Succeeds()
			p.Edit("instanceName: existing", "instanceName: mine")
			p.run("up").Succeeds().Shows("1 updated")
			if got := cloud.Only(); got.ID != e.imports || got.Name != "mine" {
				t.Errorf("the instance is %+v", got)
			}
			p.run("refresh").Succeeds()
			p.run("destroy").Fails().Shows("protect")
			cloud.WantBill(e2e.Bill{})
		})
	}
}
