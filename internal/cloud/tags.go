package cloud

import (
	"context"
	"maps"
	"slices"

	kmssdk "github.com/alibabacloud-go/kms-20160120/v3/client"
	"github.com/alibabacloud-go/tea/dara"
)

const (
	actionListTags  = "ListTagResources"
	tagResourceType = "instance"
	// tagsPerCall is how many tags TagResources and UntagResources take at once.
	tagsPerCall = 20
)

// ListTags returns all tags of an instance, those of the platform included. It is refused with CodeUninitialized until
// the instance is connected.
func (c *Client) ListTags(ctx context.Context, id string) (map[string]string, error) {
	request := kmssdk.ListTagResourcesRequest{
		RegionId:     &c.region,
		ResourceType: dara.String(tagResourceType),
		ResourceId:   []*string{&id},
	}
	tags := map[string]string{}
	seen := map[string]bool{}
	for {
		var next string
		err := c.kms(ctx, actionListTags, read, &request, func(a answer) error {
			var body struct {
				TagResources *struct {
					TagResource []struct {
						ResourceID text `json:"ResourceId"`
						TagKey     text
						TagValue   text
					}
				}
				NextToken text
			}
			if err := a.into(&body); err != nil {
				return err
			}
			if body.TagResources == nil {
				return missing("TagResources")
			}
			for _, row := range body.TagResources.TagResource {
				if row.ResourceID == "" || string(row.ResourceID) == id {
					tags[string(row.TagKey)] = string(row.TagValue)
				}
			}
			next = string(body.NextToken)
			return nil
		})
		if err != nil {
			return nil, err
		}
		switch {
		case next == "":
			return tags, nil
		case seen[next]:
			return nil, errRepeats(actionListTags)
		}
		seen[next] = true
		request.NextToken = &next
	}
}

// TagInstance adds tags to an instance, or changes their values. Other tags stay.
func (c *Client) TagInstance(ctx context.Context, id string, tags map[string]string) error {
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(tags)), tagsPerCall) {
		request := kmssdk.TagResourcesRequest{
			RegionId:     &c.region,
			ResourceType: dara.String(tagResourceType),
			ResourceId:   []*string{&id},
		}
		for _, key := range keys {
			request.Tag = append(request.Tag, &kmssdk.TagResourcesRequestTag{Key: dara.String(key), Value: dara.String(tags[key])})
		}
		if err := c.kms(ctx, "TagResources", level, &request, nothing); err != nil {
			return err
		}
	}
	return nil
}

// UntagInstance removes tags from an instance. Keys that it does not have are no error.
func (c *Client) UntagInstance(ctx context.Context, id string, keys []string) error {
	for chunk := range slices.Chunk(slices.Sorted(slices.Values(keys)), tagsPerCall) {
		request := kmssdk.UntagResourcesRequest{
			RegionId:     &c.region,
			ResourceType: dara.String(tagResourceType),
			ResourceId:   []*string{&id},
			TagKey:       dara.StringSlice(chunk),
		}
		if err := c.kms(ctx, "UntagResources", level, &request, nothing); err != nil {
			return err
		}
	}
	return nil
}
