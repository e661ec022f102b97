package credentials

import (
	"io/fs"
	"strings"
	"testing"
)

// Secrets of the tests, which no message may hold.
const (
	testAccessKey = "LTAI-test-access-key"
	testSecretKey = "test-secret-key-9f3a"
	testToken     = "test-security-token-77c1"
)

func assertNoSecrets(t testing.TB, what, text string) {
	t.Helper()
	for _, secret := range []string{testAccessKey, testSecretKey, testToken} {
		if strings.Contains(text, secret) {
			t.Errorf("%s holds a secret: %s", what, text)
		}
	}
}

// blank is a machine without environment and files.
func blank() Machine {
	return Machine{
		Getenv:  func(string) string { return "" },
		HomeDir: func() (string, error) { return "/home/user", nil },
		ReadFile: func(path string) ([]byte, error) {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
	}.WithDefaults()
}
