package kmsinstance

import (
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// warnUpdate says at preview, and again when it happens, what an update cannot do or may not be allowed to.
func warnUpdate(g *progress, id string, request guard.Request) {
	state, olds, news := request.State, request.OldInputs, request.Inputs
	d := diffInputs(state, olds, news, "")
	if _, ok := d.detailed["period"]; ok {
		g.warning("%s: period is used at purchase only; the change is recorded and changes nothing in the cloud. To keep the instance for "+
			"longer, renew it or set renewStatus to AutoRenewal", id)
	}
	for _, change := range lowered(state, news) {
		g.warning("%s: %s is a downgrade, and Alibaba Cloud documents none for KMS instances: expect the order to be refused", id, change)
	}
	if d.takesOut("deletionProtection") && isTrue(state.Get("deletionProtection")) {
		g.warning("%s: deletionProtection is no longer in the program, so it is switched off. To leave it as it is, put it back, or into the "+
			"resource option ignoreChanges", id)
	}
	if bound := state.Get("bindVpcs"); d.takesOut("bindVpcs") && bound.IsArray() && bound.AsArray().Len() > 0 {
		g.warning("%s: bindVpcs is no longer in the program, so all %d VPCs are unbound, and nothing in them reaches the instance any more. To "+
			"leave them, put it back, or into the resource option ignoreChanges", id, bound.AsArray().Len())
	}
	if d.takesOut("tags") {
		g.warning("%s: tags is no longer in the program, so the tags that it had set are removed. To leave them, put it back, or into the "+
			"resource option ignoreChanges", id)
	}
	if isGiven(olds, "renewStatus") && !isGiven(news, "renewStatus") && stringOf(state.Get("renewStatus")) == cloud.AutoRenewal {
		g.warning("%s: renewStatus is no longer in the program, but AutoRenewal stays on: the subscription goes on renewing. To stop that, set "+
			"renewStatus to ManualRenewal or NotRenewal", id)
	}
	warnInputs(g, state, news)
}

// warnKept says which settings stay although the program takes them out: no program has declared them.
func warnKept(g *progress, req p.DiffRequest) {
	olds, news := withoutNulls(req.OldInputs), withoutNulls(req.Inputs)
	kept := onlyDeclared(olds, news, recorded(req.State))
	ignored := ignoringOf(req.IgnoreChanges)
	for name, empty := range map[string]string{"tags": "tags: {}", "bindVpcs": "bindVpcs: []", "deletionProtection": "deletionProtection: false"} {
		stays := !kept.Get(name).Equals(olds.Get(name)) && !isEmpty(propertyByName[name], olds.Get(name))
		if stays && !isGiven(news, name) && !ignored.covers(name) {
			g.warning("%s: %s is not in the program. It stays as it is, since it was imported or read and no program has declared it. To clear it, "+
				"write `%s`", req.ID, name, empty)
		}
	}
}

// takesOut tells whether an input was declared and no longer is.
func (d *difference) takesOut(name string) bool {
	change, ok := d.detailed[name]
	return ok && change.Kind == p.Delete
}

// lowered names the sizes that the new inputs give lower than the recorded outputs.
func lowered(state, news property.Map) []string {
	codes, have := map[string]string{}, map[string]string{}
	for i := range Properties {
		prop := &Properties[i]
		now, before := news.Get(prop.Name), state.Get(prop.Name)
		if prop.Code == "" || now.HasSecrets() || before.HasSecrets() || now.IsNull() || before.IsNull() || now.IsComputed() {
			continue
		}
		codes[prop.Code], have[prop.Code] = scalar(now), scalar(before)
	}
	return downgrades(codes, have)
}

func scalar(v property.Value) string {
	switch {
	case v.IsNumber():
		return formatNumber(v.AsNumber())
	case v.IsString():
		return v.AsString()
	default:
		return ""
	}
}
