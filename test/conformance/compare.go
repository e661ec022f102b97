package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
)

// outcome is what an answer says in short: HTTP status, code, and the states of the instances and networks that the recording made.
func (p *player) outcome(a recording.Answer, ids iter.Seq[string]) string {
	states := statesOf(a.Body, slices.Collect(ids))
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", a.Status, a.Code, strings.Join(states, " ")))
}

// statesOf are the states in an answer, in their order, with repetitions left out. An instance that KMS does not know is absent.
func statesOf(v any, ids []string) (states []string) {
	switch v := v.(type) {
	case map[string]any:
		id := ""
		for _, name := range []string{"InstanceId", "InstanceID", "KmsInstanceId", "VpcId", "VSwitchId"} {
			if text, is := v[name].(string); is && (id == "" || name == "VSwitchId") {
				id = text
			}
		}
		if text, is := v["Status"].(string); is && slices.Contains(ids, id) {
			states = append(states, text)
		}
		if text, is := v["InstanceId"].(string); is && text == "" {
			states = append(states, "absent")
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			states = append(states, statesOf(v[name], ids)...)
		}
	case []any:
		for _, element := range v {
			states = append(states, statesOf(element, ids)...)
		}
	}
	return slices.Compact(states)
}

// compare adds the differences of two answers.
func (p *player) compare(c recording.Call, own recording.Answer) {
	if c.Answer.Status != own.Status {
		p.add(status, c, "", fmt.Sprint(c.Answer.Status), fmt.Sprint(own.Status))
	}
	if c.Answer.Code != own.Code {
		p.add(code, c, "", c.Answer.Code, own.Code)
	}
	if c.Answer.Status != own.Status || c.Answer.Code != own.Code {
		return // a refusal and a result have no fields in common
	}
	was := strings.Join(statesOf(c.Answer.Body, slices.Collect(maps.Keys(p.ids))), " ")
	is := strings.Join(statesOf(own.Body, slices.Collect(maps.Values(p.ids))), " ")
	if was != is {
		p.add(state, c, "", was, is)
	}
	p.compareShapes(c, shape("", c.Answer.Body), shape("", own.Body))
}

// compareShapes compares the fields of two answers and their types. What is in a field that differs itself is not compared.
func (p *player) compareShapes(c recording.Call, was, is map[string]string) {
	all := maps.Clone(was)
	maps.Copy(all, is)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		above := path[:max(0, strings.LastIndexAny(path, ".["))]
		_, in := was[path]
		_, inToo := is[path]
		switch {
		case was[path] == is[path] || was[above] != is[above]:
		case in && inToo && (was[path] == "null" || is[path] == "null"): // a null says nothing of its type
		case was[above] == "list" && (!in || !inToo): // an empty list says nothing of its elements
		case !inToo:
			p.add(missing, c, path, was[path], "-")
		case !in:
			p.add(additional, c, path, "-", is[path])
		default:
			p.add(ofType, c, path, was[path], is[path])
		}
	}
}

// shape has the type of a value, and of all that is in it, by its path, not what it holds. The elements of a list count as one: those
// that the account had before are not in the emulator.
func shape(path string, v any) map[string]string {
	types := map[string]string{}
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			maps.Copy(types, shape(strings.TrimPrefix(path+"."+name, "."), field))
		}
		types[path] = "object"
	case []any:
		for _, element := range v {
			maps.Copy(types, shape(path+"[]", element))
		}
		types[path] = "list"
	case string:
		types[path] = "text"
	case json.Number:
		types[path] = "number"
	case bool:
		types[path] = "boolean"
	default:
		types[path] = "null"
	}
	return types
}
