package faults

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
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
		name: "an order without client token", file: "internal/cloud/bss.go",
		before:   `parameters["ClientToken"] = token`,
		after:    `_ = token`,
		scenario: "create a PayAsYouGo instance", kind: "connection reset after the effect", at: callAt{"CreateInstance", 1},
		want: "2 instances bought",
	},
	{
		name: "no look for a lost purchase", file: "internal/kmsinstance/look.go",
		before:   `if slices.Contains(ignored, "*") {`,
		after:    `if true {`,
		scenario: "create a PayAsYouGo instance", kind: "kill -9 of the plugin, after the effect", at: callAt{"CreateInstance", 1},
		want: "2 instances bought",
	},
	{
		name: "a look at KMS alone, which does not show everything yet", file: "internal/kmsinstance/look.go",
		before:   `if !slices.Contains(s.read, b.ID) {`,
		after:    `if slices.Contains(s.read, b.ID) {`,
		scenario: "create a PayAsYouGo instance", kind: "kill -9 of the plugin, after the effect", at: callAt{"CreateInstance", 1},
		want: "2 instances bought",
	},
	{
		name: "an error after the order without the id", file: "internal/kmsinstance/create.go",
		before:   `err = initFailed(o.unfinished(ctx, err))`,
		after:    `return infer.CreateResponse[State]{}, err`,
		scenario: "create a PayAsYouGo instance", kind: "refused (balance, unsupported operation)", at: callAt{"ConnectKmsInstance", 1},
		want: "is neither recorded nor said",
	},
	{
		name: "an update that fails without the state", file: "internal/kmsinstance/update.go",
		before:   `return infer.UpdateResponse[State]{Output: o.state}, initFailed(o.failed(ctx, err))`,
		after:    `return resp, err`,
		scenario: "create, with an error hook that tries again", kind: "no permission, until it is given", at: callAt{"ConnectKmsInstance", 1},
		want: "is neither recorded nor said",
	},
	{
		name: "a new client token for each try of an order", file: "internal/cloud/call.go",
		before: `query := openapiutil.Query(cl.parameters)`,
		after: `query := openapiutil.Query(cl.parameters)
			if query["ClientToken"] != nil {
				query["ClientToken"] = dara.String(NewClientToken())
			}`,
		scenario: "create a PayAsYouGo instance", kind: "HTTP 500 after the effect", at: callAt{"CreateInstance", 1},
		want: "2 instances bought",
	},
	{
		name: "a redirect settles an order", file: "internal/cloud/settle.go",
		before:   `case e.HTTPStatus >= 300 && e.HTTPStatus < 400, e.HTTPStatus >= 500:`,
		after:    `case e.HTTPStatus >= 300 && e.HTTPStatus < 400: return false; case e.HTTPStatus >= 500:`,
		scenario: "create a PayAsYouGo instance", kind: "a redirect on an order that was placed",
		want: "is neither recorded nor said",
	},
	{
		name: "an unknown code settles an order", file: "internal/cloud/settle.go",
		before:   `return !isRefusal(e.Code)`,
		after:    `return e.Code == ""`,
		scenario: "create a PayAsYouGo instance", kind: "Success:false with an unknown code on an order that was placed",
		want: "is neither recorded nor said",
	},
	{
		name: "HTTP 409 settles an order", file: "internal/cloud/settle.go",
		before:   `case e.HTTPStatus == http.StatusRequestTimeout, e.HTTPStatus == http.StatusConflict:`,
		after:    `case e.HTTPStatus == http.StatusConflict: return false; case e.HTTPStatus == http.StatusRequestTimeout:`,
		scenario: "create a PayAsYouGo instance", kind: "HTTP 409 on an order that was placed",
		want: "is neither recorded nor said",
	},
	{
		name: "a contradictory answer is thrown away", file: "internal/cloud/settle.go",
		before:   `case e.unusable, e.namesResult:`,
		after:    `case e.namesResult: return false; case e.unusable:`,
		scenario: "create a PayAsYouGo instance", kind: "a refusal that names the instance on an order that was placed",
		want: "is neither recorded nor said",
	},
	{
		name: "any text is an instance id", file: "internal/cloud/bss.go",
		before:   `case action == "CreateInstance" && !IsInstanceID(a.Data.InstanceID):`,
		after:    `case action == "CreateInstance" && a.Data.InstanceID == "":`,
		scenario: "create a PayAsYouGo instance", kind: "a success with an id that is none on an order that was placed, until",
		want: "is neither recorded nor said",
	},
	{
		name: "one answer that the instance is gone is enough", file: "internal/kmsinstance/place.go",
		before:   `if !cloud.IsGone(err) {`,
		after:    `if ctx.Err() == nil { return nil, errGone }; if !cloud.IsGone(err) {`,
		scenario: "refresh", kind: "one answer that there is no such instance", at: callAt{"GetKmsInstance", 1},
		want: "is not in the checkpoint",
	},
	{
		name: "a wrong account is not noticed", file: "internal/kmsinstance/place.go",
		before:   `case recorded != "" && current != "" && recorded != current:`,
		after:    `case recorded != "" && current != "" && recorded == "none":`,
		scenario: "refresh, configured for another account", want: "went unnoticed",
	},
	{
		name: "an unknown account counts as the right one", file: "internal/kmsinstance/place.go",
		before:   `case mustKnow && (recorded == "" || current == ""):`,
		after:    `case mustKnow && current == "none":`,
		scenario: "delete without a recorded account, configured for another one", want: "is not in the checkpoint",
	},
	{
		name: "a replacement is bought in any account", file: "internal/kmsinstance/place.go",
		before:   `case recorded != "" && current != "" && recorded != current:`,
		after:    `case recorded == "none":`,
		scenario: "replace, configured for another account", want: "something was done in the wrong place",
	},
	{
		name: "the purchase is forgotten before the instance is seen", file: "internal/kmsinstance/create.go",
		before:   `PendingOrder: accepted(p.orderID, p.sizes), `,
		after:    ``,
		scenario: "create a PayAsYouGo instance", kind: "Ctrl-C during the order, and the instance appears late",
		want: "is not in the checkpoint", or: "a refresh fails", // by whether the account was known by then
	},
	{
		name: "the id is not shown when it is known", file: "internal/kmsinstance/create.go",
		before:   `g.info("%s is bought (order %s)", p.id, cmp.Or(p.orderID, "without an id"))`,
		after:    `p.orderID = cmp.Or("")`, // of which the price would be told, with the id
		scenario: "create a PayAsYouGo instance", kind: "kill -9 of the plugin", at: callAt{"ConnectKmsInstance", 1},
		want: "was not shown before the plugin was killed",
	},
	{
		name: "an order of sizes is not waited for", file: "internal/kmsinstance/order.go",
		before:   `return o.awaitSizes(ctx)`,
		after:    `return nil`,
		scenario: "update keyNum", kind: "throttled once", at: callAt{"ModifyInstance", 1},
		want: "keyNum",
	},
	{
		name: "another client token for sizes that were ordered before", file: "internal/kmsinstance/order.go",
		before:   `order.ClientToken = sizeToken(o.id, text(o.state.LastOrderID), codes)`,
		after:    `order.ClientToken = cloud.NewClientToken()`,
		scenario: "update keyNum", kind: "kill -9 of the plugin, after the effect", at: callAt{"ModifyInstance", 1},
		want: "2 orders of sizes, at most 1 wanted", or: "not as wanted after up", // by whether the first one shows already
	},
	{
		name: "an update buys again", file: "internal/kmsinstance/update.go",
		before: `if err = o.converge(ctx); err != nil {`,
		after: `if !o.state.connected() {
			if bought, err := o.client.CreateInstance(ctx, req.Inputs.purchase("planted-"+req.ID)); err == nil {
				o.id = bought.InstanceID
			}
		}
		if err = o.converge(ctx); err != nil {`,
		scenario: "correct a wrong vSwitch of an instance that is not connected", want: "1 instances bought, at most 0 wanted",
	},
	{
		name: "a delete takes an instance that is not visible yet for gone", file: "internal/kmsinstance/delete.go",
		before:   `if err != nil || instance != nil || time.Since(start) >= patience {`,
		after:    `if err == nil && instance == nil { return false, errGone }; if err != nil || !start.IsZero() {`,
		scenario: "delete a PayAsYouGo instance that appears later than is waited for", want: "is not in the checkpoint",
	},
	{
		name: "a delete ends without a release", file: "internal/kmsinstance/delete.go",
		before:   `err := o.client.ReleaseInstance(ctx, o.id, isOn(o.state.ForceDeleteWithoutBackup))`,
		after:    `var err error`,
		scenario: "delete a PayAsYouGo instance that appears later than is waited for", kind: "throttled once", at: callAt{"GetKmsInstance", 1}, want: "is still there",
	},
	{
		name: "what is replaced goes first", file: "internal/kmsinstance/create.go",
		before: `if err = o.converge(ctx); err != nil {`,
		after: `refs, _ := client.ListInstances(ctx)
	for _, ref := range refs {
		_, _ = client.RefundInstance(ctx, ref.ID, cloud.NewClientToken())
	}
	if err = o.converge(ctx); err != nil {`,
		scenario: "replace, for another VPC", want: "before its replacement was connected",
	},
	{
		name: "a panic after the order", file: "internal/kmsinstance/create.go",
		before:   `o.tellPaid(ctx, bought.orderID)`,
		after:    `if o.id != "" { panic("planted") }`,
		scenario: "create a PayAsYouGo instance", want: "a bug of its own", never: "is not in the checkpoint",
	},
	{
		name: "a panic while the instance is looked at", file: "internal/kmsinstance/converge.go",
		before:   `o.state.record(o.args)`,
		after:    `panic("planted")`,
		scenario: "create a PayAsYouGo instance", want: "a bug of its own", never: "is not in the checkpoint",
	},
	{
		name: "a panic beside the operation", file: "internal/kmsinstance/observe.go",
		before:   `s.tags, tagsErr = client.ListTags(ctx, i.ID)`,
		after:    `panic("planted")`,
		scenario: "create a PayAsYouGo instance", want: "not as wanted after", never: "is not in the checkpoint",
	},
}

// plant builds the plugin with the bug in it. The source itself stays as it is.
func (p planted) plant(t *testing.T) string {
	t.Helper()
	path := filepath.Join(e2e.Root(t), filepath.FromSlash(p.file))
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

// The sweep catches each planted bug, and finds nothing in the same corner without it.
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
