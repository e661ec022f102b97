package credentials

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Machine is the machine that the plugin runs on. A zero field stands for the real thing.
type Machine struct {
	// Getenv looks up an environment variable, "" if it is not set.
	Getenv func(name string) string
	// HomeDir is the user's home directory, where the default profile files are.
	HomeDir func() (string, error)
	// ReadFile reads a profile file or a token file.
	ReadFile func(path string) ([]byte, error)
	// MetadataURL is the address of the metadata service of ECS instances.
	MetadataURL string
	// Transport carries all requests; nil = transports of their own that honour the proxy environment variables.
	Transport http.RoundTripper
}

// WithDefaults fills in the real things.
func (m Machine) WithDefaults() Machine {
	if m.Getenv == nil {
		m.Getenv = os.Getenv
	}
	if m.HomeDir == nil {
		m.HomeDir = os.UserHomeDir
	}
	if m.ReadFile == nil {
		m.ReadFile = os.ReadFile
	}
	if m.MetadataURL == "" {
		m.MetadataURL = "http://100.100.100.200"
	}
	return m
}

func (m Machine) isTrue(variable string) bool {
	return strings.EqualFold(strings.TrimSpace(m.Getenv(variable)), "true")
}

// expand puts the home directory in the place of a leading "~".
func (m Machine) expand(path string) string {
	rest, tilde := strings.CutPrefix(path, "~")
	if !tilde || rest != "" && rest[0] != '/' && rest[0] != filepath.Separator {
		return path
	}
	home, err := m.HomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

// profileFiles are the files of the aliyun CLI and of the Alibaba Cloud SDKs.
func (m Machine) profileFiles() []string {
	return []string{m.expand(cmp.Or(m.Getenv("ALIBABA_CLOUD_CONFIG_FILE"), "~/.aliyun/config.json")), m.expand("~/.alibabacloud/credentials")}
}

func (m Machine) readProfiles(path string) (*profileFile, error) {
	content, err := m.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the credentials file: %w", err)
	}
	return parseProfiles(path, content)
}
