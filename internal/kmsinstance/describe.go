package kmsinstance

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Instance is what the functions return of an instance: every output of the resource that the cloud knows.
type Instance struct {
	InstanceID         string            `pulumi:"instanceId"`
	InstanceName       *string           `pulumi:"instanceName,optional"`
	Status             string            `pulumi:"status"`
	PaymentType        *PaymentType      `pulumi:"paymentType,optional"`
	ProductVersion     *string           `pulumi:"productVersion,optional"`
	VpcID              *string           `pulumi:"vpcId,optional"`
	ZoneIDs            []string          `pulumi:"zoneIds"`
	VswitchIDs         []string          `pulumi:"vswitchIds"`
	Spec               *int              `pulumi:"spec,optional"`
	KeyNum             *int              `pulumi:"keyNum,optional"`
	SecretNum          *int              `pulumi:"secretNum,optional"`
	VpcNum             *int              `pulumi:"vpcNum,optional"`
	Log                *string           `pulumi:"log,optional"`
	LogStorage         *int              `pulumi:"logStorage,optional"`
	BindVpcs           []BindVpc         `pulumi:"bindVpcs"`
	DeletionProtection *bool             `pulumi:"deletionProtection,optional"`
	Tags               map[string]string `pulumi:"tags"`
	Endpoint           string            `pulumi:"endpoint"`
	RenewalSetting
	Facts
}

// Annotate describes the fields from the tables.
func (i *Instance) Annotate(a infer.Annotator) {
	a.Describe(&i, "A KMS instance as it is in the cloud.")
	DescribeInstance(a, i)
}

// DescribeInstance describes the fields of an instance from the tables.
func DescribeInstance(a infer.Annotator, i *Instance) { describeFields(a, i, outputDoc) }

// Quota is how much of a kind of thing an instance may hold, and holds.
type Quota struct {
	ResourceType string `pulumi:"resourceType"`
	Quota        int    `pulumi:"quota"`
	Used         int    `pulumi:"used"`
}

// Annotate describes the fields.
func (q *Quota) Annotate(a infer.Annotator) {
	a.Describe(&q, "How much of a kind of thing a KMS instance may hold, and holds.")
	a.Describe(&q.ResourceType, "`key`, `secret`, `vpc` (other VPCs and accounts that reach the instance) or another word of Alibaba Cloud's.")
	a.Describe(&q.Quota, "How many there may be.")
	a.Describe(&q.Used, "How many there are.")
}

// CheckID tells an id of an instance from anything else.
func CheckID(id string) error {
	if !cloud.IsInstanceID(id) {
		return fmt.Errorf("%q is not the id of a KMS instance: such an id starts with \"kst-\"", id)
	}
	return nil
}

// Reader reads instances for a function.
type Reader struct {
	client   *cloud.Client
	progress *progress
}

// NewReader returns a reader that warns once of a permission that is missing, however many instances it reads.
func NewReader(ctx context.Context, client *cloud.Client) *Reader {
	r := &Reader{client: client, progress: newProgress(ctx, "")}
	r.progress.many = true
	return r
}

// Describe reads an instance with its tags, its renewal setting and its ARN. An instance that does not exist is an error
// that cloud.IsGone knows. Of one that does not fit, it reads no more than that takes, and returns nil: a permission that is missing for
// it must not fail the search for another.
func (r *Reader) Describe(ctx context.Context, id string, fits func(cloud.Instance) bool) (*Instance, error) {
	client := r.client
	found, err := client.GetInstance(ctx, id)
	if cloud.IsGone(err) {
		return nil, notFoundError{id, client.Region()}
	}
	if err == nil && !fits(*found) {
		return nil, nil //nolint:nilnil // neither an instance that fits nor an error
	}
	var read settings
	if err == nil {
		read, err = readSettings(ctx, client, *found, reading{renewal: true, tags: true}, r.progress)
	}
	if err != nil {
		return nil, fmt.Errorf("reading KMS instance %s: %w", id, err)
	}
	var s State
	s.see(*found, Args{})
	s.seeRenewal(read.renewal, Args{})
	i := &Instance{
		InstanceID: id, Status: found.Status, InstanceName: s.InstanceName, PaymentType: s.PaymentType,
		ProductVersion: (*string)(s.ProductVersion), VpcID: s.VpcID, ZoneIDs: s.ZoneIDs, VswitchIDs: s.VswitchIDs,
		Spec: s.Spec, KeyNum: s.KeyNum, SecretNum: s.SecretNum, VpcNum: s.VpcNum, Log: (*string)(s.Log), LogStorage: s.LogStorage,
		BindVpcs: s.BindVpcs, DeletionProtection: s.DeletionProtection, Tags: withoutKeys(read.tags, isReservedTag), Endpoint: *s.Endpoint,
		RenewalSetting: s.RenewalSetting, Facts: s.Facts,
	}
	setText(&i.Arn, findArn(ctx, client, id))
	return i, nil
}

// Quotas returns the quotas of an instance, without any and with a warning if they cannot be read.
func (r *Reader) Quotas(ctx context.Context, i *Instance) []Quota {
	list := []Quota{}
	if i.Status != cloud.StatusConnected {
		return list
	}
	quotas, err := quotasOf(ctx, r.client, i.InstanceID)
	if err != nil {
		r.progress.warning("%s: the quotas could not be read: %v", i.InstanceID, err)
	}
	for _, q := range quotas {
		list = append(list, Quota(q))
	}
	return list
}
