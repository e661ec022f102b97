package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	pkgresource "github.com/pulumi/pulumi/pkg/v3/resource"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// base is a state that scenarios start from.
type base struct {
	cloud    []byte           // the emulator's state file; nil if the cloud is new
	snapshot *deploy.Snapshot // nil if the stack is new
	id       string           // of the one instance, if there is one
	made     time.Time
}

// verdict is what came of one case.
type verdict struct {
	// way is how the wanted state was reached: "itself", or what was typed after the operation that was struck.
	way        string
	bought     int
	struck     int // faults that struck
	hits       int // calls that the emulator spoiled in the operation that was struck last
	calls      []emulator.Call
	actCalls   int // how many of them the act made
	violations []string
	log        string // what a reader needs to understand a violation
}

// run is one case under way.
type run struct {
	*scenario
	verdict
	world *world
	stack *engine.Stack
	base  base
	// finisher is that of the sweep.
	finisher engine.Provider
	// before are the totals that the act started from; alive the instances, and whether they existed.
	before emulator.Totals
	alive  map[string]bool
	// forgotten is an instance that the engine knows nothing of: the plugin was killed while it created, or the order got no
	// answer. importing is the one that the user imports.
	forgotten, importing string
	passed               bool   // the time that passes in between has done so
	said                 string // by the last operation
	typed                []string
	injections           []injection
	seen                 int // calls in the journal before the operation under way
	text                 strings.Builder
}

// newRun puts a scenario's base in place.
func newRun(dir, plugin string, s *scenario, b base, t timeouts) (*run, error) {
	if b.cloud != nil {
		if err := os.WriteFile(filepath.Join(dir, "cloud.json"), b.cloud, 0o600); err != nil {
			return nil, err
		}
	}
	w, err := newWorld(dir, s.options)
	if err != nil {
		return nil, err
	}
	r := &run{scenario: s, world: w, base: b, alive: map[string]bool{}}
	r.stack = &engine.Stack{
		Providers: map[tokens.Package]engine.Provider{packageName: engine.Binary{Path: plugin, Env: environment(dir), Dir: dir}},
	}
	r.stack.SetSnapshot(b.snapshot)
	r.configure(t)
	return r, nil
}

// make brings about the base of a scenario and returns it.
func (s *scenario) make(ctx context.Context, dir, plugin string) (base, error) {
	if s.base == nil {
		return base{}, nil
	}
	t := timeouts{}
	if s.interrupted != nil {
		t = s.interrupted.timeouts
	}
	r, err := newRun(dir, plugin, s, base{}, t)
	if err != nil {
		return base{}, err
	}
	if s.interrupted != nil {
		r.inject(ctx, s.interrupted, s.at)
	}
	if s.denied {
		// Both ways to find out.
		for _, at := range []callAt{{"GetCallerIdentity", 1}, {"ListKmsInstances", 2}} { // the first list comes before the order
			r.inject(ctx, &kind{faults: []emulator.Fault{{Kind: emulator.FaultRefuse}}}, at)
		}
	}
	result := r.stack.Up(ctx, s.base.program(), engine.Options{})
	if failed := s.interrupted != nil || s.baseFails; (result.Err != nil) != failed {
		err := fmt.Errorf("making the base of %q: %w\n%s\n%s", s.name, result.Err, result.Text(false), lines(r.world.journal()))
		return base{}, errors.Join(err, r.world.close())
	}
	if s.interrupted != nil && !r.wasStruck() {
		return base{}, errors.Join(fmt.Errorf("the base of %q was not interrupted\n%s", s.name, lines(r.world.journal())), r.world.close())
	}
	b := base{snapshot: r.stack.Snapshot(), made: time.Now()}
	if kms := instanceIn(b.snapshot); s.denied && kms.Outputs["arn"].IsString() {
		return base{}, errors.Join(fmt.Errorf("the base of %q knows its account", s.name), r.world.close())
	}
	for _, i := range r.world.cloud().Instances() {
		b.id = i.ID
	}
	if err := r.world.close(); err != nil {
		return base{}, err
	}
	b.cloud, err = os.ReadFile(filepath.Join(dir, "cloud.json"))
	return b, err
}

// inject arms a fault at a call.
func (r *run) inject(ctx context.Context, k *kind, at callAt) {
	w := r.world
	faults := slices.Clone(k.faults)
	for i := range faults {
		faults[i].Action, faults[i].Nth = at.action, at.nth+i
	}
	if err := w.cloud().Inject(faults...); err != nil {
		r.violate("the fault cannot be injected: %v", err)
	}
	if k.hit == "" {
		return
	}
	w.arm(&strike{action: at.action, nth: at.nth, after: k.after, silent: k.silent, do: func() {
		var err error
		switch k.hit {
		case hitKill:
			err = r.stack.KillPlugins()
		case hitCancel:
			r.stack.Cancel()
		case hitRestart:
			w.restart()
		case hitDeadline:
			// The operation began before the call did.
			waitFor(ctx, operationTimeout+300*time.Millisecond)
		case hitKeys:
			err = w.cloud().Inject(emulator.Fault{
				Action: "*", Kind: emulator.FaultRefuse, Status: 404, Code: "InvalidAccessKeyId.NotFound", Message: "Specified access key is not found.",
			})
		case hitOffline:
			err = w.cloud().Inject(emulator.Fault{Action: "*", Kind: emulator.FaultResetBefore, Count: -1})
		}
		if err != nil {
			w.fail(err)
		}
	}})
}

func (r *run) violate(format string, args ...any) {
	r.violations = append(r.violations, fmt.Sprintf(format, args...))
}

// program is the scenario's program with what a case adds to it.
func (r *run) program(k *kind) engine.Program {
	in := r.want
	if in == nil {
		in = r.scenario.base // what is to be destroyed has to be brought up first
	}
	program := in.program()
	switch {
	case r.imported:
		program[0].ImportID = resource.ID(r.base.id)
	case r.importing != "":
		program[0].ImportID = resource.ID(r.importing)
	}
	seconds := patience.Seconds()
	if k != nil && k.timed {
		seconds = operationTimeout.Seconds()
	}
	program[0].CustomTimeouts = &resource.CustomTimeouts{Create: seconds, Update: seconds, Delete: seconds}
	if r.hook {
		program[0].OnError = func(failures []string) bool { return len(failures) <= 2 }
	}
	return program
}

// prepare makes the state from which the act starts.
func (r *run) prepare() {
	if r.imported {
		r.stack.SetSnapshot(nil)
	}
	// A base is as fresh for the last case as it is for the first.
	r.age(-time.Since(r.base.made).Round(time.Second))
	if r.within > 0 {
		r.limitDeletes(r.within)
	}
	c := r.world.cloud()
	if r.drift != nil {
		if err := r.drift(c, r.base.id); err != nil {
			r.violate("the drift cannot be made: %v", err)
		}
	}
	r.before = c.Totals()
	for _, i := range c.Instances() {
		r.alive[i.ID] = !i.Gone
	}
}

// do types a command, struck by a fault if there is one, and returns what came of it.
func (r *run) do(ctx context.Context, command act, b *injection) *engine.Result {
	var k *kind
	var t timeouts
	if b != nil {
		k, t = b.kind, b.kind.timeouts
		if k.timed {
			r.limitDeletes(operationTimeout)
		}
		r.inject(ctx, k, b.at)
	}
	r.configure(t)
	var result *engine.Result
	switch command {
	case up:
		result = r.stack.Up(ctx, r.program(k), engine.Options{})
	case refresh:
		result = r.stack.Refresh(ctx, nil, engine.Options{})
	case destroy:
		result = r.stack.Destroy(ctx, engine.Options{})
	}
	what := string(command)
	if b != nil {
		if r.wasStruck() {
			r.struck++
		}
		r.hits = r.spoiled()
		what += " struck by " + k.name
	}
	r.world.arm(nil)
	r.world.cloud().ClearFaults()
	r.note(what, result)
	r.noteForgotten(k, what, result)
	r.judge(what, result)
	if command != refresh { // which reports as deleted what it finds to be gone
		r.judgeDeletes(what, result)
	}
	return result
}

// wasStruck tells whether the fault that was armed has struck.
func (r *run) wasStruck() bool {
	return r.world.struck() || r.spoiled() > 0
}

// spoiled is how many calls of the operation the emulator has struck.
func (r *run) spoiled() int {
	n := 0
	for _, c := range r.world.journal()[r.seen:] {
		if c.Fault != "" {
			n++
		}
	}
	return n
}

// demandStrike holds the fault of a case against what struck: one that misses proves nothing.
func (r *run) demandStrike(b injection) {
	if r.struck == 0 {
		r.violate("%s did not strike", b)
	}
	least, most := b.kind.strikes()
	switch {
	case r.within > 0, r.place != place{}: // the operation may be over before the others
		least = min(least, 1)
	case slices.Contains([]string{"GetCallerIdentity", "QueryAvailableInstances", "GetOrderDetail", "GetKmsInstanceQuotaInfos", "DescribeVSwitches"}, b.at.action): // nobody waits for them for long
		least = min(least, 1)
	case b.at.action == "ConnectKmsInstance" && b.kind.hit == "" && len(b.kind.faults) > 1: // it is looked whether it took effect
		least = min(least, 1)
	}
	if b.kind.hit == "" && (r.hits < least || r.hits > most) {
		r.violate("%s struck %d calls, want at least %d and at most %d", b, r.hits, least, most)
	}
}

// noteForgotten finds an instance that was bought and of which nothing is recorded. That may be only if the plugin was killed, or
// if it has said so. The token and, once it was answered, the id must have been shown before.
func (r *run) noteForgotten(k *kind, what string, result *engine.Result) {
	calls := r.world.journal()[r.seen:]
	r.seen += len(calls)
	said := result.Text(false)
	for n, c := range calls {
		if c.Effect != emulator.EffectOrdered || slices.ContainsFunc(instancesIn(r.stack.Snapshot()), func(res *pkgresource.State) bool {
			return string(res.ID) == c.InstanceID
		}) {
			continue
		}
		r.forgotten = c.InstanceID
		token := c.Parameters["ClientToken"]
		if !strings.Contains(said, token) {
			r.violate("after %s: the client token of an order was not shown", what)
		}
		switch {
		case k != nil && k.hit == hitKill:
			if n+1 < len(calls) && !strings.Contains(said, c.InstanceID) {
				r.violate("the id %s was not shown before the plugin was killed", c.InstanceID)
			}
		case !strings.Contains(said, token+" of ") || !strings.Contains(said, "may have been placed"):
			r.violate("after %s: the order of %s is neither recorded nor said to have no answer", what, c.InstanceID)
		}
	}
}

// pass lets time pass, once.
func (r *run) pass() {
	if r.passes == 0 || r.passed {
		return
	}
	r.passed = true
	r.age(r.passes)
	r.world.cloud().Advance(r.passes)
}

func (r *run) note(what string, result *engine.Result) {
	r.said = result.Text(false)
	fmt.Fprintf(&r.text, "--- %s: %v\n%s", what, result.Ops(), r.said)
	if result.Stderr != "" {
		fmt.Fprintf(&r.text, "stderr: %s\n", result.Stderr)
	}
}

// used are the totals since the act began.
func (r *run) used() emulator.Totals {
	t := r.world.cloud().Totals()
	return emulator.Totals{
		Orders: t.Orders - r.before.Orders, Modifications: t.Modifications - r.before.Modifications,
		Refunds: t.Refunds - r.before.Refunds, Releases: t.Releases - r.before.Releases,
	}
}

// unsafe are words that must not reach a user.
var unsafe = []string{
	"%!", "runtime error", "goroutine ", "a bug of its own", "*cloud.", "*errors.", "context deadline exceeded", "context canceled",
	emulator.DefaultAccessKeySecret, otherSecret,
}

// judge holds what must never happen against the state after an operation.
func (r *run) judge(what string, result *engine.Result) {
	used := r.used()
	most := func(name string, n, limit int) {
		if n > limit {
			r.violate("after %s: %d %s, at most %d wanted", what, n, name, limit)
		}
	}
	most("instances bought", used.Orders, r.orders)
	most("orders of sizes", used.Modifications, r.modifications)
	most("refunds", used.Refunds, r.refunds)
	most("releases", used.Releases, r.releases)

	snapshot := r.stack.Snapshot()
	known := map[string]bool{}
	for _, res := range instancesIn(snapshot) {
		known[string(res.ID)] = true
		if id := res.Outputs["instanceId"]; id.IsString() {
			known[id.StringValue()] = true
		}
	}
	for _, i := range r.world.cloud().Instances() {
		wanted := !i.Gone && i.GoneAt.IsZero()
		_, old := r.alive[i.ID]
		switch {
		case wanted && !known[i.ID] && i.ID != r.forgotten && (!r.imported || !old):
			r.violate("after %s: instance %s (%s) is not in the checkpoint", what, i.ID, i.Status)
		case !wanted && r.refunds+r.releases == 0 && (!old || r.alive[i.ID]):
			r.violate("after %s: instance %s was destroyed, which was not asked for", what, i.ID)
		}
	}

	r.judgeHanded(what, result)
	r.judgeOrder(what)
	if result.Broken != nil {
		r.violate("after %s: the engine has recorded a broken snapshot: %v", what, result.Broken)
	}
	text := result.Text(true)
	for _, word := range unsafe {
		if strings.Contains(text, word) {
			r.violate("after %s: a message to the user has %q in it", what, word)
		}
	}
	if result.Stderr != "" {
		r.violate("after %s: the plugin wrote to stderr: %s", what, result.Stderr)
	}
}

// judgeHanded: what depends on the instance is handed the id of an instance and nothing else.
func (r *run) judgeHanded(what string, result *engine.Result) {
	of := result.Registered[resourceName]
	if of == nil {
		return
	}
	if i, ok := r.world.cloud().Instance(string(of.ID)); !ok || i.Gone || of.Outputs["instanceId"].V != string(of.ID) {
		r.violate("after %s: dependents saw the id %q, instanceId %v", what, of.ID, of.Outputs["instanceId"])
	}
}

// judgeDeletes: what depends on the instance has the id of its replacement before the instance itself goes.
func (r *run) judgeDeletes(what string, result *engine.Result) {
	dependsOn := dependentIn(r.stack.Snapshot())
	for _, step := range result.Steps {
		deleted := step.Op == deploy.OpDelete || step.Op == deploy.OpDeleteReplaced
		if deleted && !step.Failed && step.URN.Type() == instanceType && step.ID == dependsOn {
			r.violate("after %s: a dependent was left with the id %s of an instance that is deleted", what, step.ID)
		}
	}
}

// judgeOrder: what is replaced is given back only when its replacement is connected.
func (r *run) judgeOrder(what string) {
	for _, at := range r.world.takeGivingBack() {
		replaced := r.act == up && r.orders > 0 && r.refunds+r.releases > 0
		if replaced && !slices.ContainsFunc(at, func(i emulator.Instance) bool {
			return i.ID != r.base.id && i.Status == emulator.StatusConnected && !i.Gone
		}) {
			r.violate("after %s: an instance was given back before its replacement was connected", what)
		}
	}
}

// reached tells whether everything is as the program says, in the cloud and in the checkpoint. Before the last run, the ARN may be
// absent if the account was not known, and after an import the engine has the inputs that were read.
func (r *run) reached(last bool) []string {
	snapshot := r.stack.Snapshot()
	if r.act == destroy {
		var wrong []string
		for _, i := range r.world.cloud().Instances() {
			// One that is given back before it has appeared cannot be seen to go.
			if unseen := !i.GoneAt.IsZero() && i.VisibleAt.After(i.GoneAt); !i.Gone && !unseen {
				wrong = append(wrong, "instance "+i.ID+" is still there")
			}
		}
		if len(snapshot.Resources) > 0 {
			wrong = append(wrong, "the checkpoint is not empty")
		}
		return wrong
	}
	all := instancesIn(snapshot)
	if len(all) != 1 {
		return []string{fmt.Sprintf("the checkpoint has %d instances", len(all))}
	}
	res := all[0]
	if len(res.InitErrors) > 0 {
		return []string{"the resource is unhealthy: " + strings.Join(res.InitErrors, "; ")}
	}
	i, ok := r.world.cloud().Instance(string(res.ID))
	if !ok || i.Gone {
		return []string{fmt.Sprintf("the checkpoint has %s, which does not exist", res.ID)}
	}
	wrong := r.want.mismatch(i)
	if of := dependentIn(snapshot); of != res.ID {
		wrong = append(wrong, fmt.Sprintf("the dependent has the id %q instead of %q", of, res.ID))
	}
	if res.Outputs["pendingOrder"].V != nil {
		wrong = append(wrong, "an order is still recorded as pending")
	}
	want := resource.NewPropertyMapFromMap(object(r.want))
	imported := r.imported || r.importing != ""
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if (last || !imported) && !res.Inputs[name].DeepEquals(want[name]) {
			wrong = append(wrong, fmt.Sprintf("the checkpoint has the input %s %v", name, res.Inputs[name]))
		}
	}
	for name, want := range map[resource.PropertyKey]string{
		"arn": i.ARN(), "endpoint": i.ID + ".cryptoservice.kms.aliyuncs.com", "caCertificateChainPem": i.CACertificateChainPEM,
		"status": i.Status, "endDate": i.EndDate.UTC().Format(time.RFC3339),
	} {
		have := ""
		if v := res.Outputs[name]; v.IsString() {
			have = v.StringValue()
		}
		if have != want && (name != "arn" || have != "" || last || !r.struckAt("GetCallerIdentity")) {
			wrong = append(wrong, fmt.Sprintf("the output %s is %q instead of %q", name, have, want))
		}
	}
	return wrong
}

// finish checks the end of a case: everything is as wanted, nothing is left to do, and a refresh finds nothing new.
func (r *run) finish(ctx context.Context, way string) {
	if kms := instanceIn(r.stack.Snapshot()); r.hook && kms != nil && len(kms.InitErrors) > 0 {
		// The engine keeps the reasons of an update that failed although a later try succeeded, until the next update.
		r.typed = append(r.typed, string(up))
		way = strings.Join(r.typed, ", ")
		if result := r.do(ctx, up, nil); result.Err != nil {
			r.violate("the update after an error hook fails: %v", result.Err)
		}
	}
	r.way = way
	// The ARN needs the account id. An instance is not held up for it; the next refresh finds it.
	for _, wrong := range r.reached(false) {
		r.violate("in the end (%s): %s", way, wrong)
	}
	if r.act == destroy {
		return // there is nothing left to look at
	}
	if r.finisher != nil {
		r.stack.Providers = map[tokens.Package]engine.Provider{packageName: r.finisher}
	}
	program := r.program(nil)
	program[0].ImportID = "" // the option is taken out once the import is done
	result := r.stack.Preview(ctx, program, engine.Options{})
	r.note("preview", result)
	if ops := result.Ops(); len(ops) > 0 || result.Err != nil {
		r.violate("the preview in the end is not clean: %v %v", ops, result.Err)
	}
	used := r.used()
	result = r.stack.Up(ctx, program, engine.Options{Refresh: true})
	r.note("up --refresh", result)
	for _, step := range result.Steps {
		idle := step.Op == deploy.OpSame || step.Op == deploy.OpRefresh
		if !idle || step.Failed || len(step.Diff) > 0 || len(step.InitErrors) > 0 {
			r.violate("the refresh in the end is not clean: %s %v %v", step.Op, step.Diff, step.InitErrors)
		}
	}
	if result.Err != nil {
		r.violate("the refresh in the end fails: %v", result.Err)
	}
	if after := r.used(); after != used {
		r.violate("the refresh in the end changed something: %+v before, %+v after", used, after)
	}
	for _, wrong := range r.reached(true) {
		r.violate("in the end (%s), after a refresh: %s", way, wrong)
	}
}

// struckAt tells whether the act was struck at an action.
func (r *run) struckAt(action string) bool {
	return slices.ContainsFunc(r.injections, func(b injection) bool { return b.at.action == action })
}
