package functions

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/sync/errgroup"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
)

// readersAtOnce bounds how many instances are read side by side: KMS allows 50 reads a second to an account and region.
const readersAtOnce = 8

// GetKmsInstances reads all instances of the region that fit.
type GetKmsInstances struct{ connection Connection }

// NewGetKmsInstances returns the function.
func NewGetKmsInstances(c Connection) *GetKmsInstances { return &GetKmsInstances{c} }

// GetKmsInstancesArgs say which instances to return. All that are given must fit.
type GetKmsInstancesArgs struct {
	IDs          *[]string `pulumi:"ids,optional"`
	NameRegex    *string   `pulumi:"nameRegex,optional"`
	InstanceName *string   `pulumi:"instanceName,optional"`
	Status       *string   `pulumi:"status,optional"`
}

// GetKmsInstancesResult holds the instances that fit.
type GetKmsInstancesResult struct {
	IDs       []string               `pulumi:"ids"`
	Instances []kmsinstance.Instance `pulumi:"instances"`
}

// Annotate describes the function.
func (f *GetKmsInstances) Annotate(a infer.Annotator) {
	a.Describe(&f, "Reads all KMS instances of the provider's region that fit, in the order of their ids. No filter means all; none that fits is an "+
		"empty list, not an error.")
	a.SetToken("index", "getKmsInstances")
}

// Annotate describes the filters.
func (g *GetKmsInstancesArgs) Annotate(a infer.Annotator) {
	a.Describe(&g.IDs, "Ids to choose from: left out, all instances; an empty list chooses none. Ids that do not exist are left out of the result.")
	a.Describe(&g.NameRegex, "A regular expression (RE2) that the name must match somewhere. Left out or empty, every name does.")
	a.Describe(&g.InstanceName, "The exact name.")
	a.Describe(&g.Status, "The status, such as `Connected` or `Uninitialized`.")
}

// Annotate describes the result.
func (r *GetKmsInstancesResult) Annotate(a infer.Annotator) {
	a.Describe(&r.IDs, "The ids of the instances.")
	a.Describe(&r.Instances, "The instances, in the same order.")
}

// Invoke lists and reads the instances.
func (f *GetKmsInstances) Invoke(
	ctx context.Context, req infer.FunctionRequest[GetKmsInstancesArgs],
) (infer.FunctionResponse[GetKmsInstancesResult], error) {
	var resp infer.FunctionResponse[GetKmsInstancesResult]
	client, err := f.connection.Client(ctx)
	if err != nil {
		return resp, err
	}
	ids, err := listed(ctx, client, req.Input)
	if err != nil {
		return resp, err
	}
	fits, err := filter(req.Input)
	if err != nil {
		return resp, err
	}
	found, err := readAll(ctx, client, ids, fits)
	if err != nil {
		return resp, err
	}
	resp.Output = GetKmsInstancesResult{IDs: []string{}, Instances: []kmsinstance.Instance{}}
	for _, instance := range found {
		resp.Output.IDs = append(resp.Output.IDs, instance.InstanceID)
		resp.Output.Instances = append(resp.Output.Instances, instance)
	}
	return resp, nil
}

// filter returns what the instances must fit in; the ids are chosen before.
func filter(args GetKmsInstancesArgs) (func(cloud.Instance) bool, error) {
	pattern := regexp.MustCompile("")
	if args.NameRegex != nil {
		var err error
		if pattern, err = regexp.Compile(*args.NameRegex); err != nil {
			return nil, fmt.Errorf("nameRegex is not a regular expression: %w", err)
		}
	}
	return func(i cloud.Instance) bool {
		return pattern.MatchString(i.Name) &&
			(args.InstanceName == nil || *args.InstanceName == i.Name) &&
			(args.Status == nil || *args.Status == i.Status)
	}, nil
}

// listed returns the ids to read: those asked for, or all of the region.
func listed(ctx context.Context, client *cloud.Client, args GetKmsInstancesArgs) ([]string, error) {
	if args.IDs != nil {
		ids := slices.Sorted(slices.Values(*args.IDs))
		return slices.Compact(ids), nil
	}
	refs, err := client.ListInstances(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing KMS instances: %w", err)
	}
	ids := make([]string, len(refs))
	for i, ref := range refs {
		ids[i] = ref.ID
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// readAll reads the instances that fit, side by side. One that is gone by then is left out.
func readAll(ctx context.Context, client *cloud.Client, ids []string, fits func(cloud.Instance) bool) ([]kmsinstance.Instance, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	reader := kmsinstance.NewReader(ctx, client)
	instances := make([]*kmsinstance.Instance, len(ids))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(readersAtOnce)
	for n, id := range ids {
		group.Go(func() error {
			instance, err := reader.DescribeIf(groupCtx, id, fits)
			if cloud.IsGone(err) {
				return nil
			}
			instances[n] = instance
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	found := make([]kmsinstance.Instance, 0, len(ids))
	for _, instance := range instances {
		if instance != nil {
			found = append(found, *instance)
		}
	}
	return found, nil
}
