// Command pulumi-resource-alicloud-kms is the plugin that the Pulumi engine starts.
package main

import (
	"context"
	"fmt"
	"os"

	_ "github.com/pulumiverse/pulumi-alicloud-kms/internal/quickstart" // before the libraries fill their tables
	"github.com/pulumiverse/pulumi-alicloud-kms/provider"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-%s: %s\n", provider.Name, err)
		os.Exit(1)
	}
}

func run() error {
	p, err := provider.New()
	if err != nil {
		return err
	}
	return p.Run(context.Background(), provider.Name, provider.Version)
}
