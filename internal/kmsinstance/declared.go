package kmsinstance

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// The output `declared` records which of tags, bindVpcs and deletionProtection a program has declared. Only that is cleared in the
// cloud when the program takes it out: what an import or a refresh has read was never declared.

const tagPrefix = "tags."

// declaredIn names what inputs declare.
func declaredIn(inputs property.Map) []string {
	var names []string
	for _, name := range []string{"bindVpcs", "deletionProtection"} {
		if isGiven(inputs, name) {
			names = append(names, name)
		}
	}
	if tags := inputs.Get("tags"); tags.IsMap() {
		for key := range tags.AsMap().AllStable {
			names = append(names, tagPrefix+key)
		}
	}
	return names
}

// recorded reads the record in recorded outputs.
func recorded(state property.Map) []string { return stringsOf(state.Get("declared")) }

// tagKeys are the tags in a record.
func tagKeys(names []string) []string {
	var keys []string
	for _, name := range names {
		if key, ok := strings.CutPrefix(name, tagPrefix); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// declare adds names to the record.
func (s *State) declare(names []string) {
	all := slices.Concat(s.Declared, names)
	slices.Sort(all)
	s.Declared = slices.Compact(all)
}

// dropCleared takes names out of the record that the instance no longer has anything of. Names in keep stay.
func (s *State) dropCleared(keep []string) {
	s.Declared = slices.DeleteFunc(s.Declared, func(name string) bool {
		if slices.Contains(keep, name) {
			return false
		}
		switch name {
		case "bindVpcs":
			return len(s.BindVpcs) == 0
		case "deletionProtection":
			return s.DeletionProtection != nil && !*s.DeletionProtection
		}
		_, there := s.Tags[strings.TrimPrefix(name, tagPrefix)]
		return !there
	})
}

func isGiven(m property.Map, name string) bool { return !m.Get(name).IsNull() }

// ignoring is the resource option ignoreChanges.
type ignoring []resource.PropertyPath

func ignoringOf(paths []string) ignoring {
	var i ignoring
	for _, path := range paths {
		if parsed, err := resource.ParsePropertyPath(path); err == nil && len(parsed) > 0 {
			i = append(i, parsed)
		}
	}
	return i
}

// reset gives ignored properties their old values, as the engine does it before an ordinary update.
func (i ignoring) reset(olds, news property.Map) property.Map {
	if len(i) == 0 {
		return news
	}
	before, after := resource.ToResourcePropertyMap(olds), resource.ToResourcePropertyMap(news)
	for _, path := range i {
		path.Reset(before, after)
	}
	return resource.FromResourcePropertyMap(after)
}

// covers tells whether a property or a tag is ignored as a whole. bindVpcs[*] is all of bindVpcs.
func (i ignoring) covers(path ...string) bool {
	return slices.ContainsFunc(i, func(ignored resource.PropertyPath) bool {
		for n, part := range ignored {
			if part != "*" && (n >= len(path) || part != path[n]) {
				return false
			}
		}
		return true
	})
}

// record is the record after an update: what the program declares, and what is ignored as it was.
func (i ignoring) record(inputs property.Map, before []string) []string {
	isIgnored := func(name string) bool {
		if key, ok := strings.CutPrefix(name, tagPrefix); ok {
			return i.covers("tags", key)
		}
		return i.covers(name)
	}
	names := slices.DeleteFunc(declaredIn(inputs), isIgnored)
	for _, name := range before {
		if isIgnored(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// withoutKeys is a copy of a map without some keys.
func withoutKeys(m map[string]string, drop func(string) bool) map[string]string {
	kept := map[string]string{}
	for key, value := range m {
		if !drop(key) {
			kept[key] = value
		}
	}
	return kept
}
