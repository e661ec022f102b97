package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// play goes through the life of the example.
func play(ctx context.Context, s *shell, cloud *emulator) error {
	t := &story{shell: s, cloud: cloud, ids: map[string]string{}}
	for _, step := range []func(context.Context) error{
		t.refuseNetwork, t.buySubscription, t.killCreate, t.finishCreate, t.changeInPlace, t.previewReplacement, t.refreshDrift,
		t.importInstance, t.destroy, t.balance,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *story) refuseNetwork(ctx context.Context) error {
	t.title("A vSwitch of another VPC is refused at preview, before anything is bought")
	if err := t.copyExample("yaml-minimal", subscription); err != nil {
		return err
	}
	if err := t.runAll(ctx, subscription, "stack init dev", "config set vswitchId vsw-bp1orders000000000000"); err != nil {
		return err
	}
	text, err := t.refused(ctx, subscription, "preview")
	if err != nil {
		return err
	}
	return errors.Join(
		t.check(strings.Contains(text, "vsw-bp1orders000000000000 is not among the vSwitches of vpc-bp1main00000000000000"), "the preview says what is wrong"),
		t.check(strings.Contains(text, "These would do: vsw-bp1main00000000000000"), "and which vSwitch would do"),
		t.journal(ctx, totals{}),
		t.runAll(ctx, subscription, "config rm vswitchId"),
	)
}

func (t *story) buySubscription(ctx context.Context) error {
	t.title("Buy and connect a Subscription, with a second VPC bound to it")
	text, err := t.run(ctx, subscription, "up --yes")
	if err != nil {
		return err
	}
	return errors.Join(
		t.check(strings.Contains(text, ": paid "), "the price is printed"),
		t.finished(ctx, subscription, totals{Orders: 1}),
	)
}

// finished compares a stack and its instance with what the example asks for.
func (t *story) finished(ctx context.Context, project string, want totals) (err error) {
	if t.ids[project], err = t.output(ctx, project, "stack output instanceId"); err != nil {
		return err
	}
	i, err := t.cloud.instance(ctx, t.ids[project])
	if err != nil {
		return err
	}
	return errors.Join(
		t.check(i.State == "Connected", "the instance %s is Connected", i.ID),
		t.check(i.boundOnlyTo("vpc-bp1orders000000000000"), "the second VPC is bound to it"),
		t.journal(ctx, want),
		t.runAll(ctx, project, "preview --expect-no-changes"),
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

func (t *story) killCreate(ctx context.Context) error {
	t.title("Buy a PayAsYouGo instance, and kill the CLI once the order is placed")
	if err := t.copyExample("yaml-minimal", payAsYouGo); err != nil {
		return err
	}
	if err := t.editProgram(payAsYouGo,
		edit{"name: kms-minimal\ndescription", "name: kms-payments\ndescription"},
		edit{"      instanceName: kms-minimal", "      instanceName: kms-payments"},
		edit{"      paymentType: Subscription", "      paymentType: PayAsYouGo\n      forceDeleteWithoutBackup: true"},
		edit{"      spec: 1000\n      keyNum: 1000\n      secretNum: 0\n      vpcNum: 2\n", ""},
	); err != nil {
		return err
	}
	if err := t.runAll(ctx, payAsYouGo, "stack init dev"); err != nil {
		return err
	}
	if err := t.killed(ctx, payAsYouGo, "up --yes --skip-preview", func() (bool, error) {
		got, err := t.cloud.totals(ctx)
		return got.Orders == 2, err
	}); err != nil {
		return err
	}
	t.printf("\nA killed CLI may leave its lock.\n")
	return errors.Join(t.runAll(ctx, payAsYouGo, "cancel --yes"), t.journal(ctx, totals{Orders: 2}))
}

func (t *story) finishCreate(ctx context.Context) error {
	t.title("The next `up` finds that instance instead of buying another one; do what it says")
	text, err := t.refused(ctx, payAsYouGo, "up --yes --skip-preview")
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(text, "`import: ")
	id, _, found := strings.Cut(rest, "`")
	if err := errors.Join(
		t.check(found && strings.Contains(text, "nothing was bought: an earlier run may have bought this instance already: "+id), "%s is found", id),
		t.journal(ctx, totals{Orders: 2}),
	); err != nil {
		return err
	}
	t.printf("\nThe stack does not have it, nor has anybody else: the third way of the message.\n")
	option := edit{"        environment: example\n", "        environment: example\n    options:\n      import: " + id + "\n"}
	if err := t.editProgram(payAsYouGo, option); err != nil {
		return err
	}
	if err := t.runAll(ctx, payAsYouGo, "up --yes --skip-preview", "refresh --yes --skip-preview --clear-pending-creates"); err != nil {
		return err
	}
	if err := t.editProgram(payAsYouGo, edit{option.new, option.old}); err != nil {
		return err
	}
	return t.finished(ctx, payAsYouGo, totals{Orders: 2})
}

func (t *story) changeInPlace(ctx context.Context) error {
	t.title("Change sizes, name, tags and the bound VPC in place")
	if err := t.editProgram(subscription,
		edit{"      spec: 1000", "      spec: 2000"},
		edit{"      keyNum: 1000", "      keyNum: 2000"},
		edit{"      secretNum: 0", "      secretNum: 100"},
		edit{"      instanceName: kms-minimal", "      instanceName: kms-orders"},
		edit{"        environment: example", "        environment: demo\n        team: orders"},
		edit{"    default: vpc-bp1orders000000000000", "    default: vpc-bp1audit0000000000000"},
	); err != nil {
		return err
	}
	text, err := t.run(ctx, subscription, "up --yes --diff")
	if err != nil {
		return err
	}
	return errors.Join(t.check(strings.Contains(text, ": paid "), "the price of the sizes is printed"), t.changed(ctx))
}

// changed compares the Subscription in the cloud with the changed program.
func (t *story) changed(ctx context.Context) error {
	i, err := t.cloud.instance(ctx, t.ids[subscription])
	if err != nil {
		return err
	}
	return errors.Join(
		t.check(i.Sizes.Spec == 2000 && i.Sizes.KeyNum == 2000 && i.Sizes.SecretNum == 100, "%s has the new sizes", i.ID),
		t.check(i.Name == "kms-orders", "it has the new name"),
		t.check(maps.Equal(i.Tags, map[string]string{"environment": "demo", "team": "orders"}), "it has the new tags"),
		t.check(i.boundOnlyTo("vpc-bp1audit0000000000000"), "it has the new bound VPC, and only that"),
		t.journal(ctx, totals{Orders: 2, Modifications: 1}),
	)
}

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
	t.title("Somebody renames the instance and drops its tags in the console: refresh shows it, up puts it right")
	var seen instance
	if err := t.cloud.curl(ctx, t.shell, http.MethodPatch, "/_admin/instances/"+t.ids[subscription],
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
		t.runAll(ctx, subscription, "up --yes"),
	); err != nil {
		return err
	}
	return t.changed(ctx)
}

func (t *story) importInstance(ctx context.Context) error {
	t.title("Bring an instance that was bought in the console under Pulumi's management")
	var existing instance
	if err := t.cloud.curl(ctx, t.shell, http.MethodPost, "/_admin/instances",
		`{"instanceName": "bought-in-the-console", "vpcId": "vpc-console", "vswitchIds": ["vsw-console"], `+
			`"zoneIds": ["cn-hangzhou-j", "cn-hangzhou-k"], "tags": {"owner": "ops"}, `+
			`"renewal": {"status": "AutoRenewal", "period": 1, "unit": "M"}}`, &existing); err != nil {
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
	return errors.Join(t.runAll(ctx, imported, "preview --expect-no-changes"), t.journal(ctx, totals{Orders: 2, Modifications: 1}))
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
		if err := errors.Join(t.check(i.Gone, "%s is gone", i.ID), t.runAll(ctx, project, "stack rm --yes dev")); err != nil {
			return err
		}
	}
	return nil
}

// balance shows every order, and compares their number with what the stacks should have ordered.
func (t *story) balance(ctx context.Context) error {
	t.title("The bill: two purchases, one change of sizes, and refunds of the Subscription and the imported instance")
	var orders []order
	t.prompt("", "curl "+t.cloud.url+"/_admin/orders")
	if err := t.cloud.admin(ctx, http.MethodGet, "/_admin/orders", nil, &orders); err != nil {
		return err
	}
	for _, o := range orders {
		t.printf("  order %s  %-14s  %s  amount %6d\n", o.ID, o.Kind, o.InstanceID, o.Amount)
	}
	want := totals{Orders: 2, Modifications: 1, Refunds: 2, Releases: 1}
	return errors.Join(
		t.check(len(orders) == want.Orders+want.Modifications+want.Refunds, "these are all orders"),
		t.journal(ctx, want),
	)
}
