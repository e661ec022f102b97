package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// endpoint is a region that is being served.
type endpoint struct {
	region  string
	address string // host:port
}

// listen starts the emulator for every region.
func listen(s settings) (*emulator.Server, []endpoint, error) {
	server, err := emulator.New(s.options)
	if err != nil {
		return nil, nil, err
	}
	host, portText, err := net.SplitHostPort(s.listen)
	if err != nil {
		return nil, nil, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil || port < 0 || port > 65535 {
		return nil, nil, fmt.Errorf("--listen %s: %q is not a port", s.listen, portText)
	}
	var endpoints []endpoint
	for _, region := range server.Regions() {
		url, err := server.Listen(region, net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			if errors.Is(err, syscall.EADDRINUSE) {
				err = fmt.Errorf("%s:%d is in use, perhaps by another emulator; stop that one, or give another --listen (port 0 takes a free one)", host, port)
			}
			return nil, nil, errors.Join(err, server.Close())
		}
		endpoints = append(endpoints, endpoint{region, strings.TrimPrefix(url, "http://")})
		if port != 0 {
			port++
		}
	}
	return server, endpoints, nil
}

// variable is one setting that a client needs.
type variable struct{ name, value string }

// environment lists what makes clients use the emulator instead of the cloud.
func environment(s settings, main endpoint) []variable {
	credential := emulator.Credential{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret}
	if len(s.options.Credentials) > 0 {
		credential = s.options.Credentials[0]
	}
	return []variable{
		{"ALIBABA_CLOUD_ACCESS_KEY_ID", credential.AccessKeyID},
		{"ALIBABA_CLOUD_ACCESS_KEY_SECRET", credential.Secret},
		{"ALIBABA_CLOUD_REGION", main.region},
		{"ALIBABA_CLOUD_ENDPOINT_KMS", "http://" + main.address},
		{"ALIBABA_CLOUD_ENDPOINT_BSSOPENAPI", "http://" + main.address},
		{"ALIBABA_CLOUD_ENDPOINT_STS", "http://" + main.address},
		{"ALIBABA_CLOUD_ENDPOINT_VPC", "http://" + main.address},
	}
}

// announce writes the environment file and prints what to paste.
func announce(w io.Writer, s settings, server *emulator.Server, endpoints []endpoint) error {
	var b strings.Builder
	for _, e := range endpoints {
		fmt.Fprintf(&b, "Listening on http://%s (region %s, site %s)\n", e.address, e.region, s.options.Site)
	}
	main := endpoints[0]
	fmt.Fprintf(&b, "Instances and calls are shown at http://%s/\n", main.address)
	if s.options.StateFile != "" {
		fmt.Fprintf(&b, "Keeping the state in %s (instances: %d)\n", s.options.StateFile, len(server.Instances()))
	}
	variables := environment(s, main)
	b.WriteString("\nIn a shell:\n")
	for _, v := range variables {
		fmt.Fprintf(&b, "  export %s=%s\n", v.name, v.value)
	}
	b.WriteString("\nIn a Pulumi project:\n")
	for _, v := range []variable{{"accessKey", variables[0].value}, {"secretKey", variables[1].value}} {
		fmt.Fprintf(&b, "  pulumi config set --secret alicloud-kms:%s %s\n", v.name, v.value)
	}
	fmt.Fprintf(&b, "  pulumi config set alicloud-kms:region %s\n", main.region)
	b.WriteString("  pulumi config set alicloud-kms:protocol HTTP\n")
	for _, service := range []string{"kms", "bssopenapi", "sts", "vpc"} {
		fmt.Fprintf(&b, "  pulumi config set --path alicloud-kms:endpoints.%s %s\n", service, main.address)
	}
	b.WriteString("\nCtrl-C stops it.\n")
	// Whoever has read the lines may count on the file.
	if s.envFile != "" {
		if err := writeEnvironment(s.envFile, variables); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// removeEnvironment removes the environment file, if there is one.
func removeEnvironment(path string) error {
	if path == "" {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove the environment file: %w", err)
	}
	return nil
}

// writeEnvironment writes the variables in one piece, so that a script that waits for the file never reads half of it.
func writeEnvironment(path string, variables []variable) error {
	var b strings.Builder
	for _, v := range variables {
		fmt.Fprintf(&b, "%s=%s\n", v.name, v.value)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("cannot write the environment file: %w", err)
	}
	_, err = temp.WriteString(b.String())
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return fmt.Errorf("cannot write the environment file: %w", err)
	}
	return nil
}
