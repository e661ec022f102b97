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

// changeTags checks what a call wants to tag and returns those instances.
func (s *Server) changeTags(r *request) []*Instance {
	checkTagScope(r)
	instances := s.taggedByID(r, r.values("ResourceId"))
	for _, i := range instances {
		if i.leaving() {
			instanceNotFound()
		}
		if r.now.Before(i.ReadyAt) {
			stateInvalid()
		}
	}
	return instances
}

func checkTagScope(r *request) {
	if r.get("RegionId") != r.region {
		invalidParameter("RegionId %s is not the region of this endpoint, %s.", r.get("RegionId"), r.region)
	}
	switch r.get("ResourceType") {
	case resourceTypeInstance:
	case "key", "secret":
		if len(r.values("ResourceId")) > 0 {
			notFound("InvalidResourceId.NotFound", "The specified resource is not found.")
		}
	default:
		invalidParameter("ResourceType must be instance, key or secret.")
	}
}

func (s *Server) taggedByID(r *request, ids []string) []*Instance {
	if len(ids) > maxResourcesPerCall {
		invalidParameter("At most %d resources can be given.", maxResourcesPerCall)
	}
	var found []*Instance
	for _, id := range ids {
		i := s.account.find(id, r.caller.accountID, r.region, r.now)
		if i == nil {
			instanceNotFound()
		}
		i.refuseUnconnected()
		if len(ids) == 1 {
			r.effect.instanceID = id
		}
		found = append(found, i)
	}
	return found
}

// requestTags reads Tag.N.Key and Tag.N.Value.
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

// newTags reads the tags that a call sets, and checks them.
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

// tagResources sets tags on instances; tags that are there already get the new value.
func tagResources(s *Server, r *request) result {
	tags := newTags(r)
	instances := s.changeTags(r)
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

// withTags returns tags with more of them.
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
	for _, i := range s.changeTags(r) {
		maps.DeleteFunc(i.Tags, func(key, _ string) bool {
			return len(keys) == 0 && !reservedTag(key) || slices.Contains(keys, key)
		})
	}
	return nil
}

// listTagResources lists tags in pages of 200 rows.
func listTagResources(s *Server, r *request) result {
	checkTagScope(r)
	wanted := requestTags(r)
	var instances []*Instance
	if ids := r.values("ResourceId"); len(ids) > 0 {
		instances = s.taggedByID(r, ids)
	} else if r.get("ResourceType") == resourceTypeInstance {
		instances = s.account.instances(r.now, func(i *Instance) bool { return s.account.visible(i, r.caller.accountID, r.region, r.now) })
	}
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
