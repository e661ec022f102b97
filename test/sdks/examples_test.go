//go:build sdks

package sdks

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// languages load a program of each language.
var languages = map[string]func(testing.TB, string) program{
	"typescript": typescript, "python": python, "go": golang, "java": java,
	"yaml": func(testing.TB, string) program { return nil },
}

// TestMinimalExample takes the example through its life in each language: one order, no more.
func TestMinimalExample(t *testing.T) {
	t.Parallel()
	for language, load := range languages {
		example := language + "-minimal"
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			live(t, load(t, work(t, "tree", "examples", example)), example)
		})
	}
	t.Run("typescript-minimal with the oldest @pulumi/pulumi", func(t *testing.T) {
		t.Parallel()
		live(t, typescript(t, work(t, "tree", "oldest", "typescript-minimal")), "typescript-minimal")
	})
}

// live is the life of the minimal example: up, a clean preview, an update, a clean preview, destroy.
func live(t *testing.T, p program, example string) {
	cloud := e2e.NewCloud(t, e2e.Quick())
	project := p.newProject(t, cloud, work(t, "tree", "examples", example, "Pulumi.yaml"))
	want := emulator.Instance{
		Name: "kms-minimal", PaymentType: "Subscription",
		Sizes:   emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, VpcNum: 2},
		Renewal: emulator.Renewal{Status: "ManualRenewal"},
		Tags:    map[string]string{"environment": "example"},
		VpcID:   "vpc-bp1main00000000000000", VSwitchIDs: []string{"vsw-bp1main00000000000000"},
	}

	p.run(project, "up").Succeeds().Shows("2 created", "is bought (order ").Hides("warning")
	cloud.WantBill(e2e.Bill{Orders: 1})
	wantCodes(t, cloud, map[string]string{
		"VpcNum": "2", "KeyNum": "1000", "SecretNum": "0", "Spec": "1000", "ProductVersion": "3", "Region": "cn-hangzhou",
	})
	wantInstance(t, cloud, want, "vpc-bp1orders000000000000")
	wantOutputs(t, project, []string{"caCertificateChainPem", "endpoint", "instanceId", "status"}, map[string]string{
		"instanceId": cloud.Only().ID, "endpoint": cloud.Only().ID + ".cryptoservice.kms.aliyuncs.com", "status": "Connected",
	})
	p.run(project, "preview").Succeeds()

	project.Pulumi("config", "set", "ordersVpcId", "vpc-bp1audit0000000000000").Succeeds()
	p.run(project, "preview").Fails()
	p.run(project, "up").Succeeds().Shows("1 updated").Hides("warning", "replace")
	wantInstance(t, cloud, want, "vpc-bp1audit0000000000000")
	p.run(project, "preview").Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})

	p.run(project, "destroy").Succeeds().Shows("2 deleted")
	cloud.WantBill(e2e.Bill{Orders: 1, Refunds: 1})
	wantNothingLeft(t, cloud)
}

// A stack is what the programs of a payment type, in whatever language, make of the cloud.
type stack struct {
	codes    map[string]string // of the purchase
	instance emulator.Instance
	zone     string // of the instance's vSwitch
	outputs  []string
	end      e2e.Bill
}

var stacks = map[string]stack{
	"subscription": {
		codes: map[string]string{
			"VpcNum": "7", "KeyNum": "1000", "SecretNum": "0", "Spec": "1000", "ProductVersion": "3", "Log": "0", "LogStorage": "0",
			"Region": "cn-hangzhou",
		},
		instance: emulator.Instance{
			Name: "kms-subscription", PaymentType: "Subscription",
			Sizes:   emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, VpcNum: 7},
			Renewal: emulator.Renewal{Status: "ManualRenewal"},
		},
		zone:    "cn-hangzhou-j",
		outputs: []string{"arn", "caCertificateChainPem", "endDate", "endpoint", "instanceId", "status"},
		end:     e2e.Bill{Orders: 1, Refunds: 1},
	},
	"payasyougo": {
		codes:    map[string]string{"ProductVersion": "3", "Region": "cn-hangzhou"},
		instance: emulator.Instance{Name: "kms-payasyougo", PaymentType: "PayAsYouGo"},
		zone:     "cn-hangzhou-k",
		outputs:  []string{"arn", "caCertificateChainPem", "endpoint", "instanceId", "status"},
		end:      e2e.Bill{Orders: 1, Releases: 1},
	},
}

// TestExamplesWithNetworks: the instance is connected to the networks that its program makes, and goes before them.
func TestExamplesWithNetworks(t *testing.T) {
	t.Parallel()
	for name, want := range stacks {
		for language, load := range languages {
			example := language + "-" + name
			switch language {
			case "java":
				continue
			case "go":
				load = golangWithAlicloud
			}
			t.Run(example, func(t *testing.T) {
				t.Parallel()
				liveWithNetworks(t, load(t, work(t, "tree", "examples", example)), example, want)
			})
		}
	}
}

func liveWithNetworks(t *testing.T, p program, example string, want stack) {
	cloud := e2e.NewCloud(t, e2e.Quick())
	there := len(cloud.Networks())
	project := p.newProject(t, cloud, work(t, "tree", "examples", example, "Pulumi.yaml"))
	useAlicloud(t, project)

	p.run(project, "preview").Fails().Shows("11 to create").Hides("warning")
	p.run(project, "up").Succeeds().Shows("11 created", "is bought (order ").Hides("warning")
	cloud.WantBill(e2e.Bill{Orders: 1})
	wantCodes(t, cloud, want.codes)
	wantOutputs(t, project, want.outputs, map[string]string{
		"instanceId": cloud.Only().ID, "arn": "acs:kms:cn-hangzhou:" + emulator.DefaultAccountID + ":keystore/" + cloud.Only().ID,
	})
	var bound []string
	for _, network := range cloud.Networks() {
		switch name := want.instance.Name; network.Name {
		case name:
			want.instance.VpcID = network.VpcID
			for _, v := range network.VSwitches {
				if v.ZoneID == want.zone {
					want.instance.VSwitchIDs = []string{v.ID}
				}
			}
		case name + "-orders", name + "-payments", name + "-reports":
			bound = append(bound, network.VpcID)
		}
	}
	wantInstance(t, cloud, want.instance, bound...)
	if len(bound) != 3 {
		t.Errorf("the program made the networks %v to bind, want 3", bound)
	}
	p.run(project, "preview").Succeeds()

	p.run(project, "destroy").Succeeds().Shows("11 deleted")
	cloud.WantBill(want.end)
	wantNothingLeft(t, cloud)
	if left := len(cloud.Networks()) - there; left != 0 {
		t.Errorf("%d networks are left", left)
	}
}

func wantNothingLeft(t *testing.T, cloud *e2e.Cloud) {
	t.Helper()
	if left := slices.DeleteFunc(cloud.Instances(), func(i emulator.Instance) bool { return i.Gone }); len(left) > 0 {
		t.Errorf("left behind: %+v", left)
	}
}

// wantInstance compares the one instance in all that the programs decide.
func wantInstance(t *testing.T, cloud *e2e.Cloud, want emulator.Instance, bound ...string) {
	t.Helper()
	got := cloud.Only()
	if want.Sizes == (emulator.Sizes{}) {
		want.Sizes = got.Sizes
	}
	if got.Name != want.Name || got.PaymentType != want.PaymentType || got.Status != "Connected" || got.Sizes != want.Sizes ||
		got.Renewal != want.Renewal || !maps.Equal(got.Tags, want.Tags) || got.VpcID != want.VpcID ||
		!slices.Equal(got.VSwitchIDs, want.VSwitchIDs) || !slices.Equal(got.ZoneIDs, []string{"cn-hangzhou-k", "cn-hangzhou-j"}) {
		t.Errorf("the instance is\n%+v\nwant\n%+v", got, want)
	}
	var ids []string
	for _, b := range got.BindVpcs {
		ids = append(ids, b.VpcID)
		if b.RegionID != "cn-hangzhou" || b.VpcOwnerID != emulator.DefaultAccountID {
			t.Errorf("%s is bound in region %s for %s", b.VpcID, b.RegionID, b.VpcOwnerID)
		}
	}
	slices.Sort(ids)
	slices.Sort(bound)
	if !slices.Equal(ids, bound) {
		t.Errorf("bound are %v, want %v", ids, bound)
	}
}

// wantCodes compares the codes of the one purchase.
func wantCodes(t *testing.T, cloud *e2e.Cloud, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, order := range cloud.Orders() {
		for name, value := range order.Parameters {
			if prefix, ok := strings.CutSuffix(name, ".Code"); ok && strings.HasPrefix(name, "Parameter.") {
				got[value] = order.Parameters[prefix+".Value"]
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the order has the codes %v, want %v", got, want)
	}
}

// wantOutputs compares the names of a stack's outputs, and the values of some.
func wantOutputs(t *testing.T, project *e2e.Project, names []string, values map[string]string) {
	t.Helper()
	var got map[string]string
	if err := json.Unmarshal([]byte(project.Pulumi("stack", "output", "--json").Succeeds().Output), &got); err != nil {
		t.Fatal(err)
	}
	if there := slices.Sorted(maps.Keys(got)); !slices.Equal(there, names) {
		t.Errorf("the outputs are %v, want %v", there, names)
	}
	for name, want := range values {
		if got[name] != want {
			t.Errorf("the output %s is %q, want %q", name, got[name], want)
		}
	}
}

// TestImportExample imports an instance by the option of the program, which buys nothing, and protects it.
func TestImportExample(t *testing.T) {
	t.Parallel()
	cloud := e2e.NewCloud(t, e2e.Quick())
	const id = "kst-hzz0000000000000example"
	cloud.Put(emulator.Instance{
		ID: id, Name: "existing",
		VpcID: "vpc-bp1main00000000000000", VSwitchIDs: []string{"vsw-bp1main00000000000000"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"},
	})
	project := program(nil).newProject(t, cloud, work(t, "tree", "examples", "yaml-import", "Pulumi.yaml"))

	project.Pulumi("up", "--yes").Succeeds().Shows("1 imported", id).Hides("warning")
	project.Pulumi("preview", "--expect-no-changes").Succeeds()
	project.Edit("      import: "+id+" # its id; take the line out once the instance is in the stack\n", "")
	project.Pulumi("preview", "--expect-no-changes").Succeeds()
	project.Edit("instanceName: existing", "instanceName: mine")
	project.Up().Succeeds().Shows("1 updated")
	if got := cloud.Only(); got.ID != id || got.Name != "mine" {
		t.Errorf("the instance is %+v", got)
	}
	project.Destroy().Fails().Shows("protect")
	cloud.WantBill(e2e.Bill{})
}
