//go:build linux

// Command bench measures the provider and prints a report in Markdown: its size, how fast it starts, what it holds in memory,
// what its answers cost, how many API calls its operations make, how much longer than the cloud they take, and what the CLI
// takes with up to 300 instances. An empty provider on the same framework is measured beside it. docs/performance.md says how
// to read the report.
//
// It runs on Linux, in the folder test, with `pulumi` and `pulumi-language-yaml` from PATH (PULUMI names another
// CLI). It contacts nothing but an emulator of its own.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

// effort says how often things are measured.
type effort struct {
	starts    int   // processes started, warm
	coldStart int   // processes started after their pages were dropped
	calls     int   // calls of one method in a row
	virtual   int   // runs on the virtual clock
	instances []int // sizes of the stacks
	repeats   int   // runs of the CLI with a stack
}

var (
	whole = effort{starts: 41, coldStart: 11, calls: 2000, virtual: 50, instances: []int{1, 10, 100, 300}, repeats: 3}
	quick = effort{starts: 11, coldStart: 5, calls: 300, virtual: 5, instances: []int{1, 10}, repeats: 1}
)

// section is a part of the report.
type section struct {
	name, title string
	measure     func(context.Context, *bench) (string, error)
}

var sections = []section{
	{"start", "Size, start and memory", measureStart},
	{"answers", "Check and Diff", measureAnswers},
	{"calls", "API calls of an operation", measureCalls},
	{"overhead", "Time beyond the cloud's own", measureOverhead},
	{"cli", "The CLI with many instances", measureCLI},
}

// bench is what the sections share.
type bench struct {
	effort
	programs
	folder  string // temporary
	virtual *virtualResults
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	fewer := flag.Bool("quick", false, "measure less often, and at most 10 instances")
	only := flag.String("only", "", "measure only the sections whose name matches this regular expression")
	flag.Parse()
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	b := &bench{effort: whole}
	if *fewer {
		b.effort = quick
	}
	if b.folder, err = os.MkdirTemp("", "alicloud-kms-bench-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.folder) }()
	fmt.Fprintln(os.Stderr, "building the plugin and the empty provider")
	if b.programs, err = build(ctx, b.folder); err != nil {
		return err
	}
	fmt.Printf("%s\n", machine())
	for _, s := range sections {
		if !wanted.MatchString(s.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", s.title)
		text, err := s.measure(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		fmt.Printf("\n### %s\n\n%s", s.title, text)
	}
	fmt.Printf("\nLoad average at the end: %s.\n", load())
	return nil
}
