package faults

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// planted is a bug that the plugin is built with, and a corner of the sweep that must catch it.
type planted struct {
	name     string
	file     string // the source in which before is replaced by after
	before   string
	after    string
	scenario string
	kind     string
	at       callAt // the zero value means every call
	want     string // what a violation says
	or       string // or this instead, where time decides how the mistake shows
	never    string // what none says: the mistake is one that others must make up for
}

// bugs are the mistakes that would cost most. The first two are planted in every run, the others with -full.
var bugs = []planted{
	{
		name: "an order without client token", file: "internal/cloud/order.go",
		before:   `o.Parameters, map[string]string{"ClientToken": o.ClientToken},`,
		after:    `o.Parameters, map[string]string{},`,
		scenario: "create a PayAsYouGo instance", kind: "connection reset after the effect", at: callAt{"CreateInstance", 1},
		want: "2 instances bought",
	},
	{
		name: "an error after the order without the id", file: "internal/kmsinstance/create.go",
		before:   `return infer.CreateResponse[State]{ID: pu.id, Output: op.state}, initFailed(op.unfinished(ctx, err))`,
		after:    `return infer.CreateResponse[State]{}, err`,
		scenario: "create a PayAsYouGo instance", kind: "refused (balance, unsupported operation)", at: callAt{"ConnectKmsInstance", 1},
		want: "is not in the checkpoint",
	},
	{
		name: "a new client token for each try of an order", file: "internal/cloud/bss.go",
		before: `maps.Copy(query, pointers(extra))`,
		after: `maps.Copy(query, pointers(extra))
			if extra["ClientToken"] != "" {
				maps.Copy(query, pointers(map[string]string{"ClientToken": NewClientToken()}))
			}`,
		scenario: "create a PayAsYouGo instance", kind: "HTTP 500 after the effect", at: callAt{"CreateInstance", 1},
		want: "2 instances bought",
	},
	{
		name: "a new client token when an unanswered order is repeated", file: "internal/kmsinstance/update.go",
		before:   "order := pending.order()\n",
		after:    "order := pending.order()\n\torder.ClientToken = cloud.NewClientToken()\n",
		scenario: "take up an order that got no answer", want: "1 instances bought, at most 0 wanted",
	},
	{
		name: "a success with the provisional id", file: "internal/kmsinstance/update.go",
		before:   `return infer.UpdateResponse[State]{Output: state}, initFailed(resolved(result.InstanceID))`,
		after:    `return infer.UpdateResponse[State]{Output: state}, nil`,
		scenario: "take up an order that got no answer", want: "dependents saw the id",
	},
	{
		name: "an HTTP 404 counts as gone", file: "internal/cloud/errors.go",
		before:   `return target == ErrGone && e.gone`,
		after:    `return target == ErrGone && (e.gone || e.HTTPStatus == 404)`,
		scenario: "delete a Subscription instance", kind: "access key deleted", at: callAt{"GetKmsInstance", 1},
		want: "is not in the checkpoint",
	},
	{
		name: "a wrong account is not noticed", file: "internal/kmsinstance/update.go",
		before:   `case account != recorded:`,
		after:    `case account != recorded && recorded == "":`,
		scenario: "refresh, configured for another account", want: "went unnoticed",
	},
	{
		name: "the purchase is forgotten before the instance is seen", file: "internal/kmsinstance/create.go",
		before:   `LastOrderID: pu.pending.OrderID, PendingOrder: pu.pending}`,
		after:    `LastOrderID: pu.pending.OrderID}`,
		scenario: "create a PayAsYouGo instance", kind: "Ctrl-C during the order, and the instance appears late",
		want: "is not in the checkpoint", or: "a refresh fails", // by whether the account was known by then
	},
	{
		name: "the id is not shown when it is known", file: "internal/kmsinstance/purchase.go",
		before:   `g.info("%s is bought (order %s)", pu.id, result.OrderID)`,
		after:    ``,
		scenario: "create a PayAsYouGo instance", kind: "kill -9 of the plugin", at: callAt{"ConnectKmsInstance", 1},
		want: "was not shown before the plugin was killed",
	},
	{
		name: "an order of sizes is not waited for", file: "internal/kmsinstance/converge.go",
		before:   `if pending.fulfilled(*instance) {`,
		after:    `if pending.fulfilled(*instance) || true {`,
		scenario: "update keyNum", kind: "throttled once", at: callAt{"ModifyInstance", 1},
		want: "keyNum",
	},
	{
		name: "an update buys again", file: "internal/kmsinstance/update.go",
		before: "op.invisible = req.State.boughtRecently()\n",
		after: `op.invisible = req.State.boughtRecently()
	if op.invisible {
		again := req.State.PendingOrder.order()
		again.ClientToken = cloud.NewClientToken()
		if bought, err := client.CreateInstance(ctx, &again); err == nil {
			op.id = bought.InstanceID
		}
	}
`,
		scenario: "mend a wrong vSwitch of an instance that is not connected", want: "1 instances bought, at most 0 wanted",
	},
	{
		name: "a delete takes an instance that is not visible yet for gone", file: "internal/kmsinstance/delete.go",
		before:   `if !state.boughtRecently() {`,
		after:    `if state.boughtRecently() {`,
		scenario: "delete a PayAsYouGo instance that appears later than is waited for", want: "is not in the checkpoint",
	},
	{
		name: "a delete gives up an order that may have arrived", file: "internal/kmsinstance/delete.go",
		before: `found, err := r.awaitCandidates(ctx, client, g, pending)`,
		after: `if pending.ClientToken != "" {
		return nil
	}
	found, err := r.awaitCandidates(ctx, client, g, pending)`,
		scenario: "delete an order that arrived", want: "is not in the checkpoint",
	},
	{
		name: "a delete ends without a release", file: "internal/kmsinstance/delete.go",
		before:   `err = r.release(ctx, client, i.ID, force)`,
		after:    `_ = force`,
		scenario: "delete a PayAsYouGo instance that appears later than is waited for", want: "is not in the checkpoint",
	},
	{
		name: "the hour begins with the first try of an order only", file: "internal/kmsinstance/state.go",
		before:   `time.Since(s.PendingOrder.lastTry())`,
		after:    `time.Since(s.PendingOrder.requestedAt())`,
		scenario: "repeat an order that is almost an hour old", want: "2 instances bought, at most 1 wanted",
	},
	{
		name: "an unknown account counts as the right one", file: "internal/kmsinstance/update.go",
		before:   `if state.account() == "" {`,
		after:    `if state.account() == "none" {`,
		scenario: "delete without a recorded account, configured for another one", want: "is not in the checkpoint",
	},
	{
		name: "the account is not asked for before the order", file: "internal/kmsinstance/purchase.go",
		before:   `pu.pending.AccountID = account`,
		after:    `_ = account`,
		scenario: "repeat an order, configured for another account", want: "something was done in the wrong place",
	},
	{
		name: "what is replaced goes first", file: "internal/kmsinstance/create.go",
		before: `if err := op.converge(ctx); err != nil {`,
		after: `refs, _ := client.ListInstances(ctx, nil)
	for _, ref := range refs {
		_, _ = client.RefundInstance(ctx, ref.ID, cloud.NewClientToken(), "")
	}
	if err := op.converge(ctx); err != nil {`,
		scenario: "replace, for another VPC", want: "before its replacement was connected",
	},
	{
		name: "a panic after the order", file: "internal/kmsinstance/create.go",
		before:   `op.ordered = orderedRenewal(req.Inputs)`,
		after:    `panic("planted")`,
		scenario: "create a PayAsYouGo instance", want: "a bug of its own", never: "is not in the checkpoint",
	},
	{
		name: "a panic while the instance is looked at", file: "internal/kmsinstance/converge.go",
		before:   `o.progress.enter("looking at the instance")`,
		after:    `panic("planted")`,
		scenario: "create a PayAsYouGo instance", want: "not as wanted after", never: "is not in the checkpoint",
	},
	{
		name: "a panic beside the operation", file: "internal/kmsinstance/converge.go",
		before:   `tags, tagsErr = client.ListTags(ctx, i.ID)`,
		after:    `panic("planted")`,
		scenario: "create a PayAsYouGo instance", want: "not as wanted after", never: "is not in the checkpoint",
	},
}

// plant builds the plugin with the bug in it. The source itself stays as it is.
func (p planted) plant(t *testing.T) string {
	t.Helper()
	dir, err := root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.FromSlash(p.file))
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), p.before); n != 1 {
		t.Fatalf("%s has the text to break %d times, want once: %s", p.file, n, p.before)
	}
	target := t.TempDir()
	broken, overlay := filepath.Join(target, "broken.go"), filepath.Join(target, "overlay.json")
	replacements, err := json.Marshal(map[string]map[string]string{"Replace": {path: broken}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{broken: strings.Replace(string(source), p.before, p.after, 1), overlay: string(replacements)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(target, "plugin")
	if err := build(t.Context(), binary, overlay); err != nil {
		t.Fatal(err)
	}
	return binary
}

// TestPlantedBugs shows that the sweep can fail: it catches bugs that are planted, and finds nothing there without them.
func TestPlantedBugs(t *testing.T) {
	t.Parallel()
	list := bugs
	if !*full {
		list = bugs[:2]
	}
	for _, p := range list {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			if violations := p.sweep(t, plugin); violations != "" {
				t.Fatalf("without the bug there are violations: %s", violations)
			}
			violations := p.sweep(t, p.plant(t))
			if !strings.Contains(violations, p.want) && (p.or == "" || !strings.Contains(violations, p.or)) {
				t.Errorf("the sweep says %q, want %q", violations, p.want)
			}
			if p.never != "" && strings.Contains(violations, p.never) {
				t.Errorf("the sweep says %q, which has %q in it", violations, p.never)
			}
		})
	}
}

// sweep runs the corner of the sweep and returns what it finds.
func (p planted) sweep(t *testing.T, binary string) string {
	t.Helper()
	ran := false
	w := &sweep{plugin: binary, dir: t.TempDir(), parallel: *parallel, only: func(_ *scenario, k *kind, at callAt) bool {
		hit := p.kind != "" && strings.HasPrefix(k.name, p.kind) && (p.at == callAt{} || p.at == at)
		ran = ran || hit
		return hit
	}}
	list := slices.DeleteFunc(scenarios(), func(s scenario) bool { return s.name != p.scenario })
	r, err := w.run(t.Context(), list)
	if err != nil {
		return err.Error() // it fails without any fault
	}
	if !ran && p.kind != "" {
		t.Fatal("the sweep has no such case")
	}
	var all []string
	for _, o := range r.outcomes {
		all = append(all, o.violations...)
	}
	return strings.Join(all, "\n")
}
