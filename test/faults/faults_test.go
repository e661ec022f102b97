package faults

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/config"
	"github.com/pulumiverse/pulumi-alicloud-kms/provider"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/engine"
)

// Without flags the tests run a sample that takes seconds; `make test-faults` gives these flags.
var (
	seed         = flag.Uint64("seed", 1, "seed of what the sweep chooses at random")
	caseCount    = flag.Int("cases", 40, "how many cases with one fault the sweep runs; 0 means all")
	pairCount    = flag.Int("pairs", 10, "how many cases with several faults the sweep runs")
	parallel     = flag.Int("parallel", 12*runtime.NumCPU(), "how many cases run at a time")
	onlyScenario = flag.String("scenario", "", "run only scenarios whose name contains this")
	onlyKind     = flag.String("kind", "", "run only faults whose name contains this")
	full         = flag.Bool("full", false, "also run every planted bug and every case with the CLI")
	writeMatrix  = flag.Bool("write", false, "write the matrix into test/faults/MATRIX.md")
)

// build builds the plugin as the Makefile does; an overlay puts other files in the place of some of its sources.
func build(ctx context.Context, target string, overlay string) error {
	arguments := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", target}
	if overlay != "" {
		arguments = append(arguments, "-overlay", overlay)
	}
	cmd := exec.CommandContext(ctx, "go", append(arguments, "./cmd/pulumi-resource-alicloud-kms")...)
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the plugin: %w\n%s", err, out)
	}
	return nil
}

// serve serves the provider of this source in this process. Nothing of the machine's own configuration may reach it.
func serve() (pulumirpc.ResourceProviderServer, error) {
	kms, err := provider.NewOn(config.Env{
		Getenv: func(string) string { return "" }, HomeDir: func() (string, error) { return "", os.ErrNotExist },
		ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist },
	})
	if err != nil {
		return nil, err
	}
	return p.RawServer(provider.Name, provider.Version, kms)(nil)
}

// plugin is the plugin of this source, built anew: one in bin/ could be older.
var plugin string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "faults-plugin")
		if err == nil {
			defer func() { _ = os.RemoveAll(dir) }()
			plugin = filepath.Join(dir, "plugin")
			err = build(context.Background(), plugin, "")
		}
		if err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// After any fault at any call nothing is bought twice, lost or destroyed, and what the messages say leads to the wanted state.
// Promise (Purchase): Every call lost, refused, slow or interrupted leaves one instance for each wanted one.
// Promise (Purchase): Whatever fails after the purchase, the stack has the id, and the next `pulumi up` goes on without buying.
// Promise (Purchase): A lost answer never buys twice.
func TestSweep(t *testing.T) {
	list := slices.DeleteFunc(scenarios(), func(s scenario) bool { return !strings.Contains(s.name, *onlyScenario) })
	w := &sweep{
		plugin: plugin, finisher: engine.InProcess(serve), dir: t.TempDir(), parallel: *parallel, seed: *seed, cases: *caseCount, pairs: *pairCount,
		only: func(_ *scenario, k *kind, _ callAt) bool { return strings.Contains(k.name, *onlyKind) },
	}
	start := time.Now()
	var shown atomic.Int64
	w.report = func(o outcome, ran, of int) {
		if len(o.violations) > 0 {
			t.Errorf("%s:\n  %s", o.testCase, strings.Join(o.violations, "\n  "))
			if shown.Add(1) <= 10 {
				t.Log(o.log)
			}
		}
		if ran%500 == 0 {
			_, _ = fmt.Fprintf(os.Stderr, "%d of %d cases\n", ran, of)
		}
	}
	r, err := w.run(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	// Of a test that passes, logs are not shown.
	_, _ = fmt.Fprintf(os.Stderr, "fault sweep, seed %d: %s, in %s\n", *seed, r, time.Since(start).Round(time.Second))
	if r.missed > 0 && *full {
		_, _ = fmt.Fprintf(os.Stderr, "the sample is too small: of %d pairs of a scenario and a kind of fault it has no case\n", r.missed)
	}
	if *writeMatrix {
		write(t, r, list)
	}
}

// table is the file with the table: what it has before it, the table, and what it has after it.
func table(t *testing.T) (path, before, table, after string) {
	t.Helper()
	const start, end = "<!-- written by `make docs-faults` -->\n", "<!-- end -->\n"
	path = "MATRIX.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := strings.Cut(string(text), start)
	table, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("%s has no place for the table", path)
	}
	return path, before + start, table, end + after
}

func write(t *testing.T, r result, list []scenario) {
	t.Helper()
	if r.missed > 0 || *onlyScenario != "" || *onlyKind != "" {
		t.Fatal("the matrix is written from a sweep with every kind of fault in every scenario only: give more -cases")
	}
	if t.Failed() {
		t.Fatal("the matrix is not written, since there are violations")
	}
	path, before, _, after := table(t)
	if err := os.WriteFile(path, []byte(before+"\n"+r.table(list)+"\n"+after), 0o600); err != nil {
		t.Error(err)
	}
}

// The table in the docs has the scenarios and classes of faults that there are.
func TestTable(t *testing.T) {
	t.Parallel()
	_, _, have, _ := table(t)
	var rows, want []string
	for line := range strings.Lines(have) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " |"); ok && name != "scenario" && strings.HasPrefix(line, "| ") {
			rows = append(rows, name)
		}
	}
	for _, s := range scenarios() {
		if !s.silent {
			want = append(want, s.name)
		}
	}
	if !slices.Equal(rows, want) {
		t.Errorf("the table has the rows\n  %s\nwant\n  %s\nRun `make docs-faults`.", strings.Join(rows, "\n  "), strings.Join(want, "\n  "))
	}
	for _, c := range classes {
		if !strings.Contains(have, "| "+string(c)+" |") {
			t.Errorf("the table has no column %q: run `make docs-faults`", c)
		}
	}
}
