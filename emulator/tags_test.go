package emulator

import (
	"fmt"
	"strings"
	"testing"
)

func tagScope(ids ...string) params {
	p := params{"RegionId": "cn-hangzhou", "ResourceType": "instance"}
	for n, id := range ids {
		p[fmt.Sprintf("ResourceId.%d", n+1)] = id
	}
	return p
}

func (c client) tags(id string) map[string]string {
	c.t.Helper()
	r := c.ok(serviceKMS, "ListTagResources", tagScope(id))
	tags := map[string]string{}
	for n := range r.len("TagResources", "TagResource") {
		tags[r.text("TagResources", "TagResource", n, "TagKey")] = r.text("TagResources", "TagResource", n, "TagValue")
	}
	return tags
}

func TestTags(t *testing.T) {
	s, c := start(t, Options{})
	i := seed(t, s, Instance{Tags: map[string]string{"aliyun.owner": "platform", "acs:rm": "x"}})
	c.ok(serviceKMS, "TagResources", with(tagScope(i.ID), params{
		"Tag.1.Key": "env", "Tag.1.Value": "test", "Tag.2.Key": "empty", "Tag.2.Value": "", "Tag.3.Key": "k/\\_-.+=:@中", "Tag.3.Value": "v",
	}))
	c.ok(serviceKMS, "TagResources", with(tagScope(i.ID), params{"Tag.1.Key": "env", "Tag.1.Value": "prod"}))
	want := map[string]string{"aliyun.owner": "platform", "acs:rm": "x", "env": "prod", "empty": "", "k/\\_-.+=:@中": "v"}
	equal(t, c.tags(i.ID), want)
	c.ok(serviceKMS, "UntagResources", with(tagScope(i.ID), params{"TagKey.1": "env", "TagKey.2": "never there"}))
	delete(want, "env")
	equal(t, c.tags(i.ID), want)
	c.ok(serviceKMS, "UntagResources", with(tagScope(i.ID), params{"All": "true"}))
	equal(t, c.tags(i.ID), map[string]string{"aliyun.owner": "platform", "acs:rm": "x"})
}

func TestTagRefusals(t *testing.T) {
	s, c := start(t, Options{})
	i := seed(t, s, Instance{Tags: map[string]string{"aliyun.owner": "platform"}})
	many := params{}
	for n := range 21 {
		many[fmt.Sprintf("Tag.%d.Key", n+1)] = fmt.Sprintf("k%d", n)
	}
	for name, r := range map[string]struct {
		action string
		params params
		status int
		code   string
	}{
		"no tag":           {"TagResources", tagScope(i.ID), 400, "MissingTag"},
		"unknown, no tag":  {"TagResources", tagScope("kst-0"), 400, "MissingTag"},
		"unknown, bad tag": {"TagResources", with(tagScope("kst-0"), params{"Tag.1.Key": "acs:x"}), 400, "InvalidParameter.TagKey"},
		"unknown, no key":  {"UntagResources", tagScope("kst-0"), 400, "MissingTagKey"},
		"no resource":      {"TagResources", with(tagScope(), params{"Tag.1.Key": "a"}), 400, "MissingResourceId"},
		"no region":        {"TagResources", params{"ResourceType": "instance"}, 400, "MissingRegionId"},
		"wrong region":     {"TagResources", with(tagScope(i.ID), params{"RegionId": "cn-beijing", "Tag.1.Key": "a"}), 400, "InvalidParameter"},
		"unknown type":     {"TagResources", with(tagScope(i.ID), params{"ResourceType": "x", "Tag.1.Key": "a"}), 400, "InvalidParameter"},
		"a key":            {"TagResources", with(tagScope("key-1"), params{"ResourceType": "key", "Tag.1.Key": "a"}), 404, "InvalidResourceId.NotFound"},
		"empty key":        {"TagResources", with(tagScope(i.ID), params{"Tag.1.Key": ""}), 400, "InvalidParameter.TagKey"},
		"value only":       {"TagResources", with(tagScope(i.ID), params{"Tag.1.Value": "a"}), 400, "MissingTag.1.Key"},
		"key with space":   {"TagResources", with(tagScope(i.ID), params{"Tag.1.Key": "a b"}), 400, "InvalidParameter.TagKey"},
		"long key":         {"TagResources", with(tagScope(i.ID), params{"Tag.1.Key": strings.Repeat("k", 129)}), 400, "InvalidParameter.TagKey"},
		"long value":       {"TagResources", with(tagScope(i.ID), params{"Tag.1.Key": "a", "Tag.1.Value": strings.Repeat("k", 129)}), 400, "InvalidParameter.TagValue"},
		"reserved key":     {"TagResources", with(tagScope(i.ID), params{"Tag.1.Key": "Aliyun.x"}), 400, "InvalidParameter.TagKey"},
		"reserved key 2":   {"TagResources", with(tagScope(i.ID), params{"Tag.1.Key": "acs:x"}), 400, "InvalidParameter.TagKey"},
		"key twice":        {"TagResources", with(tagScope(i.ID), params{"Tag.1.Key": "a", "Tag.2.Key": "a"}), 400, "Duplicate.TagKey"},
		"21 tags":          {"TagResources", with(tagScope(i.ID), many), 400, "InvalidParameter"},
		"nothing to do":    {"UntagResources", tagScope(i.ID), 400, "MissingTagKey"},
		"untag reserved":   {"UntagResources", with(tagScope(i.ID), params{"TagKey.1": "aliyun.owner"}), 400, "InvalidParameter.TagKey"},
		"All that is not":  {"UntagResources", with(tagScope(i.ID), params{"All": "all"}), 400, "InvalidParameter"},
		"page of others":   {"ListTagResources", with(tagScope(i.ID), params{"NextToken": "x"}), 400, "InvalidParameter"},
	} {
		c.refusesEach(serviceKMS, r.action, r.params, map[string]refusal{name: {nil, r.status, r.code}})
	}
	ids := make([]string, 51)
	for n := range ids {
		ids[n] = fmt.Sprintf("kst-%d", n)
	}
	c.refused(serviceKMS, "ListTagResources", tagScope(ids...), 400, "InvalidParameter")
}

func TestAnInstanceHasAtMostTwentyTags(t *testing.T) {
	s, c := start(t, Options{})
	tags := map[string]string{"acs:platform": "does not count"}
	for n := range 19 {
		tags[fmt.Sprintf("k%d", n)] = "v"
	}
	i := seed(t, s, Instance{Tags: tags})
	c.refused(serviceKMS, "TagResources", with(tagScope(i.ID), params{"Tag.1.Key": "a", "Tag.2.Key": "b"}), 400, "Rejected.LimitExceeded")
	c.ok(serviceKMS, "TagResources", with(tagScope(i.ID), params{"Tag.1.Key": "a", "Tag.2.Key": "k1"}))
}

func TestTagsInPages(t *testing.T) {
	s, c := start(t, Options{})
	for n := range 45 {
		tags := map[string]string{}
		for m := range 10 {
			tags[fmt.Sprintf("k%d", m)] = fmt.Sprintf("v%d", n%2)
		}
		seed(t, s, Instance{Tags: tags})
	}
	list := func(more params) (different, pages int) {
		rows := map[string]bool{}
		for next := ""; pages == 0 || next != ""; pages++ {
			r := c.ok(serviceKMS, "ListTagResources", with(with(tagScope(), more), params{"NextToken": next}))
			for n := range r.len("TagResources", "TagResource") {
				rows[fmt.Sprint(r.at("TagResources", "TagResource", n))] = true
			}
			next = r.text("NextToken")
		}
		return len(rows), pages
	}
	for _, test := range []struct {
		filter           params
		different, pages int
	}{{nil, 450, 3}, {params{"Tag.1.Key": "k1", "Tag.1.Value": "v1"}, 220, 2}, {params{"Tag.1.Key": "never there"}, 0, 1}} {
		different, pages := list(test.filter)
		equal(t, different, test.different)
		equal(t, pages, test.pages)
	}
}
