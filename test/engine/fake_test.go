package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// fake is a provider that notes what it is asked, and does as it is told. It replaces a resource for inputs whose names begin with
// "net", and itself for its key "region".
type fake struct {
	pulumirpc.UnimplementedResourceProviderServer

	mutex sync.Mutex
	calls []string // the method, the name of the resource, and the request without names and tokens
	made  int
	// real are the inputs of what is in the cloud, by id.
	real map[string]fields
	// fail may fail a call.
	fail func(method string, request proto.Message) error
	// blind has Diff find no difference.
	blind bool
}

type fields = map[string]any

func (f *fake) note(method string, request proto.Message) error {
	raw, err := protojson.Marshal(request)
	if err != nil {
		return err
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return err
	}
	urn, _ := m["urn"].(string)
	for _, name := range []string{
		"urn", "name", "type", "randomSeed", "resourceStatusAddress", "resourceStatusToken", "acceptSecrets", "acceptResources",
	} {
		delete(m, name)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	f.mutex.Lock()
	f.calls = append(f.calls, fmt.Sprintf("%s %s %s", method, urn[strings.LastIndex(urn, ":")+1:], text))
	fail := f.fail
	f.mutex.Unlock()
	if fail == nil {
		return nil
	}
	return fail(method, request)
}

// take returns the calls about resources since the last time.
func (f *fake) take() []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	taken := f.calls
	f.calls = nil
	return taken
}

func (f *fake) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

func (f *fake) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

func (f *fake) CheckConfig(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.GetNews()}, nil
}

func (f *fake) DiffConfig(_ context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return difference(r.GetOldInputs(), r.GetNews()), nil
}

func (f *fake) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true, SupportsPreview: true}, nil
}

func (f *fake) Cancel(_ context.Context, r *emptypb.Empty) (*emptypb.Empty, error) { return r, nil }

func (f *fake) Check(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.GetNews()}, f.note("Check", r)
}

func (f *fake) Diff(_ context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	news := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	maps.Copy(news.Fields, r.GetNews().GetFields())
	for _, name := range r.GetIgnoreChanges() {
		if old, ok := r.GetOldInputs().GetFields()[name]; ok {
			news.Fields[name] = old
		}
	}
	if f.blind {
		news = r.GetOldInputs()
	}
	return difference(r.GetOldInputs(), news), f.note("Diff", r)
}

func difference(olds, news *structpb.Struct) *pulumirpc.DiffResponse {
	resp := &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_NONE, HasDetailedDiff: true, DetailedDiff: map[string]*pulumirpc.PropertyDiff{},
	}
	all := map[string]*structpb.Value{}
	maps.Copy(all, olds.GetFields())
	maps.Copy(all, news.GetFields())
	for name := range all {
		if proto.Equal(olds.GetFields()[name], news.GetFields()[name]) {
			continue
		}
		kind := pulumirpc.PropertyDiff_UPDATE
		if strings.HasPrefix(name, "net") || name == "region" {
			kind = pulumirpc.PropertyDiff_UPDATE_REPLACE
			resp.Replaces = append(resp.Replaces, name)
		}
		resp.Changes = pulumirpc.DiffResponse_DIFF_SOME
		resp.Diffs = append(resp.Diffs, name)
		resp.DetailedDiff[name] = &pulumirpc.PropertyDiff{Kind: kind, InputDiff: true}
	}
	return resp
}

// outputs are the inputs and one more, which only the cloud knows.
func outputs(id string, in *structpb.Struct) *structpb.Struct {
	out := &structpb.Struct{Fields: map[string]*structpb.Value{"self": structpb.NewStringValue("self-" + id)}}
	maps.Copy(out.Fields, in.GetFields())
	return out
}

func (f *fake) Create(_ context.Context, r *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	if err := f.note("Create", r); err != nil {
		return nil, err
	}
	if r.GetPreview() {
		return &pulumirpc.CreateResponse{Properties: r.GetProperties()}, nil
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.made++
	id := fmt.Sprintf("id-%d", f.made)
	f.real[id] = r.GetProperties().AsMap()
	return &pulumirpc.CreateResponse{Id: id, Properties: outputs(id, r.GetProperties())}, nil
}

func (f *fake) Read(_ context.Context, r *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	if err := f.note("Read", r); err != nil {
		return nil, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.real[r.GetId()] == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	in, err := structpb.NewStruct(f.real[r.GetId()])
	return &pulumirpc.ReadResponse{Id: r.GetId(), Inputs: in, Properties: outputs(r.GetId(), in)}, err
}

func (f *fake) Update(_ context.Context, r *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	if err := f.note("Update", r); err != nil {
		return nil, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if !r.GetPreview() {
		f.real[r.GetId()] = r.GetNews().AsMap()
	}
	return &pulumirpc.UpdateResponse{Properties: outputs(r.GetId(), r.GetNews())}, nil
}

func (f *fake) Delete(_ context.Context, r *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	if err := f.note("Delete", r); err != nil {
		return nil, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	delete(f.real, r.GetId())
	return &emptypb.Empty{}, nil
}

// failing fails the calls of some methods that are no previews.
func failing(err func(request proto.Message) error, methods ...string) func(string, proto.Message) error {
	return func(method string, request proto.Message) error {
		if preview, ok := request.(interface{ GetPreview() bool }); ok && preview.GetPreview() || !slices.Contains(methods, method) {
			return nil
		}
		return err(request)
	}
}

// plain is a failure that leaves nothing behind.
func plain(proto.Message) error { return status.Error(codes.Unknown, "it failed") }

// unfinished is the failure of a create or an update after which the resource exists but is not as it should be.
func unfinished(request proto.Message) error {
	detail := &pulumirpc.ErrorResourceInitFailed{Id: "id-9", Reasons: []string{"not yet"}}
	switch r := request.(type) {
	case *pulumirpc.CreateRequest:
		detail.Properties = r.GetProperties()
	case *pulumirpc.UpdateRequest:
		detail.Id, detail.Properties = r.GetId(), r.GetOlds()
	}
	s, err := status.New(codes.Unknown, "not yet").WithDetails(detail)
	if err != nil {
		return err
	}
	return s.Err()
}
