package kmsinstance

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/input"
)

// What these functions warn of is allowed, but unlikely to work, or to be meant. Nothing is refused for it: what Alibaba Cloud sells
// changes, and its pages do not agree.

// warnPurchase warns of the inputs of a new instance. region may be empty.
func warnPurchase(g *progress, inputs property.Map, region string) {
	if !isString(inputs.Get("paymentType"), string(PayAsYouGo)) {
		left := slices.DeleteFunc([]string{"spec", "keyNum", "secretNum", "vpcNum"}, func(name string) bool { return isGiven(inputs, name) })
		if len(left) > 0 {
			g.warning("%s left out: Alibaba Cloud chooses, or refuses the order. Say how much of each the instance should have",
				strings.Join(left, ", "))
		}
	}
	warnZones(g, inputs.Get("zoneIds"), region)
	warnInputs(g, property.Map{}, inputs)
}

// warnInputs warns of inputs that the state does not have yet. What the program omits is as the state has it.
func warnInputs(g *progress, state, inputs property.Map) {
	w := inputWarnings{g, state, inputs}
	w.bindings()
	w.log()
	w.edition()
	if v := inputs.Get("vswitchIds"); v.IsArray() && v.AsArray().Len() > 1 {
		g.warning("vswitchIds has %d elements; Alibaba Cloud documents one vSwitch per instance", v.AsArray().Len())
	}
	if v := inputs.Get("instanceName"); v.IsString() && w.news("instanceName") && utf8.RuneCountInString(v.AsString()) > longestName {
		g.warning("instanceName has more than %d characters: the longest name that Alibaba Cloud takes is not documented, and a longer one is "+
			"refused only after the purchase", longestName)
	}
}

const longestName = 128

type inputWarnings struct {
	*progress
	state, inputs property.Map
}

// news tells whether the program gives one of the properties a value that the state does not have.
func (w inputWarnings) news(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		v, given := w.inputs.GetOk(name)
		return given && (v.IsComputed() || scalar(v) != scalar(w.state.Get(name)))
	})
}

// effective is the value that the instance will have. A secret one is as good as unknown: a warning would tell it.
func (w inputWarnings) effective(name string) property.Value {
	v, given := w.inputs.GetOk(name)
	if !given {
		v = w.state.Get(name)
	}
	if v.Secret() {
		return property.New(property.Computed)
	}
	return v
}

func (w inputWarnings) bindings() {
	bound, quota := w.inputs.Get("bindVpcs"), w.inputs.Get("vpcNum")
	if quota.IsNull() && !isString(w.inputs.Get("paymentType"), string(PayAsYouGo)) { // which has no quota
		quota = w.state.Get("vpcNum")
	}
	if bound.IsArray() && quota.IsNumber() && bound.AsArray().Len() > int(quota.AsNumber()) {
		w.warning("bindVpcs has %d elements and vpcNum is %s: each bound VPC takes one unit, so expect the binding to be refused",
			bound.AsArray().Len(), input.Show(quota, false))
	}
}

func (w inputWarnings) log() {
	storage, log := w.effective("logStorage"), w.effective("log")
	if !w.news("log", "logStorage") {
		return
	}
	if storage.IsNumber() && math.Mod(storage.AsNumber(), 1000) != 0 {
		w.warning("logStorage is %s; Alibaba Cloud sells it in steps of 1000, so expect the order to be refused", input.Show(storage, false))
	}
	stores := storage.IsNumber() && storage.AsNumber() > 0
	switch {
	case stores && isString(log, string(LogOff)):
		w.warning("logStorage is set, but log is \"0\" (off): the storage is paid for and holds nothing. Set log to \"1\", or take logStorage out")
	case !stores && !storage.IsComputed() && isString(log, string(LogOn)):
		w.warning("log is \"1\" (on), but there is no logStorage: nothing of the log is kept, or the order is refused. Set logStorage, in steps of 1000")
	}
}

// edition compares the edition with the performance: 200 requests per second are sold with the small edition, and only with it.
func (w inputWarnings) edition() {
	version, spec := w.effective("productVersion"), w.effective("spec")
	if !version.IsString() || !spec.IsNumber() || !w.news("productVersion", "spec") {
		return
	}
	if small := spec.AsNumber() == 200; small != isString(version, string(SmallSoftware)) {
		w.warning("productVersion is %s and spec is %s: Alibaba Cloud sells spec 200 with productVersion \"5\" and the others with \"3\", so expect "+
			"the order to be refused", input.Show(version, false), input.Show(spec, false))
	}
}

// publishedZones are the zones of software instances in each region, by their letters, as Alibaba Cloud's page of supported regions
// has them. Regions that are not here are on no list that is known.
var publishedZones = map[string]string{
	"cn-beijing": "cdefghijkl", "cn-chengdu": "ab", "cn-guangzhou": "ab", "cn-hangzhou": "efghijk", "cn-heyuan": "ab",
	"cn-hongkong": "bcd", "cn-huhehaote": "ab", "cn-qingdao": "bc", "cn-shanghai": "abcdefglmn", "cn-shenzhen": "bcdef",
	"cn-wulanchabu": "abc", "cn-zhangjiakou": "abc",
	"ap-southeast-1": "abc", "ap-southeast-3": "ab", "me-central-1": "ab",
}

// singleZone are the regions that have one zone: Manila and Bangkok.
var singleZone = []string{"ap-southeast-6", "ap-southeast-7"}

func warnZones(g *progress, zones property.Value, region string) {
	if !zones.IsArray() {
		return
	}
	if zones.AsArray().Len() == 1 && !zones.HasComputed() && !slices.Contains(singleZone, region) {
		g.warning("zoneIds has one zone; two are the norm, so that the instance outlives one of them, and an instance cannot move to other zones")
	}
	var odd []string
	for _, zone := range zones.AsArray().All {
		name := stringOf(zone)
		if letters, listed := publishedZones[regionOfZone(name)]; listed && !strings.Contains(letters, name[len(name)-1:]) {
			odd = append(odd, input.Show(zone, zones.Secret()))
		}
	}
	if len(odd) > 0 {
		g.warning("%s: not among the zones in which Alibaba Cloud's pages say that KMS has software instances, so expect the connection to fail "+
			"after the purchase", strings.Join(odd, ", "))
	}
}

func (g *progress) warnings(texts []string) {
	for _, text := range texts {
		g.warning("%s", text)
	}
}
