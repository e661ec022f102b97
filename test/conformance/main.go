// Conformance replays a recording of Alibaba Cloud against the emulator, and prints a table of what the emulator does differently:
//
//	go run -C test ./conformance RECORDING
//
// It ends with exit code 1 if there are differences or the recording is damaged. docs/howto-acceptance.md describes the table.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
)

func main() {
	flag.Parse()
	if flag.NArg() != 1 {
		_, _ = fmt.Fprintln(os.Stderr, "usage: conformance RECORDING (an absolute path, or one from test/)")
		os.Exit(2)
	}
	same, err := run(context.Background(), flag.Arg(0), os.Stderr)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "conformance:", err)
	}
	if err != nil || !same {
		os.Exit(1)
	}
}

// run replays a recording and prints the table.
func run(ctx context.Context, file string, out io.Writer) (same bool, err error) {
	calls, err := recording.Load(file)
	if err != nil {
		return false, err
	}
	p, err := replay(ctx, calls)
	if err != nil {
		return false, err
	}
	replayed := fmt.Sprintf("%d calls replayed", len(calls)-p.leftOut)
	if p.leftOut > 0 {
		replayed += fmt.Sprintf(", %d left out that are about what the recording has not made", p.leftOut)
	}
	if len(p.rows) == 0 {
		_, err = fmt.Fprintln(out, replayed+": no difference")
		return true, err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "DIFFERENCE\tACTION\tWHERE\tRECORDING\tEMULATOR\tCALLS")
	for _, r := range p.rows {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\n", r.Kind, r.Action, r.Where, r.Recorded, r.Emulated, r.Count)
	}
	_, _ = fmt.Fprintf(table, "\n%s: %d differences\n", replayed, len(p.rows))
	return false, table.Flush()
}
