package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
)

// program is what the project's program says about the instance.
type program struct {
	Name, Team  string
	Home, Bound network
	Protected   bool

	ID string // of the instance, once it is bought

	Region, Zones, Owner, Bin string
	PayAsYouGo                bool
}

var programText = template.Must(template.New("").Parse(`name: kms-acceptance
runtime: yaml
config:
  alicloud-kms:region: {{.Region}}
plugins:
  providers:
    - name: alicloud-kms
      path: {{.Bin}}
resources:
  kms:
    type: alicloud-kms:KmsInstance
    properties:
      instanceName: {{.Name}}
      productVersion: "3"
{{- if .PayAsYouGo}}
      paymentType: PayAsYouGo
      forceDeleteWithoutBackup: true
{{- else}}
      paymentType: Subscription
      period: 1
      renewStatus: ManualRenewal
      spec: 1000
      keyNum: 1000
      secretNum: 0
      vpcNum: 2
{{- end}}
      vpcId: {{.Home.VPC}}
      vswitchIds: [{{.Home.VSwitch}}]
      zoneIds: [{{.Zones}}]
      bindVpcs:
        - vpcId: {{.Bound.VPC}}
          vswitchId: {{.Bound.VSwitch}}
          regionId: {{.Region}}
          vpcOwnerId: "{{.Owner}}"
      tags:
        team: {{.Team}}
      deletionProtection: {{.Protected}}
outputs:
  id: ${kms.instanceId}
`))

func (r *run) write(p program) error {
	p.Region, p.Zones, p.Owner, p.Bin = r.region, strings.Join(r.zones, ", "), r.account, filepath.Join(r.root, "bin")
	p.PayAsYouGo = r.payment == "PayAsYouGo"
	var text strings.Builder
	if err := programText.Execute(&text, p); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.folder, projectFolder, "Pulumi.yaml"), []byte(text.String()), 0o600)
}

// before asks who we are, and finishes what the last run left.
func (r *run) before(ctx context.Context) error {
	if r.emulator == "" && !r.cleanOnly {
		r.say("%s", listPrice(r.payment))
	}
	identity, err := r.ask(ctx, recording.STS, "GetCallerIdentity")
	if err != nil {
		return fmt.Errorf("the credentials do not work, and nothing was bought: %w", err)
	}
	if r.account = recording.Text(identity, "AccountId"); r.account == "" {
		return errors.New("the account is not known, and nothing was bought")
	}
	// Elsewhere everything would look gone that the last run left, and would be forgotten.
	place := r.account + " " + r.region
	if last, err := os.ReadFile(r.placeFile()); err == nil && string(last) != place {
		return fmt.Errorf("the last run left something in account and region %s, but this one is for %s: run with -clean there first", last, place)
	}
	if left := r.clean(ctx); len(left) > 0 {
		return fmt.Errorf("nothing was bought, because the last run left what could not be cleaned:\n  %s", strings.Join(left, "\n  "))
	}
	for _, id := range r.foreign {
		r.say("%s is in this account and not ours: it stays as it is", id)
	}
	if r.cleanOnly {
		return nil
	}
	return os.WriteFile(r.placeFile(), []byte(place), 0o600)
}

// life runs all steps. Whatever fails, it gives back what it has made.
func (r *run) life(ctx context.Context) error {
	limited, cancel := context.WithTimeoutCause(ctx, r.limit, fmt.Errorf("the time limit of %v is over", r.limit))
	defer cancel()
	err := r.steps(limited)
	if err != nil {
		if limited.Err() != nil {
			err = fmt.Errorf("%w (%w)", context.Cause(limited), err)
		}
		r.say("FAILED: %v", err)
		r.say("cleaning up")
		err = errors.New("it failed, as told above")
	}
	// An interrupt ends the life, not the cleaning.
	if left := r.clean(context.WithoutCancel(ctx)); len(left) > 0 {
		err = errors.Join(err, fmt.Errorf("this could not be cleaned, and may cost money; the next run tries again:\n  %s", strings.Join(left, "\n  ")))
	}
	if err == nil {
		r.say("passed: bought, changed, given back, and nothing is left")
	}
	return err
}

// step is one part of the life, with its name.
type step struct {
	name string
	do   func(context.Context, *program) error
}

func (r *run) steps(ctx context.Context) error {
	p := &program{Name: "acceptance-" + r.name, Team: "first"}
	var spare network
	for _, s := range []step{
		{"network", func(ctx context.Context, p *program) (err error) {
			for n, into := range []*network{&p.Home, &p.Bound, &spare} {
				if *into, err = r.createNetwork(ctx, n); err != nil {
					return err
				}
			}
			return nil
		}},
		{"preview", r.preview},
		{"up", r.up},
		{"change of name, tags and bound VPC", func(ctx context.Context, p *program) error {
			p.Name, p.Team, p.Bound = p.Name+"-changed", "second", spare
			return r.up(ctx, p)
		}},
		{"refresh after a change behind its back", r.drift},
		{"import into a second stack", r.importAgain},
		{"protection", r.protection},
		{"destroy", r.destroy},
	} {
		r.say("== %s", s.name)
		if err := s.do(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func (r *run) preview(ctx context.Context, p *program) error {
	if err := r.write(*p); err != nil {
		return err
	}
	if _, err := r.pulumi(ctx, projectFolder, "stack", "init", stackName); err != nil {
		return err
	}
	for n, id := range r.foreign { // the provider must not take one of these for a lost purchase
		if _, err := r.pulumi(ctx, projectFolder, "config", "set", "--path", fmt.Sprintf("alicloud-kms:ignoreInstances[%d]", n), id); err != nil {
			return err
		}
	}
	text, err := r.pulumi(ctx, projectFolder, "preview")
	bought := slices.ContainsFunc(r.orders(), func(o order) bool { return o.Run == r.name })
	return errors.Join(err, check(strings.Contains(text, "2 to create"), "the preview shows the instance"), check(!bought, "a preview buys nothing"))
}

// up brings the instance to what the program says, and compares the cloud with it.
func (r *run) up(ctx context.Context, p *program) error {
	if err := r.write(*p); err != nil {
		return err
	}
	if _, err := r.pulumi(ctx, projectFolder, "up", "--yes", "--skip-preview"); err != nil {
		return err
	}
	if _, err := r.pulumi(ctx, projectFolder, "preview", "--expect-no-changes"); err != nil {
		return err
	}
	id, err := r.pulumi(ctx, projectFolder, "stack", "output", "id")
	if err != nil {
		return err
	}
	p.ID = strings.TrimSpace(id)
	answer, err := r.ask(ctx, recording.KMS, "GetKmsInstance", "KmsInstanceId", p.ID)
	if err != nil {
		return err
	}
	tags, err := r.ask(ctx, recording.KMS, "ListTagResources", "RegionId", r.region, "ResourceType", "instance", "ResourceId.1", p.ID)
	if err != nil {
		return err
	}
	instance := answer["KmsInstance"]
	bound := recording.Objects(instance, "BindVpcs", "BindVpc")
	tagged := slices.DeleteFunc(recording.Objects(tags, "TagResources", "TagResource"), func(tag map[string]any) bool {
		return strings.HasPrefix(recording.Text(tag, "TagKey"), "acs:") // the platform's own
	})
	return errors.Join(
		check(recording.Text(instance, "Status") == "Connected", "the instance is Connected"),
		check(recording.Text(instance, "InstanceName") == p.Name, "the cloud shows the name"),
		check(recording.Text(instance, "VpcId") == p.Home.VPC, "the instance is in its VPC"),
		check(len(bound) == 1 && recording.Text(bound[0], "VpcId") == p.Bound.VPC, "the cloud shows the bound VPC"),
		check(len(tagged) == 1 && recording.Text(tagged[0], "TagValue") == p.Team, "the cloud shows the tags"),
	)
}

// check is an error if something does not hold.
func check(ok bool, what string) error {
	if !ok {
		return errors.New("this should hold, but does not: " + what)
	}
	return nil
}

// drift tags the instance behind Pulumi's back: a refresh shows it, and up takes it back.
func (r *run) drift(ctx context.Context, p *program) error {
	if _, err := r.ask(ctx, recording.KMS, "TagResources", "RegionId", r.region, "ResourceType", "instance", "ResourceId.1", p.ID,
		"Tag.1.Key", "drift", "Tag.1.Value", "behind-its-back"); err != nil {
		return err
	}
	text, err := r.pulumi(ctx, projectFolder, "refresh", "--yes", "--skip-preview", "--diff")
	if err != nil {
		return err
	}
	return errors.Join(check(strings.Contains(text, "behind-its-back"), "the refresh shows the new tag"), r.up(ctx, p))
}

// importAgain imports the instance into a stack of its own, which is never destroyed.
func (r *run) importAgain(ctx context.Context, p *program) error {
	text := fmt.Sprintf("name: kms-imported\nruntime: yaml\nconfig:\n  alicloud-kms:region: %s\nplugins:\n  providers:\n"+
		"    - name: alicloud-kms\n      path: %s/bin\n", r.region, r.root)
	path := filepath.Join(r.folder, importedFolder, "Pulumi.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	if _, err := r.pulumi(ctx, importedFolder, "stack", "init", stackName); err != nil {
		return err
	}
	if _, err := r.pulumi(ctx, importedFolder, "import", "alicloud-kms:index:KmsInstance", "kms", p.ID, "--yes", "--out", "generated.yaml"); err != nil {
		return err
	}
	generated, err := os.ReadFile(filepath.Join(r.folder, importedFolder, "generated.yaml"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append([]byte(text), generated...), 0o600); err != nil {
		return err
	}
	_, err = r.pulumi(ctx, importedFolder, "preview", "--expect-no-changes")
	return err
}

// protection switches deletion protection on, sees a destroy refused, and switches it off.
func (r *run) protection(ctx context.Context, p *program) error {
	p.Protected = true
	if err := r.up(ctx, p); err != nil {
		return err
	}
	_, err := r.pulumi(ctx, projectFolder, "destroy", "--yes", "--skip-preview")
	if err := check(err != nil && strings.Contains(err.Error(), "deletion protection is on"), "a destroy of a protected instance is refused"); err != nil {
		return err
	}
	p.Protected = false
	return r.up(ctx, p)
}

// destroy gives the instance back.
func (r *run) destroy(ctx context.Context, p *program) error {
	if _, err := r.pulumi(ctx, projectFolder, "destroy", "--yes", "--skip-preview"); err != nil {
		return err
	}
	there, err := r.instance(ctx, p.ID)
	return errors.Join(err, check(there == nil, p.ID+" is gone"))
}

// boughtAt is when an instance was ordered; the zero time if the list of orders does not have it.
func (r *run) boughtAt(id string) (at time.Time) {
	for _, o := range r.orders() {
		if o.InstanceID == id && o.Action == "CreateInstance" {
			at = o.Time
		}
	}
	return at
}
