package states

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/wire"
)

const (
	exportFile  = "stack.json"
	programFile = "Pulumi.yaml"
	cloudFile   = "cloud.json"
)

// sample is a recorded stack.
type sample struct {
	name string // v<version>/<sample>
	dir  string
	// recorded is its KMS instance.
	recorded e2e.Resource
	cloud    []emulator.Instance
	// readAt is when the test read it: whatever depends on the time depends on this one.
	readAt time.Time
}

// kind is what the sample is of, whatever its version.
func (s sample) kind() string { return filepath.Base(s.name) }

// samples reads those of all versions.
func samples(t *testing.T) []sample {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join("testdata", "v*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := make([]sample, 0, len(dirs))
	for _, dir := range dirs {
		all = append(all, load(t, dir))
	}
	return all
}

func load(t *testing.T, dir string) sample {
	t.Helper()
	s := sample{name: filepath.ToSlash(filepath.Join(filepath.Base(filepath.Dir(dir)), filepath.Base(dir))), dir: dir, readAt: time.Now()}
	var export struct {
		Deployment struct{ Resources []e2e.Resource }
	}
	if err := errors.Join(json.Unmarshal(s.read(t, exportFile), &export), json.Unmarshal(s.read(t, cloudFile), &s.cloud)); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	instances := slices.DeleteFunc(export.Deployment.Resources, func(r e2e.Resource) bool { return r.Type != e2e.InstanceType })
	if len(instances) != 1 {
		t.Fatalf("%s has %d KMS instances, want 1", s.name, len(instances))
	}
	s.recorded = instances[0]
	return s
}

func (s sample) read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// put brings the sample's instances into a cloud, as they are by now: subscriptions have been renewed, orders carried out.
func (s sample) put(t *testing.T, cloud *emulator.Server) {
	t.Helper()
	for _, i := range s.cloud {
		if i.PaymentType == emulator.Subscription {
			i.EndDate = s.readAt.AddDate(0, 1, 0)
		}
		if i.Ordered != nil {
			i.UpgradedAt = s.readAt
		}
		if _, err := cloud.Seed(i); err != nil {
			t.Fatal(err)
		}
	}
}

// resource is the sample's KMS instance as the engine passes it to the provider.
func (s sample) resource() wire.Resource {
	return wire.Resource{ID: s.recorded.ID, Inputs: wire.Props(s.recorded.Inputs), Outputs: wire.Props(s.recorded.Outputs)}
}

// finished tells the samples whose instance is as its program wants it.
func (s sample) finished() bool { return len(s.recorded.InitErrors) == 0 }
