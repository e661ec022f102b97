package emulator

import (
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxTagsPerCall      = 20
	maxResourcesPerCall = 50
	maxTagsPerInstance  = 20
	maxTagLength        = 128
	tagPageSize         = 200

	resourceTypeInstance = "instance"
)

var tagText = regexp.MustCompile(`^[\p{L}\p{N}/\\_\-.+=:@]*$`)

func validTagText(text string) bool {
	return utf8.RuneCountInString(text) <= maxTagLength && tagText.MatchString(text)
}

// reservedTag says whether a key belongs to the platform: it can be neither set nor removed by callers.
func reservedTag(key string) bool {
	lower := strings.ToLower(key)
	return strings.HasPrefix(lower, "aliyun") || strings.HasPrefix(lower, "acs:")
}

func invalidTagKey(key string) {
	badRequest("InvalidParameter.TagKey", "The specified tag key %q is not valid.", key)
}

// taggedInstances checks which resources a call names and returns those instances; without any, all of the caller.
func (s *Server) taggedInstances(r *request, toChange bool) []*Instance {
	ids, kind := r.values("ResourceId"), r.get("ResourceType")
	switch {
	case r.get("RegionId") != r.region:
		invalidParameter("RegionId %s is not the region of this endpoint, %s.", r.get("RegionId"), r.region)
	case kind != resourceTypeInstance && kind != "key" && kind != "secret":
		invalidParameter("ResourceType must be instance, key or secret.")
	case kind != resourceTypeInstance && len(ids) > 0:
		notFound("InvalidResourceId.NotFound", "The specified resource is not found.")
	case len(ids) > maxResourcesPerCall:
		invalidParameter("At most %d resources can be given.", maxResourcesPerCall)
	}
	if len(ids) == 0 {
		return s.account.instances(r.now, func(i *Instance) bool {
			return kind == resourceTypeInstance && s.account.visible(i, r.caller.accountID, r.region, r.now)
		})
	}
	var found []*Instance
	for _, id := range ids {
		i := s.account.find(id, r.caller.accountID, r.region, r.now)
		if i == nil || toChange && i.leaving() {
			instanceNotFound()
		}
		i.refuseUnconnected()
		if toChange && r.now.Before(i.ReadyAt) {
			stateInvalid()
		}
		found = append(found, i)
	}
	if len(ids) == 1 {
		r.effect.instanceID = ids[0]
	}
	return found
}

func requestTags(r *request) map[string]string {
	keys, values := r.list("Tag", "Key"), r.list("Tag", "Value")
	for n := range values {
		if _, ok := keys[n]; !ok {
			missing("Tag." + strconv.Itoa(n) + ".Key")
		}
	}
	tags := map[string]string{}
	for n, key := range keys {
		if _, twice := tags[key]; twice {
			badRequest("Duplicate.TagKey", "The tag key %q is given twice.", key)
		}
		tags[key] = values[n]
	}
	return tags
}

func newTags(r *request) map[string]string {
	tags := requestTags(r)
	if len(tags) > maxTagsPerCall {
		invalidParameter("At most %d tags can be given.", maxTagsPerCall)
	}
	for key, value := range tags {
		if key == "" || !validTagText(key) || reservedTag(key) {
			invalidTagKey(key)
		}
		if !validTagText(value) {
			badRequest("InvalidParameter.TagValue", "The specified tag value of key %q is not valid.", key)
		}
	}
	return tags
}

func tagResources(s *Server, r *request) result {
	tags := newTags(r)
	instances := s.taggedInstances(r, true)
	for _, i := range instances {
		all := withTags(i.Tags, tags)
		maps.DeleteFunc(all, func(key, _ string) bool { return reservedTag(key) })
		if len(all) > maxTagsPerInstance {
			badRequest("Rejected.LimitExceeded", "The instance %s would have %d tags; at most %d are allowed.", i.ID, len(all), maxTagsPerInstance)
		}
	}
	for _, i := range instances {
		i.Tags = withTags(i.Tags, tags)
	}
	return nil
}

func withTags(tags, more map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, tags)
	maps.Copy(all, more)
	return all
}

// untagResources removes tags; one that is not there is no error.
func untagResources(s *Server, r *request) result {
	keys := r.values("TagKey")
	switch reserved := slices.IndexFunc(keys, reservedTag); {
	case len(keys) == 0 && !r.boolean("All"):
		missing("TagKey")
	case len(keys) > maxTagsPerCall:
		invalidParameter("At most %d tag keys can be given.", maxTagsPerCall)
	case reserved >= 0:
		invalidTagKey(keys[reserved])
	}
	for _, i := range s.taggedInstances(r, true) {
		maps.DeleteFunc(i.Tags, func(key, _ string) bool {
			return len(keys) == 0 && !reservedTag(key) || slices.Contains(keys, key)
		})
	}
	return nil
}

// listTagResources lists tags in pages of 200 rows.
func listTagResources(s *Server, r *request) result {
	instances, wanted := s.taggedInstances(r, false), requestTags(r)
	rows := []result{}
	slices.SortFunc(instances, func(a, b *Instance) int { return strings.Compare(a.ID, b.ID) })
	for _, i := range instances {
		if !hasTags(i.Tags, wanted) {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(i.Tags)) {
			rows = append(rows, result{"ResourceId": i.ID, "ResourceType": resourceTypeInstance, "TagKey": key, "TagValue": i.Tags[key]})
		}
	}
	from := min(tagOffset(r.get("NextToken")), len(rows))
	next, to := "", min(from+tagPageSize, len(rows))
	if to < len(rows) {
		next = base64.URLEncoding.EncodeToString([]byte(tagOffsetPrefix + strconv.Itoa(to)))
	}
	return result{"TagResources": result{"TagResource": rows[from:to]}, "NextToken": next}
}

const tagOffsetPrefix = "tags:"

// tagOffset is the number of rows before the page that a NextToken stands for.
func tagOffset(token string) int {
	if token == "" {
		return 0
	}
	plain, _ := base64.URLEncoding.DecodeString(token) // one that is damaged has no prefix
	text, ok := strings.CutPrefix(string(plain), tagOffsetPrefix)
	from, err := strconv.Atoi(text)
	if !ok || err != nil || from < 0 {
		invalidParameter("NextToken is not one that was given out.")
	}
	return from
}

// hasTags says whether all the wanted tags are there; a wanted value of "" matches any.
func hasTags(tags, wanted map[string]string) bool {
	for key, want := range wanted {
		value, ok := tags[key]
		if !ok || want != "" && want != value {
			return false
		}
	}
	return true
}
