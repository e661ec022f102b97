package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// Project is a YAML project with one stack, dev, in a folder and with a backend of its own.
type Project struct {
	Dir string
	t   testing.TB
	bin binaries
	env []string
	// backend is the folder of the file backend.
	backend string
}

const programFile = "Pulumi.yaml"

// NewProject makes a project of a program and initializes its stack. The environment points the provider at the cloud and
// has the emulator's credential.
func NewProject(t testing.TB, c *Cloud, program string) *Project {
	t.Helper()
	p := &Project{Dir: t.TempDir(), t: t, bin: requireBinaries(t)}
	home := t.TempDir()
	for _, folder := range []string{"home", "state", "user"} {
		if err := os.Mkdir(filepath.Join(home, folder), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	p.backend = filepath.Join(home, "state")
	p.env = append(foreignless(os.Environ()),
		"PATH="+strings.Join([]string{filepath.Dir(p.bin.pulumi), p.bin.folder, os.Getenv("PATH")}, string(os.PathListSeparator)),
		"HOME="+filepath.Join(home, "user"), // no credentials of whoever runs the test
		"PULUMI_HOME="+filepath.Join(home, "home"),
		"PULUMI_BACKEND_URL=file://"+filepath.ToSlash(p.backend),
		"PULUMI_CONFIG_PASSPHRASE=e2e",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"ALIBABA_CLOUD_ECS_METADATA_DISABLED=true", // the machine that runs the test has no role to lend
	)
	p.SetEnv(Credential(emulator.DefaultAccessKeyID, emulator.DefaultAccessKeySecret)...)
	if c != nil {
		p.SetEnv(Endpoints(c.URL(""))...)
	}
	p.Write(program)
	p.Pulumi("stack", "init", "dev").Succeeds()
	return p
}

// foreignless drops the variables that would lead Pulumi or the provider elsewhere.
func foreignless(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		for _, prefix := range []string{"PULUMI", "ALICLOUD_", "ALIBABA_CLOUD_", "ALIBABACLOUD_"} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return slices.Contains([]string{"PATH", "HOME", "KMS_ENDPOINT", "BSSOPENAPI_ENDPOINT", "STS_ENDPOINT"}, name)
	})
}

// Credential are the environment variables of a credential.
func Credential(id, secret string) []string {
	return []string{"ALIBABA_CLOUD_ACCESS_KEY_ID=" + id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + secret}
}

// Endpoints are the environment variables that send all calls to one URL.
func Endpoints(url string) []string {
	return []string{
		"ALIBABA_CLOUD_ENDPOINT_KMS=" + url, "ALIBABA_CLOUD_ENDPOINT_BSSOPENAPI=" + url, "ALIBABA_CLOUD_ENDPOINT_STS=" + url,
		"ALIBABA_CLOUD_ENDPOINT_VPC=" + url,
	}
}

// SetEnv sets variables for later commands; NAME= takes one back.
func (p *Project) SetEnv(variables ...string) { p.env = append(p.env, variables...) }

// Write gives the project another program. The plugin from bin/ is named in it, so that nothing is looked up.
func (p *Project) Write(program string) {
	p.t.Helper()
	p.WriteFile(programFile, program+fmt.Sprintf("\nplugins:\n  providers:\n    - name: alicloud-kms\n      path: %s\n", p.bin.folder))
}

// Edit replaces texts of the program, given as pairs of old and new. Each old text must be there once.
func (p *Project) Edit(pairs ...string) {
	p.t.Helper()
	text := p.Read(programFile)
	for pair := range slices.Chunk(pairs, 2) {
		if len(pair) != 2 {
			p.t.Fatalf("%q has no new text", pair[0])
		}
		if n := strings.Count(text, pair[0]); n != 1 {
			p.t.Fatalf("the program has %q %d times, want once:\n%s", pair[0], n, text)
		}
		text = strings.Replace(text, pair[0], pair[1], 1)
	}
	p.WriteFile(programFile, text)
}

// Read returns a file of the project.
func (p *Project) Read(name string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.Dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// Example is the program of an example.
func Example(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Root(t), "examples", name, programFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Resource is a resource in the stack's checkpoint.
type Resource struct {
	URN        string         `json:"urn"`
	ID         string         `json:"id"`
	Type       string         `json:"type"`
	Inputs     map[string]any `json:"inputs"`
	Outputs    map[string]any `json:"outputs"`
	InitErrors []string       `json:"initErrors"`
	Protect    bool           `json:"protect"`
}

// InstanceType is the type token of KmsInstance.
const InstanceType = "alicloud-kms:index:KmsInstance"

// Checkpoint is the text of the stack's checkpoint, as the backend keeps it.
func (p *Project) Checkpoint() string {
	p.t.Helper()
	return p.Pulumi("stack", "export").Succeeds().Output
}

// Backend is the text of all files that the backend keeps: checkpoints, history, backups.
func (p *Project) Backend() string {
	p.t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(p.backend, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return all.String()
}

// Instances are the KMS instances in the stack's checkpoint.
func (p *Project) Instances() []Resource {
	p.t.Helper()
	var export struct {
		Deployment struct {
			Resources []Resource `json:"resources"`
		} `json:"deployment"`
	}
	if err := json.Unmarshal([]byte(p.Checkpoint()), &export); err != nil {
		p.t.Fatal(err)
	}
	return slices.DeleteFunc(export.Deployment.Resources, func(r Resource) bool { return r.Type != InstanceType })
}

// Instance is the one KMS instance in the stack's checkpoint.
func (p *Project) Instance() Resource {
	p.t.Helper()
	all := p.Instances()
	if len(all) != 1 {
		p.t.Fatalf("the stack has %d instances, want 1: %+v", len(all), all)
	}
	return all[0]
}

// Outputs are the outputs of the stack.
func (p *Project) Outputs() map[string]any {
	p.t.Helper()
	var outputs map[string]any
	if err := json.Unmarshal([]byte(p.Pulumi("stack", "output", "--json").Succeeds().Output), &outputs); err != nil {
		p.t.Fatal(err)
	}
	return outputs
}

// Home is the home folder of the user who runs the commands.
func (p *Project) Home() string { return filepath.Join(filepath.Dir(p.backend), "user") }

// WriteFile writes a file of the project, or one at an absolute path.
func (p *Project) WriteFile(name, text string) {
	p.t.Helper()
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.Dir, name)
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		p.t.Fatal(err)
	}
}
