package wire_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/kmsinstance"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

// goesOn takes a recorded resource through the verbs: none may stumble over what is recorded or what is not.
func goesOn(b *wire.Bench, old wire.Resource) (trouble []string) {
	note := func(verb string, err error, reasons []string) {
		if err != nil || len(reasons) > 0 {
			trouble = append(trouble, verb+": "+strings.Join(reasons, " "))
			if err != nil {
				trouble = append(trouble, err.Error())
			}
		}
	}
	plan, err := b.Diff(old, old.Inputs)
	note("Diff", err, nil)
	if plan.Changes {
		trouble = append(trouble, "Diff of the same inputs sees a change")
	}
	b.PreviewUpdate(old, old.Inputs)
	refreshed := b.Refresh(old)
	note("Read", refreshed.Err, refreshed.Reasons)
	if refreshed.ID != old.ID {
		trouble = append(trouble, "Read returns the id "+refreshed.ID)
	}
	before := len(b.Mutations())
	updated := b.Update(old, old.Inputs, 0)
	note("Update", updated.Err, updated.Reasons)
	if calls := b.Mutations()[before:]; len(calls) > 0 {
		trouble = append(trouble, "Update calls "+strings.Join(calls, ", "))
	}
	return trouble
}

// TestOldStateFiles: what every released version has recorded is read, changed and deleted by this one. A file in testdata/states
// is never changed again once its version is out.
// Promise (Refresh and import): States of every released version can be read, updated and deleted.
func TestOldStateFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/states/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded states: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var states map[string]struct {
			ID      string         `json:"id"`
			Inputs  map[string]any `json:"inputs"`
			Outputs map[string]any `json:"outputs"`
		}
		if err := json.Unmarshal(text, &states); err != nil {
			t.Fatal(err)
		}
		b := wire.New(t, wire.Options{})
		for name, s := range states {
			old := wire.Resource{ID: s.ID, Inputs: wire.Props(s.Inputs), Outputs: wire.Props(s.Outputs)}
			seed := emulator.Instance{
				ID: s.ID, Name: "golden", Region: "cn-hangzhou", Status: "Connected", PaymentType: old.Outputs.Get("paymentType").AsString(),
				Sizes: emulator.Sizes{ProductVersion: "3", Spec: 1000, KeyNum: 1000, SecretNum: 100, VpcNum: 3, LogStorage: 2000, Log: 1},
				VpcID: "vpc-a", VSwitchIDs: []string{"vsw-a"}, ZoneIDs: []string{"cn-hangzhou-k", "cn-hangzhou-j"},
				BindVpcs: []emulator.BindVpc{{VpcID: "vpc-b", VSwitchID: "vsw-b", RegionID: "cn-hangzhou", VpcOwnerID: emulator.DefaultAccountID}},
				Tags:     map[string]string{"a": "1"}, Renewal: emulator.Renewal{Status: "AutoRenewal", Period: 1, Unit: "Y"},
			}
			if _, err := b.Cloud.Seed(seed); err != nil {
				t.Fatal(err)
			}
			for _, trouble := range goesOn(b, old) {
				t.Errorf("%s, %s: %s", file, name, trouble)
			}
			if err := b.Delete(old, 0); err != nil {
				t.Errorf("%s, %s: Delete: %v", file, name, err)
			}
		}
	}
}

// TestIncompleteStates: no output is needed to go on with an instance, and none too many is in the way.
func TestIncompleteStates(t *testing.T) {
	t.Parallel()
	b := wire.New(t, wire.Options{})
	whole := b.Created(wire.Subscription(map[string]any{"renewStatus": "AutoRenewal", "renewPeriod": 1, "tags": map[string]string{"a": "1"}, "bindVpcs": bindVpc(nil)}))
	for _, name := range kmsinstance.OutputNames() {
		for what, outputs := range map[string]property.Map{"without ": whole.Outputs.Delete(name), "with null for ": whole.Outputs.Set(name, null)} {
			r := whole
			r.Outputs = outputs
			for _, trouble := range goesOn(b, r) {
				t.Errorf("%s%s: %s", what, name, trouble)
			}
		}
	}
	odd := whole
	odd.Outputs = whole.Outputs.Set("retired", wire.Value([]any{map[string]any{"x": nil}}))
	for _, trouble := range goesOn(b, odd) {
		t.Errorf("with an output of another version: %s", trouble)
	}
	odd.Outputs = wire.Props(map[string]any{"retired": "x"})
	if err := b.Delete(odd, 0); err != nil {
		t.Errorf("deleting what has no known output: %v", err)
	}
}

// TestOptionalFieldsCanBeAbsent: infer takes an optional field that is neither pointer, list nor map for given, with a zero
// value; and it refuses a state that lacks a field which is not optional.
func TestOptionalFieldsCanBeAbsent(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]int{}
	var look func(t reflect.Type, allOptional bool) []string
	look = func(typ reflect.Type, allOptional bool) (odd []string) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] > 0 {
			return nil
		}
		for _, field := range reflect.VisibleFields(typ) {
			tag, has := field.Tag.Lookup("pulumi")
			if !has {
				continue
			}
			seen[typ]++
			kind := field.Type.Kind()
			optional := strings.HasSuffix(tag, ",optional")
			if optional && kind != reflect.Pointer && kind != reflect.Slice && kind != reflect.Map || allOptional && !optional {
				odd = append(odd, typ.Name()+"."+field.Name)
			}
			odd = append(odd, look(field.Type, false)...)
		}
		return odd
	}
	for typ, allOptional := range map[reflect.Type]bool{
		reflect.TypeFor[kmsinstance.Args](): false, reflect.TypeFor[kmsinstance.State](): true,
	} {
		if odd := look(typ, allOptional); len(odd) > 0 {
			t.Errorf("these fields of %s must be optional, and pointers, lists or maps: %v", typ.Name(), odd)
		}
		if seen[typ] < 15 {
			t.Errorf("only %d fields of %s were looked at", seen[typ], typ.Name())
		}
	}
}
