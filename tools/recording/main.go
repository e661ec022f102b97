// Recording makes docs/recording.svg, the terminal recording in the README: it runs a short session with the real CLI, plugin
// and emulator, and draws what they print, line by line, when they print it. Nothing of it is written by hand but the
// commands.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

// program is bought with a vSwitch that does not exist: connecting fails, after the purchase.
// It names the plugin, since nothing is published yet.
const program = `name: keys
runtime: yaml
plugins:
  providers:
    - name: alicloud-kms
      path: %s
resources:
  keys:
    type: alicloud-kms:KmsInstance
    properties:
      vpcId: vpc-apps
      vswitchIds: [vsw-missing]
      zoneIds: [cn-hangzhou-k, cn-hangzhou-j]
      productVersion: "3"
      spec: 1000
      keyNum: 1000
      secretNum: 0
      vpcNum: 1
`

// commands are the session. A failing one goes on, as a person at a terminal would.
var commands = []string{
	"grep vswitchIds Pulumi.yaml",
	"pulumi up --yes --skip-preview --suppress-progress",
	"sed -i s/vsw-missing/vsw-apps/ Pulumi.yaml",
	"pulumi up --yes --skip-preview --suppress-progress",
	"curl -s $ALIBABA_CLOUD_ENDPOINT_KMS/_admin/totals | grep orders",
}

func main() {
	root := flag.String("root", ".", "the `folder` of the repository; bin/ in it holds the plugin, the emulator and the YAML host")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *root); err != nil {
		fmt.Fprintln(os.Stderr, "recording:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, root string) (err error) {
	root, err = filepath.Abs(root)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "recording-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s, err := begin(ctx, root, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	for _, command := range commands {
		if err := s.run(ctx, command); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(root, "docs", "recording.svg"), draw(s.lines), 0o644)
}
