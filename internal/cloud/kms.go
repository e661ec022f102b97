package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Status values of a KMS instance as GetKmsInstance returns them.
const (
	StatusUninitialized = "Uninitialized"
	StatusConnecting    = "Connecting"
	StatusConnected     = "Connected"
	StatusDisconnected  = "Disconnected"
	StatusError         = "Error"
)

// Instance is what GetKmsInstance says of an instance. What is empty or nil was not reported.
type Instance struct {
	ID                    string            `mapstructure:"-"`
	Name                  string            `mapstructure:"InstanceName"`
	PaymentType           PaymentType       `mapstructure:"-"`
	Sizes                 map[string]string `mapstructure:"-"` // by order code, such as "KeyNum": "2000"
	Status                string
	ProductType           string
	SaleStatus            string
	VpcID                 string
	VswitchIDs            []string
	ZoneIDs               []string
	BindVpcs              []BindVpc
	DeletionProtection    *bool
	CreateTime            string
	StartDate             string
	EndDate               string
	CACertificateChainPEM string
}

// BindVpc is one further VPC from which an instance can be reached.
type BindVpc struct {
	VpcID      string      `json:"VpcId"`
	VswitchID  string      `json:"VSwitchId"`
	RegionID   string      `json:"RegionId,omitempty"`
	VpcOwnerID json.Number `json:"VpcOwnerId,omitempty"` // a number for the API, and too large a one for a float; Check has read it
}

// GetInstance reads an instance. The error matches ErrGone only if KMS explicitly says that there is no such
// instance: with an empty InstanceId in a successful answer, or with the code Forbidden.DKMSInstanceNotFound. An HTTP
// status alone never means that, because a deleted access key and a wrong host answer 404 too; nor does an answer that
// lacks the field.
func (c *Client) GetInstance(ctx context.Context, id string) (*Instance, error) {
	if id == "" {
		return nil, errors.New("an instance id is expected") // KMS would answer as if an instance were gone
	}
	// The SDK's own type loses DeletionProtection and fails on the older form of ZoneIds and VswitchIds.
	var body struct {
		KmsInstance *struct {
			Instance `mapstructure:",squash"`

			InstanceID                                  *string `must:"InstanceId"`
			ChargeType, ProductVersion, Log             string
			Spec, KeyNum, SecretNum, VpcNum, LogStorage *int
		} `must:"KmsInstance"`
	}
	err := c.do(ctx, call{
		action: "GetKmsInstance", parameters: map[string]string{"KmsInstanceId": id}, result: &body,
		check: func() error {
			switch of := *body.KmsInstance.InstanceID; of {
			case "":
				return ErrGone
			case id:
				return nil
			default:
				return fmt.Errorf("it is about %s instead of %s", oneLine(of), id)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	b := body.KmsInstance
	instance := b.Instance
	instance.ID, instance.Sizes = id, map[string]string{"ProductVersion": b.ProductVersion, "Log": b.Log}
	maps.DeleteFunc(instance.Sizes, func(_, value string) bool { return value == "" })
	for code, n := range map[string]*int{"Spec": b.Spec, "KeyNum": b.KeyNum, "SecretNum": b.SecretNum, "VpcNum": b.VpcNum, "LogStorage": b.LogStorage} {
		if n != nil {
			instance.Sizes[code] = strconv.Itoa(*n)
		}
	}
	instance.PaymentType = map[string]PaymentType{"PREPAY": Subscription, "POSTPAY": PayAsYouGo}[strings.ToUpper(b.ChargeType)]
	c.learnSiteFrom(instance.ProductType)
	return &instance, nil
}

// InstanceRef is one row of ListKmsInstances.
type InstanceRef struct {
	ID  string `mapstructure:"KmsInstanceId" must:"KmsInstanceId"`
	ARN string `mapstructure:"KmsInstanceArn"`
}

// listPageSize is the largest page that ListKmsInstances gives.
const listPageSize = 100

// ListInstances returns all instances of the region, all pages of them.
func (c *Client) ListInstances(ctx context.Context) ([]InstanceRef, error) {
	return pages("ListKmsInstances", func(page int) ([]InstanceRef, int, error) {
		var body struct {
			KmsInstances *struct{ KmsInstance []InstanceRef }
			TotalCount   *int `must:"TotalCount"`
		}
		err := c.do(ctx, call{
			action:     "ListKmsInstances",
			parameters: map[string]int{"PageNumber": page, "PageSize": listPageSize},
			result:     &body,
			check: func() error {
				if body.KmsInstances == nil && *body.TotalCount > 0 {
					return errors.New("KmsInstances is missing")
				}
				return nil
			},
		})
		if err != nil || body.KmsInstances == nil {
			return nil, 0, err
		}
		return body.KmsInstances.KmsInstance, *body.TotalCount, nil
	}, func(ref InstanceRef) string { return ref.ID })
}

// pages reads all pages of a list, counted from 1. A row that shows twice, because the list grew meanwhile, is returned once. A
// page without anything new is an error: such a list has no end.
func pages[T any](action string, page func(int) (rows []T, total int, err error), name func(T) string) ([]T, error) {
	var list []T
	seen := map[string]bool{}
	for n, listed := 1, 0; ; n++ {
		rows, total, err := page(n)
		if err != nil {
			return nil, err
		}
		before := len(list)
		for _, row := range rows {
			if id := name(row); !seen[id] {
				seen[id] = true
				list = append(list, row)
			}
		}
		listed += len(rows)
		switch {
		case len(rows) == 0 || listed >= total:
			return list, nil
		case len(list) == before:
			return nil, errRepeats(action)
		}
	}
}

func errRepeats(action string) error {
	return &Error{Action: action, Code: CodeMalformedAnswer, Message: "the pages of the list repeat"}
}

// Quota is how much an instance may hold of a kind of thing, and holds.
type Quota struct {
	ResourceType string // "key", "secret", "vpc", "qps"
	Quota        int
	Used         int
}

// GetQuotas returns how many keys, secrets and VPCs an instance may have, and has. KMS refuses it until the instance is connected.
func (c *Client) GetQuotas(ctx context.Context, id string) ([]Quota, error) {
	var body struct {
		KmsInstanceQuotaInfos []struct {
			ResourceType  string
			ResourceQuota *int `must:"ResourceQuota"`
			UsedQuantity  *int `must:"UsedQuantity"`
		}
	}
	err := c.do(ctx, call{action: "GetKmsInstanceQuotaInfos", parameters: map[string]string{"KmsInstanceId": id}, result: &body})
	if err != nil {
		return nil, err
	}
	var quotas []Quota
	for _, row := range body.KmsInstanceQuotaInfos {
		quotas = append(quotas, Quota{row.ResourceType, *row.ResourceQuota, *row.UsedQuantity})
	}
	return quotas, nil
}

// ConnectInstance puts an Uninitialized instance into its VPC. It is not repeated after a try that may have taken
// effect (see MayHaveTakenEffect), because KMS then answers that the instance is not Uninitialized: read the instance
// and see.
func (c *Client) ConnectInstance(ctx context.Context, id, vpcID string, zoneIDs, vswitchIDs []string) error {
	return c.do(ctx, call{action: "ConnectKmsInstance", parameters: map[string]string{
		"KmsInstanceId": id,
		"VpcId":         vpcID,
		"ZoneIds":       strings.Join(zoneIDs, ","),
		"VSwitchIds":    strings.Join(vswitchIDs, ","),
		"KMProvider":    "Aliyun",
	}})
}

// SetBindVpcs replaces the further VPCs from which an instance can be reached; an empty list removes all.
func (c *Client) SetBindVpcs(ctx context.Context, id string, vpcs []BindVpc) error {
	encoded, err := json.Marshal(append([]BindVpc{}, vpcs...)) // an empty list is [], not null
	if err != nil {
		return err
	}
	return c.do(ctx, call{action: "UpdateKmsInstanceBindVpc", parameters: map[string]string{"KmsInstanceId": id, "BindVpcs": string(encoded)}})
}

// RenameInstance sets the name of an instance.
func (c *Client) RenameInstance(ctx context.Context, id, name string) error {
	return c.do(ctx, call{action: "UpdateKmsInstance", parameters: map[string]string{"KmsInstanceId": id, "InstanceName": name}})
}

// SetDeletionProtection switches the deletion protection of an instance.
func (c *Client) SetDeletionProtection(ctx context.Context, id string, on bool) error {
	return c.do(ctx, call{action: "SetDeletionProtection", parameters: map[string]any{"KmsInstanceId": id, "EnableDeletionProtection": on}})
}

// ReleaseInstance releases a PayAsYouGo instance with all its keys and secrets. Without forceWithoutBackup, KMS refuses
// if a software instance has no backup. Like ConnectInstance it is not repeated after a try that may have taken effect.
func (c *Client) ReleaseInstance(ctx context.Context, id string, forceWithoutBackup bool) error {
	return c.do(ctx, call{action: "ReleaseKmsInstance", parameters: map[string]any{
		"KmsInstanceId": id, "ForceDeleteWithoutBackup": forceWithoutBackup,
	}})
}

// tagCall is a call about the tags of an instance.
func (c *Client) tagCall(action, id, parameter string, value any) call {
	return call{action: action, parameters: map[string]any{
		"RegionId": c.options.Region, "ResourceType": "instance", "ResourceId": []string{id}, parameter: value,
	}}
}

// ListTags returns all tags of an instance, those of the platform included. It is refused with CodeUninitialized until
// the instance is connected.
func (c *Client) ListTags(ctx context.Context, id string) (map[string]string, error) {
	var body struct {
		TagResources *struct {
			TagResource []struct{ ResourceID, TagKey, TagValue string }
		} `must:"TagResources"`
		NextToken *string
	}
	tags, seen := map[string]string{}, map[string]bool{}
	for {
		request := c.tagCall("ListTagResources", id, "NextToken", body.NextToken)
		request.result = &body
		if err := c.do(ctx, request); err != nil {
			return nil, err
		}
		for _, row := range body.TagResources.TagResource {
			if row.ResourceID == "" || row.ResourceID == id {
				tags[row.TagKey] = row.TagValue
			}
		}
		switch next := body.NextToken; {
		case next == nil || *next == "":
			return tags, nil
		case seen[*next]:
			return nil, errRepeats("ListTagResources")
		default:
			seen[*next] = true
		}
	}
}

// TagInstance adds at most 20 tags to an instance, or changes their values. Other tags stay.
func (c *Client) TagInstance(ctx context.Context, id string, tags map[string]string) error {
	return c.do(ctx, c.tagCall("TagResources", id, "Tag", pairs("Key", tags)))
}

// tagsPerCall is how many tags TagResources and UntagResources take at once.
const tagsPerCall = 20

// UntagInstance removes tags from an instance. Keys that it does not have are no error.
func (c *Client) UntagInstance(ctx context.Context, id string, keys []string) error {
	for some := range slices.Chunk(slices.Sorted(slices.Values(keys)), tagsPerCall) {
		if err := c.do(ctx, c.tagCall("UntagResources", id, "TagKey", some)); err != nil {
			return err
		}
	}
	return nil
}
