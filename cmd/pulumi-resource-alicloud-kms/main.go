// Command pulumi-resource-alicloud-kms is the plugin that the Pulumi engine starts.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumiverse/pulumi-alicloud-kms/provider"
)

func main() {
	if err := provider.Serve(context.Background()); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-%s: %s\n", provider.Name, err)
		os.Exit(1)
	}
}
