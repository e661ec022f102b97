package functions

import (
	"cmp"
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
type GetKmsInstances struct{ Connection }

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

// Invoke lists the instances and reads them side by side. One that is gone by then is left out like one that does not fit.
func (f *GetKmsInstances) Invoke(
	ctx context.Context, req infer.FunctionRequest[GetKmsInstancesArgs],
) (resp infer.FunctionResponse[GetKmsInstancesResult], err error) {
	client, err := f.Client(ctx)
	if err != nil {
		return resp, err
	}
	ids, err := req.Input.ids(ctx, client)
	if err != nil {
		return resp, err
	}
	fits, reader := req.Input.filter(), kmsinstance.NewReader(ctx, client)
	found := make([]*kmsinstance.Instance, len(ids))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(readersAtOnce)
	for n, id := range ids {
		group.Go(func() error {
			instance, err := reader.Describe(groupCtx, id, fits)
			if cloud.IsGone(err) {
				return nil
			}
			found[n] = instance
			return err
		})
	}
	err = group.Wait()
	resp.Output = GetKmsInstancesResult{IDs: []string{}, Instances: []kmsinstance.Instance{}}
	for _, instance := range found {
		if instance != nil {
			resp.Output.IDs = append(resp.Output.IDs, instance.InstanceID)
			resp.Output.Instances = append(resp.Output.Instances, *instance)
		}
	}
	return resp, err
}

// ids are the ids to read: those asked for, or all of the region.
func (g GetKmsInstancesArgs) ids(ctx context.Context, client *cloud.Client) (ids []string, err error) {
	if g.IDs != nil {
		ids = slices.Clone(*g.IDs)
	} else {
		refs, err := client.ListInstances(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing KMS instances: %w", err)
		}
		for _, ref := range refs {
			ids = append(ids, ref.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// filter is what the instances must fit in; the ids are chosen before.
func (g GetKmsInstancesArgs) filter() func(cloud.Instance) bool {
	pattern := regexp.MustCompile(*cmp.Or(g.NameRegex, new(string))) // which was checked
	return func(i cloud.Instance) bool {
		return pattern.MatchString(i.Name) &&
			(g.InstanceName == nil || *g.InstanceName == i.Name) &&
			(g.Status == nil || *g.Status == i.Status)
	}
}
