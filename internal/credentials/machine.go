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
	Getenv      func(name string) string
	HomeDir     func() (string, error)
	ReadFile    func(path string) ([]byte, error)
	MetadataURL string            // of ECS instances
	Transport   http.RoundTripper // of all requests; nil = transports of their own that honour the proxy environment variables
}

// WithDefaults fills in the real things, but for the transport.
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
