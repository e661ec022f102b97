package emulator

import (
	"encoding/base64"
	"maps"
	"net/http"
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

// reservedTag says whether a key belongs to the platform: it can be neither set nor removed by callers.
func reservedTag(key string) bool {
	lower := strings.ToLower(key)
	return strings.HasPrefix(lower, "aliyun") || strings.HasPrefix(lower, "acs:")
}

func invalidTagKey(key string) *apiError {
	return fail(http.StatusBadRequest, "InvalidParameter.TagKey", "The specified tag key %q is not valid.", key)
}

// tagged returns the instances whose tags a call wants to change.
func (s *Server) tagged(r *request) ([]*Instance, *apiError) {
	if refused := s.checkTagScope(r); refused != nil {
		return nil, refused
	}
	instances, refused := s.taggedByID(r, r.values("ResourceId"))
	if refused != nil {
		return nil, refused
	}
	for _, i := range instances {
		if i.leaving() {
			return nil, instanceNotFound()
		}
		if r.now.Before(i.ReadyAt) {
			return nil, stateInvalid()
		}
	}
	return instances, nil
}

func (s *Server) checkTagScope(r *request) *apiError {
	if r.get("RegionId") != r.region {
		return invalidParameter("RegionId %s is not the region of this endpoint, %s.", r.get("RegionId"), r.region)
	}
	switch r.get("ResourceType") {
	case resourceTypeInstance:
		return nil
	case "key", "secret":
		if len(r.values("ResourceId")) == 0 {
			return nil
		}
		return fail(http.StatusNotFound, "InvalidResourceId.NotFound", "The specified resource is not found.")
	}
	return invalidParameter("ResourceType must be instance, key or secret.")
}

func (s *Server) taggedByID(r *request, ids []string) ([]*Instance, *apiError) {
	if len(ids) > maxResourcesPerCall {
		return nil, invalidParameter("At most %d resources can be given.", maxResourcesPerCall)
	}
	var found []*Instance
	for _, id := range ids {
		i := s.account.find(id, r.caller.accountID, r.region, r.now)
		switch {
		case i == nil:
			return nil, instanceNotFound()
		case i.Status == StatusUninitialized || i.Status == StatusConnecting:
			return nil, notConnectedYet()
		}
		if len(ids) == 1 {
			r.effect.instanceID = id
		}
		found = append(found, i)
	}
	return found, nil
}

// requestTags reads Tag.N.Key and Tag.N.Value in order.
func requestTags(r *request) (keys, values []string, refused *apiError) {
	keyAt, valueAt := r.list("Tag", "Key"), r.list("Tag", "Value")
	for n := range valueAt {
		if _, ok := keyAt[n]; !ok {
			return nil, nil, missing("Tag." + strconv.Itoa(n) + ".Key")
		}
	}
	for _, n := range slices.Sorted(maps.Keys(keyAt)) {
		if slices.Contains(keys, keyAt[n]) {
			return nil, nil, fail(http.StatusBadRequest, "Duplicate.TagKey", "The tag key %q is given twice.", keyAt[n])
		}
		keys, values = append(keys, keyAt[n]), append(values, valueAt[n])
	}
	return keys, values, nil
}

// newTags reads the tags that a call sets, and checks them.
func newTags(r *request) (keys, values []string, refused *apiError) {
	if keys, values, refused = requestTags(r); refused != nil {
		return nil, nil, refused
	}
	if len(keys) > maxTagsPerCall {
		return nil, nil, invalidParameter("At most %d tags can be given.", maxTagsPerCall)
	}
	for n, key := range keys {
		if key == "" || utf8.RuneCountInString(key) > maxTagLength || !tagText.MatchString(key) || reservedTag(key) {
			return nil, nil, invalidTagKey(key)
		}
		if utf8.RuneCountInString(values[n]) > maxTagLength || !tagText.MatchString(values[n]) {
			return nil, nil, fail(http.StatusBadRequest, "InvalidParameter.TagValue", "The specified tag value of key %q is not valid.", key)
		}
	}
	return keys, values, nil
}

// tagResources sets tags on instances; tags that are there already get the new value.
func tagResources(s *Server, r *request) (map[string]any, *apiError) {
	keys, values, refused := newTags(r)
	if refused != nil {
		return nil, refused
	}
	instances, refused := s.tagged(r)
	if refused != nil {
		return nil, refused
	}
	for _, i := range instances {
		if count := countTags(i, keys); count > maxTagsPerInstance {
			return nil, fail(http.StatusBadRequest, "Rejected.LimitExceeded",
				"The instance %s would have %d tags; at most %d are allowed.", i.ID, count, maxTagsPerInstance)
		}
	}
	for _, i := range instances {
		setTags(&i.Tags, keys, values)
	}
	r.effect.kind = EffectTagged
	return nil, nil
}

func setTags(tags *map[string]string, keys, values []string) {
	if *tags == nil {
		*tags = map[string]string{}
	}
	for n, key := range keys {
		(*tags)[key] = values[n]
	}
}

// countTags counts the callers' tags that an instance would have with further keys.
func countTags(i *Instance, more []string) int {
	all := map[string]bool{}
	for key := range i.Tags {
		if !reservedTag(key) {
			all[key] = true
		}
	}
	for _, key := range more {
		all[key] = true
	}
	return len(all)
}

// untagResources removes tags; one that is not there is no error.
func untagResources(s *Server, r *request) (map[string]any, *apiError) {
	keys := r.values("TagKey")
	all, refused := r.boolean("All")
	if refused != nil {
		return nil, refused
	}
	if len(keys) == 0 && !all {
		return nil, missing("TagKey")
	}
	if len(keys) > maxTagsPerCall {
		return nil, invalidParameter("At most %d tag keys can be given.", maxTagsPerCall)
	}
	if n := slices.IndexFunc(keys, reservedTag); n >= 0 {
		return nil, invalidTagKey(keys[n])
	}
	instances, refused := s.tagged(r)
	if refused != nil {
		return nil, refused
	}
	for _, i := range instances {
		maps.DeleteFunc(i.Tags, func(key, _ string) bool {
			return len(keys) == 0 && !reservedTag(key) || slices.Contains(keys, key)
		})
	}
	r.effect.kind = EffectUntagged
	return nil, nil
}

type tagRow struct{ id, key, value string }

// listTagResources lists tags in pages of 200 rows.
func listTagResources(s *Server, r *request) (map[string]any, *apiError) {
	if refused := s.checkTagScope(r); refused != nil {
		return nil, refused
	}
	wantedKeys, wantedValues, refused := requestTags(r)
	if refused != nil {
		return nil, refused
	}
	var instances []*Instance
	if ids := r.values("ResourceId"); len(ids) > 0 {
		if instances, refused = s.taggedByID(r, ids); refused != nil {
			return nil, refused
		}
	} else if r.get("ResourceType") == resourceTypeInstance {
		instances = s.account.visible(r.caller.accountID, r.region, r.now)
	}
	var rows []tagRow
	for _, i := range instances {
		if !hasTags(i.Tags, wantedKeys, wantedValues) {
			continue
		}
		for key, value := range i.Tags {
			rows = append(rows, tagRow{i.ID, key, value})
		}
	}
	slices.SortFunc(rows, func(a, b tagRow) int { return strings.Compare(a.id+"\n"+a.key, b.id+"\n"+b.key) })

	from := 0
	if token := r.get("NextToken"); token != "" {
		if from, refused = parseNextToken(token, len(rows)); refused != nil {
			return nil, refused
		}
	}
	next, to := "", min(from+tagPageSize, len(rows))
	if to < len(rows) {
		next = base64.URLEncoding.EncodeToString([]byte("tags:" + strconv.Itoa(to)))
	}
	shown := []map[string]any{}
	for _, row := range rows[from:to] {
		shown = append(shown, map[string]any{
			"ResourceId": row.id, "ResourceType": resourceTypeInstance, "TagKey": row.key, "TagValue": row.value,
		})
	}
	return map[string]any{"TagResources": map[string]any{"TagResource": shown}, "NextToken": next}, nil
}

func parseNextToken(token string, rows int) (int, *apiError) {
	plain, err := base64.URLEncoding.DecodeString(token)
	if err == nil {
		if text, ok := strings.CutPrefix(string(plain), "tags:"); ok {
			if from, err := strconv.Atoi(text); err == nil && from >= 0 {
				return min(from, rows), nil
			}
		}
	}
	return 0, invalidParameter("NextToken is not one that was given out.")
}

// hasTags says whether all the wanted tags are there; a wanted value of "" matches any.
func hasTags(tags map[string]string, keys, values []string) bool {
	for n, key := range keys {
		value, ok := tags[key]
		if !ok || values[n] != "" && values[n] != value {
			return false
		}
	}
	return true
}
