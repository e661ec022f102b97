package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
)

// clean gives back all that this run or an earlier one has made: what the stack has, what the list of orders has, and the tagged VPCs
// with the instances in them. It says what is left. What is in none of these is foreign, and is not touched.
func (r *run) clean(ctx context.Context) (left []string) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.limit, fmt.Errorf("the time limit of %v is over", r.limit))
	defer cancel()
	ours, err := r.destroyStack(ctx)
	destroyed := slices.Clone(ours)
	if err != nil {
		r.say("the stack could not be destroyed: %v", err)
		destroyed = nil
	}
	for _, o := range r.orders() {
		if o.Action == "CreateInstance" {
			ours = append(ours, o.InstanceID)
		}
	}
	networks, err := r.taggedNetworks(ctx)
	if err != nil {
		return append(left, fmt.Sprintf("the VPCs could not be listed, nor the instances in them: %v. The orders are in %s", err, r.ordersFile()))
	}
	inside, foreign, err := r.sorted(ctx, networks, ours)
	if err != nil {
		return append(left, fmt.Sprintf("the instances could not be listed: %v. The orders are in %s", err, r.ordersFile()))
	}
	r.foreign = foreign
	ours = slices.Compact(slices.Sorted(slices.Values(append(ours, inside...))))
	for _, id := range ours {
		if slices.Contains(destroyed, id) {
			continue
		}
		if err := r.giveBack(ctx, id); err != nil {
			left = append(left, fmt.Sprintf("instance %s: %v", id, err))
		}
	}
	for _, n := range networks {
		if err := r.removeNetwork(ctx, n); err != nil {
			left = append(left, fmt.Sprintf("VPC %s: %v", n, err))
		}
	}
	r.costs(ctx)
	if len(left) > 0 {
		return left
	}
	// The stacks have nothing left to describe.
	for _, name := range append(folders, ordersFile, placeFile) {
		if err := os.RemoveAll(filepath.Join(r.folder, name)); err != nil {
			return append(left, err.Error())
		}
	}
	return nil
}

// destroyStack destroys what the stack has, as far as it knows, and returns the ids of all instances that it had.
func (r *run) destroyStack(ctx context.Context) ([]string, error) {
	if _, err := os.Stat(filepath.Join(r.folder, "state", ".pulumi", "stacks", "kms-acceptance", stackName+".json")); err != nil {
		return nil, nil //nolint:nilerr // there is no stack
	}
	// A run that was killed leaves its lock. There may be none, which is no error to tell of.
	_, _ = r.pulumi(ctx, projectFolder, "cancel", "--yes", stackName)
	ids, err := r.stackIDs(ctx, projectFolder)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	r.say("the stack has %s", strings.Join(ids, ", "))
	for _, id := range ids {
		if err := r.unprotect(ctx, id); err != nil {
			return ids, err
		}
	}
	if _, err := r.pulumi(ctx, projectFolder, "refresh", "--yes", "--skip-preview", "--clear-pending-creates"); err != nil {
		return ids, err
	}
	_, err = r.pulumi(ctx, projectFolder, "destroy", "--yes", "--skip-preview")
	return ids, err
}

// instance is what KMS shows of an instance; nil if it knows none of that id.
func (r *run) instance(ctx context.Context, id string) (any, error) {
	host := "kms." + r.region + ".aliyuncs.com"
	answer, err := r.client.Call(ctx, host, recording.KMS, "GetKmsInstance", "KmsInstanceId", id)
	switch {
	case err != nil:
		return nil, err
	case answer.Code == "Forbidden.DKMSInstanceNotFound":
		return nil, nil
	case answer.Refused() != nil:
		return nil, answer.Refused()
	case recording.Text(answer.Body, "KmsInstance", "InstanceId") != id:
		return nil, nil
	}
	return answer.Body["KmsInstance"], nil
}

// sorted tells the instances of the region apart: those in our VPCs, and those that are not ours.
func (r *run) sorted(ctx context.Context, networks, ours []string) (inside, foreign []string, err error) {
	rows, err := r.list(ctx, recording.KMS, "ListKmsInstances", []string{"KmsInstances", "KmsInstance"})
	if err != nil {
		return nil, nil, err
	}
	for _, row := range rows {
		id := recording.Text(row, "KmsInstanceId")
		if slices.Contains(ours, id) {
			continue
		}
		instance, err := r.instance(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		if slices.Contains(networks, recording.Text(instance, "VpcId")) {
			inside = append(inside, id)
		} else {
			foreign = append(foreign, id)
		}
	}
	return inside, foreign, nil
}

func (r *run) unprotect(ctx context.Context, id string) error {
	instance, err := r.instance(ctx, id)
	if err != nil || recording.Text(instance, "DeletionProtection") != "true" {
		return err
	}
	_, err = r.ask(ctx, recording.KMS, "SetDeletionProtection", "KmsInstanceId", id, "EnableDeletionProtection", "false")
	return err
}

// giveBack releases or refunds an instance through the API, and waits until it is gone. One that was just bought may not show yet.
func (r *run) giveBack(ctx context.Context, id string) error {
	seen, asked := false, false
	return r.until(ctx, id+" is gone", func() (done bool, refused, err error) {
		instance, err := r.instance(ctx, id)
		switch {
		case err != nil:
			return false, nil, err
		case instance == nil:
			return seen || time.Since(r.boughtAt(id)) > r.appears, nil, nil
		case asked:
			return false, nil, nil
		case !seen:
			r.say("giving back %s (%s)", id, recording.Text(instance, "Status"))
		}
		seen = true
		if refused = r.unprotect(ctx, id); refused == nil {
			refused = r.askBack(ctx, id, instance)
		}
		asked = refused == nil
		return false, refused, nil
	})
}

func (r *run) askBack(ctx context.Context, id string, instance any) error {
	if recording.Text(instance, "ChargeType") == "POSTPAY" {
		_, err := r.ask(ctx, recording.KMS, "ReleaseKmsInstance", "KmsInstanceId", id, "ForceDeleteWithoutBackup", "true")
		return err
	}
	_, err := r.ask(ctx, recording.BSS, "RefundInstance", "InstanceId", id, "ProductCode", "kms",
		"ProductType", recording.Text(instance, "ProductType"), "ImmediatelyRelease", "1", "ClientToken", "acceptance-"+id)
	return err
}

// network is a VPC and its vSwitch.
type network struct{ VPC, VSwitch string }

// tagKey marks the VPCs of this test; its value is the run.
const tagKey = "pulumi-alicloud-kms-acceptance"

// createNetwork makes a VPC with its tag, and a vSwitch in it.
func (r *run) createNetwork(ctx context.Context, n int) (made network, err error) {
	answer, err := r.ask(ctx, recording.VPC, "CreateVpc", "RegionId", r.region, "CidrBlock", fmt.Sprintf("10.%d.0.0/16", n),
		"VpcName", fmt.Sprintf("acceptance-%s-%d", r.name, n), "Tag.1.Key", tagKey, "Tag.1.Value", r.name)
	if err != nil {
		return made, err
	}
	made.VPC = recording.Text(answer, "VpcId")
	if err := r.available(ctx, "DescribeVpcAttribute", "VpcId", made.VPC); err != nil {
		return made, err
	}
	answer, err = r.ask(ctx, recording.VPC, "CreateVSwitch", "RegionId", r.region, "VpcId", made.VPC, "ZoneId", r.zones[0],
		"CidrBlock", fmt.Sprintf("10.%d.0.0/24", n), "VSwitchName", fmt.Sprintf("acceptance-%s-%d", r.name, n))
	if err != nil {
		return made, err
	}
	made.VSwitch = recording.Text(answer, "VSwitchId")
	return made, r.available(ctx, "DescribeVSwitchAttributes", "VSwitchId", made.VSwitch)
}

func (r *run) available(ctx context.Context, action, parameter, id string) error {
	return r.until(ctx, id+" is available", func() (done bool, refused, err error) {
		answer, err := r.ask(ctx, recording.VPC, action, "RegionId", r.region, parameter, id)
		return recording.Text(answer, "Status") == "Available", nil, err
	})
}

// taggedNetworks are the ids of the VPCs that a run of this test has made.
func (r *run) taggedNetworks(ctx context.Context) (ids []string, err error) {
	rows, err := r.list(ctx, recording.VPC, "DescribeVpcs", []string{"Vpcs", "Vpc"}, "RegionId", r.region, "Tag.1.Key", tagKey)
	for _, row := range rows {
		ids = append(ids, recording.Text(row, "VpcId"))
	}
	return ids, err
}

// removeNetwork removes a VPC and its vSwitches. For a while after an instance is gone, its addresses still hold them.
func (r *run) removeNetwork(ctx context.Context, vpc string) error {
	ctx, cancel := context.WithTimeout(ctx, max(r.appears, time.Minute))
	defer cancel()
	return r.until(ctx, vpc+" is removed", func() (done bool, refused, err error) {
		rows, err := r.list(ctx, recording.VPC, "DescribeVSwitches", []string{"VSwitches", "VSwitch"}, "RegionId", r.region, "VpcId", vpc)
		for _, row := range rows {
			_, err := r.ask(ctx, recording.VPC, "DeleteVSwitch", "RegionId", r.region, "VSwitchId", recording.Text(row, "VSwitchId"))
			refused = errors.Join(refused, err)
		}
		if err == nil && refused == nil {
			_, refused = r.ask(ctx, recording.VPC, "DeleteVpc", "RegionId", r.region, "VpcId", vpc)
		}
		return refused == nil, refused, err
	})
}
