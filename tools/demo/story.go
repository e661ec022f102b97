package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
)

// The projects of the demo.
const (
	subscription = "subscription"
	payAsYouGo   = "payasyougo"
	imported     = "imported"
)

// story is the demo under way.
type story struct {
	*shell
	cloud *emulator
	ids   map[string]string // by project
}

// play goes through the life of the two examples.
func play(ctx context.Context, s *shell, cloud *emulator) error {
	t := &story{shell: s, cloud: cloud, ids: map[string]string{}}
	for _, step := range []func(context.Context) error{
		t.buySubscription, t.buyPayAsYouGo, t.previewNothing, t.changeInPlace, t.previewReplacement, t.refreshDrift,
		t.importInstance, t.destroy, t.balance,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *story) buySubscription(ctx context.Context) error {
	t.title("Buy and connect a Subscription instance with three bound VPCs")
	return t.buy(ctx, "yaml-subscription", subscription, totals{Orders: 1})
}

func (t *story) buyPayAsYouGo(ctx context.Context) error {
	t.title("Buy and connect a PayAsYouGo instance with three bound VPCs")
	return t.buy(ctx, "yaml-payasyougo", payAsYouGo, totals{Orders: 2})
}

func (t *story) buy(ctx context.Context, example, project string, want totals) error {
	if err := t.copyExample(example, project); err != nil {
		return err
	}
	if err := t.runAll(ctx, project, "stack init dev", "up --yes"); err != nil {
		return err
	}
	status, err := t.output(ctx, project, "stack output status")
	if err != nil {
		return err
	}
	t.ids[project], err = t.output(ctx, project, "stack output instanceId")
	if err != nil {
		return err
	}
	bought, err := t.cloud.instance(ctx, t.ids[project])
	if err != nil {
		return err
	}
	return errors.Join(
		t.check(status == "Connected", "the instance %s is Connected", bought.ID),
		t.check(len(bought.BindVpcs) == 3, "three VPCs are bound to it"),
		t.journal(ctx, want),
	)
}

// journal compares the sums of the emulator's journal.
func (t *story) journal(ctx context.Context, want totals) error {
	got, err := t.cloud.totals(ctx)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the emulator's journal should count %+v, but counts %+v", want, got)
	}
	return t.check(true, "the emulator's journal counts: orders %d, modifications %d, refunds %d, releases %d",
		got.Orders, got.Modifications, got.Refunds, got.Releases)
}

func (t *story) previewNothing(ctx context.Context) error {
	t.title("Both programs say what is there: nothing to do")
	for _, project := range []string{subscription, payAsYouGo} {
		if err := t.runAll(ctx, project, "preview --expect-no-changes"); err != nil {
			return err
		}
	}
	return t.check(true, "no changes")
}

func (t *story) changeInPlace(ctx context.Context) error {
	t.title("Change sizes, names, tags and bound VPCs in place")
	if err := t.editProgram(subscription,
		edit{"      spec: 1000", "      spec: 2000"},
		edit{"      keyNum: 1000", "      keyNum: 2000"},
		edit{"      secretNum: 0", "      secretNum: 100"},
		edit{"      instanceName: kms-subscription", "      instanceName: kms-orders"},
		edit{"        environment: example", "        environment: demo\n        team: orders"},
		edit{"    default: vpc-bp1reports00000000000", "    default: vpc-bp1audit0000000000000"},
	); err != nil {
		return err
	}
	if err := t.runAll(ctx, subscription, "up --yes --diff"); err != nil {
		return err
	}
	if err := t.editProgram(payAsYouGo,
		edit{"      instanceName: kms-payasyougo", "      instanceName: kms-payments\n      tags:\n        team: payments"},
		edit{"    default: vpc-bp1reports00000000000", "    default: vpc-bp1audit0000000000000"},
	); err != nil {
		return err
	}
	if err := t.runAll(ctx, payAsYouGo, "up --yes --diff"); err != nil {
		return err
	}
	return errors.Join(t.changed(ctx), t.journal(ctx, totals{Orders: 2, Modifications: 1}))
}

// changed compares both instances in the cloud with the changed programs.
func (t *story) changed(ctx context.Context) error {
	large, err := t.cloud.instance(ctx, t.ids[subscription])
	if err != nil {
		return err
	}
	small, err := t.cloud.instance(ctx, t.ids[payAsYouGo])
	if err != nil {
		return err
	}
	const audit, reports = "vpc-bp1audit0000000000000", "vpc-bp1reports00000000000"
	sizes := large.Sizes
	return errors.Join(
		t.check(sizes.Spec == 2000 && sizes.KeyNum == 2000 && sizes.SecretNum == 100, "%s has the new sizes", large.ID),
		t.check(large.Name == "kms-orders" && small.Name == "kms-payments", "both instances have their new names"),
		t.check(sameTags(large.Tags, map[string]string{"environment": "demo", "team": "orders"}) &&
			sameTags(small.Tags, map[string]string{"team": "payments"}), "both instances have their new tags"),
		t.check(large.bound(audit) && !large.bound(reports) && len(large.BindVpcs) == 3 &&
			small.bound(audit) && !small.bound(reports) && len(small.BindVpcs) == 3, "both instances have their new bound VPCs"),
	)
}

func sameTags(a, b map[string]string) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

func (t *story) previewReplacement(ctx context.Context) error {
	t.title("Look at what moving to another VPC would mean: a replacement, which is only previewed here")
	if err := t.runAll(ctx, subscription, "config set vpcId vpc-bp1other0000000000000"); err != nil {
		return err
	}
	text, err := t.run(ctx, subscription, "preview --diff")
	if err != nil {
		return err
	}
	if err := t.runAll(ctx, subscription, "config rm vpcId"); err != nil {
		return err
	}
	still, err := t.cloud.instance(ctx, t.ids[subscription])
	if err != nil {
		return err
	}
	return errors.Join(
		t.check(strings.Contains(text, "(replace)") && strings.Contains(text, "1 to replace"), "the preview shows a replacement"),
		t.check(strings.Contains(text, "ALL KEYS AND SECRETS IN IT ARE DESTROYED"), "the preview warns that it destroys the keys"),
		t.check(!still.Gone && still.VpcID == "vpc-bp1main00000000000000", "the instance is where it was"),
		t.journal(ctx, totals{Orders: 2, Modifications: 1}),
	)
}

func (t *story) refreshDrift(ctx context.Context) error {
	t.title("Somebody renames the instance and drops its tags in the console: refresh shows it, up corrects it")
	id := t.ids[subscription]
	var seen instance
	if err := t.cloud.curl(ctx, t.shell, http.MethodPatch, "/_admin/instances/"+id,
		`{"instanceName": "renamed-in-the-console", "tags": {}}`, &seen); err != nil {
		return err
	}
	text, err := t.run(ctx, subscription, "refresh --yes --diff")
	if err != nil {
		return err
	}
	if err := errors.Join(
		t.check(strings.Contains(text, `instanceName: "kms-orders" => "renamed-in-the-console"`), "the refresh shows the new name"),
		t.check(strings.Contains(text, `- team       : "orders"`), "the refresh shows the lost tags"),
	); err != nil {
		return err
	}
	if err := t.runAll(ctx, subscription, "up --yes"); err != nil {
		return err
	}
	return errors.Join(t.changed(ctx), t.journal(ctx, totals{Orders: 2, Modifications: 1}))
}

func (t *story) importInstance(ctx context.Context) error {
	t.title("Bring an instance that was bought in the console under Pulumi's management")
	var existing instance
	if err := t.cloud.curl(ctx, t.shell, http.MethodPost, "/_admin/instances",
		`{"instanceName": "bought-in-the-console", "vpcId": "vpc-console", "vswitchIds": ["vsw-console"], `+
			`"zoneIds": ["cn-hangzhou-j", "cn-hangzhou-k"], "tags": {"owner": "ops"}, `+
			`"renewal": {"status": "AutoRenewal", "period": 1, "unit": "M"}, `+
			`"bindVpcs": [{"vpcId": "vpc-bp1orders000000000000", "vswitchId": "vsw-bp1orders000000000000", `+
			`"regionId": "cn-hangzhou", "vpcOwnerId": "1234567890123456"}]}`, &existing); err != nil {
		return err
	}
	t.ids[imported] = existing.ID
	t.printf("%s\n", existing.ID)
	t.prompt("", "mkdir "+t.folder(imported)+"; cd "+t.folder(imported))
	if err := t.addToProgram(imported, "name: kms-imported\nruntime: yaml\nconfig:\n  alicloud-kms:region: cn-hangzhou\n"+
		fmt.Sprintf(pluginBlock, filepath.Join(t.root, "bin"))); err != nil {
		return err
	}
	if err := t.runAll(ctx, imported, "stack init dev",
		"import alicloud-kms:index:KmsInstance existing "+existing.ID+" --yes --generate-code --out generated.yaml"); err != nil {
		return err
	}
	generated, err := t.read(imported, "generated.yaml")
	if err != nil {
		return err
	}
	if err := t.addToProgram(imported, generated); err != nil {
		return err
	}
	if err := t.runAll(ctx, imported, "preview --expect-no-changes"); err != nil {
		return err
	}
	return errors.Join(
		t.check(true, "the generated program previews with no change"),
		t.journal(ctx, totals{Orders: 2, Modifications: 1}),
	)
}

func (t *story) destroy(ctx context.Context) error {
	t.title("Give everything back: a Subscription is refunded, a PayAsYouGo instance released")
	t.printf("\nAn imported resource is protected; that has to be taken back first.\n")
	if err := t.runAll(ctx, imported, "state unprotect --all --yes"); err != nil {
		return err
	}
	for _, project := range []string{imported, payAsYouGo, subscription} {
		if err := t.runAll(ctx, project, "destroy --yes"); err != nil {
			return err
		}
		i, err := t.cloud.instance(ctx, t.ids[project])
		if err != nil {
			return err
		}
		if err := t.check(i.Gone, "%s is gone", i.ID); err != nil {
			return err
		}
		if err := t.runAll(ctx, project, "stack rm --yes dev"); err != nil {
			return err
		}
	}
	return nil
}

// balance shows what was ordered in all, and compares it with what the stacks should have ordered.
func (t *story) balance(ctx context.Context) error {
	t.title("The bill")
	var orders []order
	t.prompt("", "curl "+t.cloud.url+"/_admin/orders")
	if err := t.cloud.admin(ctx, http.MethodGet, "/_admin/orders", nil, &orders); err != nil {
		return err
	}
	count := map[string]int{}
	for _, o := range orders {
		count[o.Kind]++
		t.printf("  order %s  %-14s  %s  amount %6d\n", o.ID, o.Kind, o.InstanceID, o.Amount)
	}
	got, err := t.cloud.totals(ctx)
	if err != nil {
		return err
	}
	want := totals{Orders: 2, Modifications: 1, Refunds: 2, Releases: 1}
	t.prompt("", "curl "+t.cloud.url+"/_admin/totals")
	for _, row := range []struct {
		name      string
		got, want int
		note      string
	}{
		{"orders", got.Orders, want.Orders, "one for each of the two stacks; the imported instance was bought elsewhere"},
		{"modifications", got.Modifications, want.Modifications, "the new sizes of the Subscription instance"},
		{"renewals", got.Renewals, want.Renewals, ""},
		{"refunds", got.Refunds, want.Refunds, "the Subscription instance and the imported one"},
		{"releases", got.Releases, want.Releases, "the PayAsYouGo instance"},
		{"replays", got.Replays, want.Replays, "no order had to be repeated"},
	} {
		t.printf("  %-14s %d, expected %d  %s\n", row.name, row.got, row.want, row.note)
	}
	return errors.Join(
		t.check(got == want, "the journal counts what the stacks ordered, and nothing else"),
		t.check(count["CreateInstance"] == want.Orders && count["ModifyInstance"] == want.Modifications &&
			count["RefundInstance"] == want.Refunds && len(orders) == want.Orders+want.Modifications+want.Refunds,
			"so does the list of orders"),
	)
}
