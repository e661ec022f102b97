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
	p.compareFields(c, "", c.Answer.Body, own.Body)
}

// compareFields compares the fields of two values and their types, not what they hold. The elements of a list count as one: those that
// the account had before are not in the emulator.
func (p *player) compareFields(c recording.Call, path string, recorded, own any) {
	if recorded == nil || own == nil {
		return // a null says nothing of its type
	}
	if typeOf(recorded) != typeOf(own) {
		p.add(ofType, c, path, typeOf(recorded), typeOf(own))
		return
	}
	was, is := fieldsOf(recorded), fieldsOf(own)
	if typeOf(recorded) == "list" {
		path += "[]"
		if len(was) == 0 || len(is) == 0 {
			return // an empty list says nothing of its elements
		}
	}
	names := maps.Clone(was)
	maps.Copy(names, is)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		at := strings.TrimPrefix(path+"."+name, ".")
		_, in := was[name]
		_, inToo := is[name]
		switch {
		case !inToo:
			p.add(missing, c, at, typeOf(was[name]), "-")
		case !in:
			p.add(additional, c, at, "-", typeOf(is[name]))
		default:
			p.compareFields(c, at, was[name], is[name])
		}
	}
}

// fieldsOf are the fields of an object, or those of all elements of a list together. An element that is no object is its only field.
func fieldsOf(v any) map[string]any {
	fields := map[string]any{}
	switch v := v.(type) {
	case map[string]any:
		return v
	case []any:
		for _, element := range v {
			if object, is := element.(map[string]any); is {
				maps.Copy(fields, object)
			} else {
				fields["element"] = element
			}
		}
	}
	return fields
}

func typeOf(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case json.Number:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	}
	return "null"
}
