package kmsinstance

import (
	"fmt"
	"strconv"

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
	takesOut := func(name, so, leave string) {
		if d.detailed[name].Kind == p.Delete {
			g.warning("%s: %s is no longer in the program, so %s. To leave %s, put it back, or into the resource option ignoreChanges",
				id, name, so, leave)
		}
	}
	if isTrue(state.Get("deletionProtection")) {
		takesOut("deletionProtection", "it is switched off", "it as it is")
	}
	if bound := state.Get("bindVpcs"); bound.IsArray() && bound.AsArray().Len() > 0 {
		takesOut("bindVpcs", fmt.Sprintf("all %d VPCs are unbound, and nothing in them reaches the instance any more", bound.AsArray().Len()), "them")
	}
	takesOut("tags", "the tags that it had set are removed", "them")
	if isGiven(olds, "renewStatus") && !isGiven(news, "renewStatus") && stringOf(state.Get("renewStatus")) == cloud.AutoRenewal {
		g.warning("%s: renewStatus is no longer in the program, but AutoRenewal stays on: the subscription goes on renewing. To stop that, set "+
			"renewStatus to ManualRenewal or NotRenewal", id)
	}
	warnInputs(g, state, news)
}

// warnKept says which settings stay although the program takes them out: no program has declared them.
func warnKept(g *progress, req p.DiffRequest) {
	olds, ignored := req.OldInputs, ignoringOf(req.IgnoreChanges)
	kept := onlyDeclared(olds, req.Inputs, recorded(req.State))
	for name, empty := range map[string]string{"tags": "tags: {}", "bindVpcs": "bindVpcs: []", "deletionProtection": "deletionProtection: false"} {
		old := olds.Get(name)
		if !kept.Get(name).Equals(old) && !isEmpty(propertyByName[name], old) && !ignored.covers(name) {
			g.warning("%s: %s is not in the program. It stays as it is, since it was imported or read and no program has declared it. To clear it, "+
				"write `%s`", req.ID, name, empty)
		}
	}
}

// lowered names the sizes that the new inputs give lower than the recorded outputs, each with its old and new value, but secret ones.
func lowered(state, news property.Map) []string {
	var found []string
	for _, prop := range Properties {
		before, now := state.Get(prop.Name), news.Get(prop.Name)
		if prop.NoDowngrade && isLower(before, now) && !before.HasSecrets() && !now.HasSecrets() {
			found = append(found, fmt.Sprintf("%s from %s to %s", prop.Name, scalar(before), scalar(now)))
		}
	}
	return found
}

// isLower tells a downgrade. Of the editions, 3 is above 5.
func isLower(before, now property.Value) bool {
	return before.IsNumber() && now.IsNumber() && now.AsNumber() < before.AsNumber() ||
		isString(before, string(Software)) && isString(now, string(SmallSoftware))
}

// scalar is a number or a string as text, "" for any other value.
func scalar(v property.Value) string {
	if v.IsNumber() {
		return strconv.FormatFloat(v.AsNumber(), 'f', -1, 64)
	}
	return stringOf(v)
}
