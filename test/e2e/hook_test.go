package e2e_test

import (
	"cmp"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// hooked is a program in Go, which YAML cannot be: its instance has an error hook. It is a language host that runs in the test.
type hooked struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	address string
	again   func(failures []string) bool
	asked   atomic.Int64 // how often the hook was

	imported string // the id for the resource option import
	vpc      string // the VPC of the instance, if not vpc-main
	calm     bool   // the program does not fail with its resource
}

const hookedProject = "name: hooked\nruntime: go\nconfig:\n  alicloud-kms:region: cn-hangzhou\n"

func newHooked(t *testing.T, again func([]string) bool) *hooked {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hooked{address: listener.Addr().String(), again: again}
	server := grpc.NewServer()
	pulumirpc.RegisterLanguageRuntimeServer(server, h)
	go func() { _ = server.Serve(listener) }() // ends with the server
	t.Cleanup(server.Stop)
	return h
}

func (h *hooked) Run(ctx context.Context, r *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	info := pulumi.RunInfo{
		MonitorAddr: r.GetMonitorAddress(), Config: r.GetConfig(), ConfigSecretKeys: r.GetConfigSecretKeys(), Project: r.GetProject(),
		Stack: r.GetStack(), Parallel: r.GetParallel(), DryRun: r.GetDryRun(), Organization: r.GetOrganization(),
	}
	if len(r.GetArgs()) > 0 {
		info.EngineAddr = r.GetArgs()[0]
	}
	p, err := pulumi.NewContext(ctx, info)
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.Close() }() // nothing depends on it any more
	if err := pulumi.RunWithContext(p, h.program); err != nil && !h.calm {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}

func (h *hooked) program(p *pulumi.Context) error {
	hook, err := p.RegisterErrorHook("again", func(args *pulumi.ErrorHookArgs) (bool, error) {
		h.asked.Add(1)
		return h.again(args.Errors), nil
	})
	if err != nil {
		return err
	}
	var kms pulumi.CustomResourceState
	inputs := pulumi.Map{
		"vpcId": pulumi.String(cmp.Or(h.vpc, "vpc-main")), "zoneIds": pulumi.ToStringArray([]string{"cn-hangzhou-k", "cn-hangzhou-j"}),
		"vswitchIds": pulumi.ToStringArray([]string{"vsw-main"}), "spec": pulumi.Int(1000), "keyNum": pulumi.Int(1000),
		"secretNum": pulumi.Int(0), "vpcNum": pulumi.Int(1), "instanceName": pulumi.String("hooked"),
	}
	options := []pulumi.ResourceOption{pulumi.ResourceHooks(&pulumi.ResourceHookBinding{OnError: []*pulumi.ErrorHook{hook}})}
	if h.imported != "" {
		options = append(options, pulumi.Import(pulumi.ID(h.imported)))
	}
	if err := p.RegisterResource(e2e.InstanceType, "kms", inputs, &kms, options...); err != nil {
		return err
	}
	p.Export("kms", kms.ID())
	return nil
}

// GetPluginInfo and the other methods are what the engine asks a language host for.
func (h *hooked) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

func (h *hooked) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// options have the CLI run the program in the test.
func (h *hooked) options() []string {
	return []string{"--client=" + h.address, "--exec-kind=auto.inline"}
}

// After a hundred tries of an error hook the stack has no id, but the reason names the one instance that was bought, and an import brings it back.
// Promise (Purchase): An error hook that tries a create again orders nothing again.
func TestErrorHookWithoutEnd(t *testing.T) {
	cloud, p := start(t, hookedProject)
	h := newHooked(t, func([]string) bool { return true })
	cloud.Fail(emulator.Fault{Action: "ConnectKmsInstance", Kind: emulator.FaultRefuse})

	up := p.Up(h.options()...).Fails()
	cloud.WantBill(e2e.Bill{Orders: 1})
	id := cloud.Only().ID
	up.Shows(id+" is bought (order ", "maximum number of error hook retries (100) reached")
	kept := p.Instance()
	if kept.ID != "" || len(kept.InitErrors) == 0 || !strings.Contains(kept.InitErrors[0], id) {
		t.Errorf("the engine kept %q with the reasons %v, want no id, and the reason with %s", kept.ID, kept.InitErrors, id)
	}

	cloud.ClearFaults()
	p.Pulumi("state", "delete", kept.URN, "--yes").Succeeds()
	h.imported = id
	p.Up(h.options()...).Succeeds()
	h.imported = ""
	p.Preview(append(h.options(), "--expect-no-changes")...).Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 1})
	if r := p.Instance(); r.ID != id || len(r.InitErrors) > 0 || cloud.Only().Status != emulator.StatusConnected {
		t.Errorf("the stack has %+v", r)
	}
}

// With --continue-on-error, too, the old instance stays until its successor is finished.
// Promise (Replacement): The old instance stays until its successor is finished.
func TestReplacementThatFails(t *testing.T) {
	h := newHooked(t, func([]string) bool { return false })
	cloud, p := start(t, hookedProject)
	p.Up(h.options()...).Succeeds()
	old := cloud.Only().ID

	h.vpc, h.calm = "vpc-other", true
	cloud.Fail(emulator.Fault{Action: "ConnectKmsInstance", Kind: emulator.FaultRefuse})
	for range 2 {
		p.Up(append(h.options(), "--continue-on-error")...).Fails().Shows("is bought but not finished",
			"KMS instance "+old+" is to be replaced by", "which is not finished, so it stays")
		cloud.WantBill(e2e.Bill{Orders: 2})
	}

	cloud.ClearFaults()
	p.Up(h.options()...).Succeeds()
	cloud.WantBill(e2e.Bill{Orders: 2, Refunds: 1})
	if now := cloud.Only(); now.ID == old || now.VpcID != "vpc-other" {
		t.Errorf("of %s and its successor there is %+v", old, now)
	}
}
