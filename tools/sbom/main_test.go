package main

import (
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
)

const root = "../.."

func TestEveryLinkedModuleIsListedWithItsLicense(t *testing.T) {
	known, err := modules(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Path: "github.com/pulumiverse/pulumi-alicloud-kms/cmd/pulumi-resource-alicloud-kms"}
	for _, module := range known {
		info.Deps = append(info.Deps, &debug.Module{Path: module.Path, Version: module.Version, Sum: "h1:sum"})
	}
	bom, err := describe(t.Context(), root, info)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(*bom.Components), len(known)+1; got != want {
		t.Errorf("%d components, want %d: all modules and the standard library", got, want)
	}
	for _, component := range *bom.Components {
		if component.Licenses == nil || len(*component.Licenses) == 0 {
			t.Errorf("%s has no license", component.Name)
		}
		if want := "pkg:golang/" + component.Name + "@" + component.Version; component.PackageURL != want {
			t.Errorf("%s has the URL %s", component.Name, component.PackageURL)
		}
	}
	if bom.SerialNumber != "" || bom.Metadata.Timestamp != "" {
		t.Error("a serial number or a time makes every bill another one")
	}
	again, err := describe(t.Context(), root, info)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(bom, again) {
		t.Error("a second bill of the same binary differs")
	}
}

func TestModuleThatIsNotInGoModIsAnError(t *testing.T) {
	info := &debug.BuildInfo{Deps: []*debug.Module{{Path: "example.com/stranger", Version: "v1.0.0"}}}
	if _, err := describe(t.Context(), root, info); err == nil || !strings.Contains(err.Error(), "example.com/stranger v1.0.0") {
		t.Errorf("error %v", err)
	}
}
