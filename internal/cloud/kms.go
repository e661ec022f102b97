package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	kmssdk "github.com/alibabacloud-go/kms-20160120/v3/client"
	"github.com/alibabacloud-go/tea/dara"
)

const (
	actionGet     = "GetKmsInstance"
	actionList    = "ListKmsInstances"
	actionConnect = "ConnectKmsInstance"
	actionRelease = "ReleaseKmsInstance"
	actionBind    = "UpdateKmsInstanceBindVpc"
)

// kms calls KMS with the parameters of a request of the SDK, or with a map for what the SDK does not know.
func (c *Client) kms(ctx context.Context, action string, kind kind, request any, decode func(answer) error) error {
	return c.do(ctx, call{
		service: kms,
		action:  action,
		kind:    kind,
		query:   func(Site) map[string]*string { return openapiutil.Query(request) },
		decode:  decode,
	})
}

// GetInstance reads an instance. The error matches ErrGone only if KMS says in so many words that there is no such
// instance: with an empty InstanceId in a successful answer, or with the code Forbidden.DKMSInstanceNotFound. An HTTP
// status alone never means that, because a deleted access key and a wrong host answer 404 too; nor does an answer that
// lacks the field.
func (c *Client) GetInstance(ctx context.Context, id string) (*Instance, error) {
	if id == "" {
		return nil, errors.New("an instance id is expected") // KMS would answer as if an instance were gone
	}
	var instance *Instance
	err := c.kms(ctx, actionGet, read, &kmssdk.GetKmsInstanceRequest{KmsInstanceId: &id}, func(a answer) (err error) {
		instance, err = decodeInstance(a, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.ObserveProductType(instance.ProductType)
	return instance, nil
}

// Filter narrows ListInstances, e.g. to {"InstanceName", ["prod"]}.
type Filter struct {
	Key    string
	Values []string
}

// listPageSize is the largest page that ListKmsInstances gives.
const listPageSize = 100

// ListInstances returns all instances of the region that match the filters, all pages of them.
func (c *Client) ListInstances(ctx context.Context, filters []Filter) ([]InstanceRef, error) {
	request := kmssdk.ListKmsInstancesRequest{PageSize: dara.Int32(listPageSize)}
	if len(filters) > 0 {
		encoded, err := json.Marshal(filters)
		if err != nil {
			return nil, err
		}
		request.Filters = dara.String(string(encoded))
	}
	return pages(actionList, func(page int) (rows []InstanceRef, total int, err error) {
		request.PageNumber = dara.Int32(int32(page)) //nolint:gosec // a list has fewer pages
		err = c.kms(ctx, actionList, read, &request, func(a answer) (err error) {
			rows, total, err = decodeInstanceList(a)
			return err
		})
		return rows, total, err
	}, func(ref InstanceRef) string { return ref.ID })
}

func decodeInstanceList(a answer) (rows []InstanceRef, total int, err error) {
	var body struct {
		KmsInstances *struct {
			KmsInstance []struct {
				KmsInstanceID  text `json:"KmsInstanceId"`
				KmsInstanceArn text
			}
		}
		TotalCount integer
	}
	if err := a.into(&body); err != nil {
		return nil, 0, err
	}
	if body.TotalCount.value == nil {
		return nil, 0, missing("TotalCount")
	}
	total = *body.TotalCount.value
	if body.KmsInstances == nil {
		if total > 0 {
			return nil, 0, missing("KmsInstances")
		}
		return nil, 0, nil
	}
	for _, row := range body.KmsInstances.KmsInstance {
		if row.KmsInstanceID == "" {
			return nil, 0, missing("KmsInstanceId")
		}
		rows = append(rows, InstanceRef{ID: string(row.KmsInstanceID), ARN: string(row.KmsInstanceArn)})
	}
	return rows, total, nil
}

// ConnectInstance puts an Uninitialized instance into its VPC. It is not repeated after a try that may have taken
// effect (see MayHaveTakenEffect), because KMS then answers that the instance is not Uninitialized: read the instance
// and see.
func (c *Client) ConnectInstance(ctx context.Context, r ConnectRequest) error {
	return c.kms(ctx, actionConnect, once, &kmssdk.ConnectKmsInstanceRequest{
		KmsInstanceId: &r.InstanceID,
		VpcId:         &r.VpcID,
		ZoneIds:       dara.String(strings.Join(r.ZoneIDs, ",")),
		VSwitchIds:    dara.String(strings.Join(r.VswitchIDs, ",")),
		KMProvider:    dara.String("Aliyun"),
	}, nothing)
}

// SetBindVpcs replaces the further VPCs from which an instance can be reached; an empty list removes all.
func (c *Client) SetBindVpcs(ctx context.Context, id string, vpcs []BindVpc) error {
	encoded, err := encodeBindVpcs(vpcs)
	if err != nil {
		return err
	}
	return c.kms(ctx, actionBind, level, &kmssdk.UpdateKmsInstanceBindVpcRequest{
		KmsInstanceId: &id,
		BindVpcs:      &encoded,
	}, nothing)
}

// encodeBindVpcs writes the list as the API wants it: the owner is a number there, and too large a one for a float.
func encodeBindVpcs(vpcs []BindVpc) (string, error) {
	type row struct {
		VpcID      string      `json:"VpcId"`
		VSwitchID  string      `json:"VSwitchId"`
		RegionID   string      `json:"RegionId,omitempty"`
		VpcOwnerID json.Number `json:"VpcOwnerId,omitempty"`
	}
	rows := make([]row, 0, len(vpcs))
	for _, v := range vpcs {
		if v.VpcOwnerID != "" {
			if _, err := strconv.ParseUint(v.VpcOwnerID, 10, 64); err != nil || strings.HasPrefix(v.VpcOwnerID, "0") {
				return "", fmt.Errorf("the owner of %s is %q; an account id, which is a number, is expected", v.VpcID, v.VpcOwnerID)
			}
		}
		rows = append(rows, row{v.VpcID, v.VswitchID, v.RegionID, json.Number(v.VpcOwnerID)})
	}
	encoded, err := json.Marshal(rows)
	return string(encoded), err
}

// RenameInstance sets the name of an instance. The SDK does not know the operation.
func (c *Client) RenameInstance(ctx context.Context, id, name string) error {
	return c.kms(ctx, "UpdateKmsInstance", level, map[string]string{"KmsInstanceId": id, "InstanceName": name}, nothing)
}

// SetDeletionProtection switches the deletion protection of an instance. The SDK knows the operation for keys only.
func (c *Client) SetDeletionProtection(ctx context.Context, id string, on bool) error {
	return c.kms(ctx, "SetDeletionProtection", level, map[string]string{
		"KmsInstanceId":            id,
		"EnableDeletionProtection": strconv.FormatBool(on),
	}, nothing)
}

// ReleaseInstance releases a PayAsYouGo instance with all its keys and secrets. Without forceWithoutBackup, KMS refuses
// if a software instance has no backup. Like ConnectInstance it is not repeated after a try that may have taken effect.
func (c *Client) ReleaseInstance(ctx context.Context, id string, forceWithoutBackup bool) error {
	return c.kms(ctx, actionRelease, once, &kmssdk.ReleaseKmsInstanceRequest{
		KmsInstanceId:            &id,
		ForceDeleteWithoutBackup: dara.String(strconv.FormatBool(forceWithoutBackup)),
	}, nothing)
}

// GetQuotas returns how many keys, secrets and VPCs an instance may have, and has. KMS refuses it until the instance is connected.
func (c *Client) GetQuotas(ctx context.Context, id string) ([]Quota, error) {
	var quotas []Quota
	err := c.kms(ctx, "GetKmsInstanceQuotaInfos", read, map[string]string{"KmsInstanceId": id}, func(a answer) error {
		var body struct {
			KmsInstanceQuotaInfos []struct {
				ResourceType                text
				ResourceQuota, UsedQuantity integer
			}
		}
		if err := a.into(&body); err != nil {
			return err
		}
		quotas = nil
		for _, row := range body.KmsInstanceQuotaInfos {
			if row.ResourceQuota.value == nil || row.UsedQuantity.value == nil {
				return missing("ResourceQuota or UsedQuantity")
			}
			quotas = append(quotas, Quota{string(row.ResourceType), *row.ResourceQuota.value, *row.UsedQuantity.value})
		}
		return nil
	})
	return quotas, err
}

// decodeInstance reads the answer of GetKmsInstance. The SDK's own type loses DeletionProtection and fails on the older
// form of ZoneIds and VswitchIds.
func decodeInstance(a answer, id string) (*Instance, error) {
	var body struct {
		KmsInstance *struct {
			InstanceID            *text `json:"InstanceId"`
			InstanceName          text
			Status                text
			ChargeType            text
			ProductVersion        text
			ProductType           text
			SaleStatus            text
			Spec                  integer
			KeyNum                integer
			SecretNum             integer
			VpcNum                integer
			Log                   *text
			LogStorage            integer
			VpcID                 text `json:"VpcId"`
			VswitchIds            texts
			ZoneIds               texts
			BindVpcs              bindVpcs
			DeletionProtection    *boolean
			CreateTime            text
			StartDate             text
			EndDate               text
			CaCertificateChainPem text
		}
	}
	if err := a.into(&body); err != nil {
		return nil, err
	}
	b := body.KmsInstance
	switch {
	case b == nil:
		return nil, missing("KmsInstance")
	case b.InstanceID == nil:
		return nil, missing("KmsInstance.InstanceId")
	case *b.InstanceID == "":
		return nil, ErrGone
	case string(*b.InstanceID) != id:
		return nil, fmt.Errorf("it is about %s instead of %s", oneLine(string(*b.InstanceID)), id)
	}
	return &Instance{
		ID:          id,
		Name:        string(b.InstanceName),
		Status:      string(b.Status),
		PaymentType: paymentType(string(b.ChargeType)),
		ProductType: string(b.ProductType),
		SaleStatus:  string(b.SaleStatus),
		Sizes: sizes(string(b.ProductVersion), logSwitch(b.Log), map[string]integer{
			"Spec": b.Spec, "KeyNum": b.KeyNum, "SecretNum": b.SecretNum, "VpcNum": b.VpcNum, "LogStorage": b.LogStorage,
		}),
		VpcID:                 string(b.VpcID),
		VswitchIDs:            b.VswitchIds,
		ZoneIDs:               b.ZoneIds,
		BindVpcs:              b.BindVpcs,
		DeletionProtection:    (*bool)(b.DeletionProtection),
		CreateTime:            string(b.CreateTime),
		StartDate:             string(b.StartDate),
		EndDate:               string(b.EndDate),
		CACertificateChainPEM: string(b.CaCertificateChainPem),
	}, nil
}

// sizes are the sizes that an answer reports, by order code.
func sizes(version, log string, numbers map[string]integer) map[string]string {
	m := map[string]string{}
	if version != "" {
		m["ProductVersion"] = version
	}
	if log != "" {
		m["Log"] = log
	}
	for code, n := range numbers {
		if n.value != nil {
			m[code] = strconv.Itoa(*n.value)
		}
	}
	return m
}

func paymentType(chargeType string) PaymentType {
	switch strings.ToUpper(chargeType) {
	case "PREPAY", "PREPAID", "SUBSCRIPTION":
		return Subscription
	case "POSTPAY", "POSTPAID", "PAYASYOUGO":
		return PayAsYouGo
	}
	return ""
}

// logSwitch is "0" or "1" in whatever form KMS says so, "" if it does not.
func logSwitch(t *text) string {
	switch {
	case t == nil:
		return ""
	case strings.EqualFold(string(*t), "true"):
		return "1"
	case strings.EqualFold(string(*t), "false"):
		return "0"
	}
	return string(*t)
}

// bindVpcs is {"BindVpc": [...]}, the bare list, or an empty string.
type bindVpcs []BindVpc

func (b *bindVpcs) UnmarshalJSON(data []byte) error {
	type row struct {
		VpcID      text `json:"VpcId"`
		VSwitchID  text `json:"VSwitchId"`
		RegionID   text `json:"RegionId"`
		VpcOwnerID text `json:"VpcOwnerId"`
	}
	var rows []row
	if isObject(data) {
		var wrapped struct{ BindVpc []row }
		if err := json.Unmarshal(data, &wrapped); err != nil {
			return err
		}
		rows = wrapped.BindVpc
	} else if strings.TrimSpace(string(data)) != `""` {
		if err := json.Unmarshal(data, &rows); err != nil {
			return err
		}
	}
	for _, r := range rows {
		*b = append(*b, BindVpc{
			VpcID:      string(r.VpcID),
			VswitchID:  string(r.VSwitchID),
			RegionID:   string(r.RegionID),
			VpcOwnerID: string(r.VpcOwnerID),
		})
	}
	return nil
}
