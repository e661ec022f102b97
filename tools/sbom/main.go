// Sbom writes the bill of materials of a Go binary as CycloneDX JSON. Same binary, same bill.
package main

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/pulumiverse/pulumi-alicloud-kms/tools/internal/deps"
)

func main() {
	root := flag.String("root", ".", "the `folder` of the repository")
	binary := flag.String("binary", "", "the `file` to describe")
	version := flag.String("version", "", "the `version` of the program")
	out := flag.String("out", "", "the `file` to write")
	flag.Parse()
	if err := run(context.Background(), *root, *binary, *version, *out); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, binary, version, out string) error {
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	bom, err := describe(ctx, root, info)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	program := bom.Metadata.Component
	program.Name, program.Version = filepath.Base(info.Path), version
	program.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}}

	file, err := os.Create(out)
	if err != nil {
		return err
	}
	err = cdx.NewBOMEncoder(file, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// describe lists the modules that the linker put into the binary. Neither time nor serial number goes in: the bill of a
// reproducible binary is reproducible.
func describe(ctx context.Context, root string, info *debug.BuildInfo) (*cdx.BOM, error) {
	cached, err := modules(ctx, root)
	if err != nil {
		return nil, err
	}
	components := []cdx.Component{{
		Type: cdx.ComponentTypeLibrary, BOMRef: "pkg:golang/std@" + info.GoVersion, Name: "std", Version: info.GoVersion,
		PackageURL: "pkg:golang/std@" + info.GoVersion, Licenses: licenses("BSD-3-Clause"),
	}}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		known, ok := cached[module.Path+"@"+module.Version]
		if !ok {
			return nil, fmt.Errorf("%s %s is in the binary but not in go.mod", module.Path, module.Version)
		}
		license, err := known.License()
		if err != nil {
			return nil, err
		}
		url := "pkg:golang/" + module.Path + "@" + module.Version
		components = append(components, cdx.Component{
			Type: cdx.ComponentTypeLibrary, BOMRef: url, Name: module.Path, Version: module.Version, PackageURL: url,
			Licenses:   licenses(license.IDs...),
			Properties: &[]cdx.Property{{Name: "go:sum", Value: module.Sum}},
		})
	}
	refs := make([]string, 0, len(components))
	for _, component := range components {
		refs = append(refs, component.BOMRef)
	}

	bom := cdx.NewBOM()
	bom.SerialNumber = ""
	program := "pkg:golang/" + info.Path
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		Type: cdx.ComponentTypeApplication, BOMRef: program, PackageURL: program, Licenses: licenses("Apache-2.0"),
		Properties: buildSettings(info),
	}}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: program, Dependencies: &refs}}
	return bom, nil
}

// modules are the modules of the repository's programs by path and version.
func modules(ctx context.Context, root string) (map[string]deps.Module, error) {
	linked, err := deps.Linked(ctx, root, []string{"linux", "darwin", "windows"}, "./cmd/...")
	if err != nil {
		return nil, err
	}
	known := make(map[string]deps.Module, len(linked))
	for _, module := range linked {
		known[module.Path+"@"+module.Version] = module
	}
	return known, nil
}

func buildSettings(info *debug.BuildInfo) *[]cdx.Property {
	settings := []cdx.Property{{Name: "go:version", Value: info.GoVersion}}
	for _, setting := range info.Settings {
		settings = append(settings, cdx.Property{Name: "go:build:" + setting.Key, Value: setting.Value})
	}
	return &settings
}

func licenses(ids ...string) *cdx.Licenses {
	var all cdx.Licenses
	for _, id := range ids {
		all = append(all, cdx.LicenseChoice{License: &cdx.License{ID: id}})
	}
	return &all
}
