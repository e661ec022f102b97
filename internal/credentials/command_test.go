package credentials

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// commandMarker is the first argument of this test binary when it runs as the command of a profile.
const commandMarker = "as-the-command-of-a-profile"

// runAsCommand is the command: out <text> prints, err <text> prints to the error output, count <file> adds a line to a
// file, exit <code> ends, and sleep waits to be killed.
func runAsCommand(words []string) int {
	for len(words) >= 2 {
		switch words[0] {
		case "out":
			_, _ = io.WriteString(os.Stdout, words[1]) //nolint:forbidigo // this process is no plugin but a command
		case "err":
			_, _ = io.WriteString(os.Stderr, words[1])
		case "count":
			f, err := os.OpenFile(words[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				return 3
			}
			_, _ = io.WriteString(f, "ran\n")
			_ = f.Close()
		case "exit":
			code, _ := strconv.Atoi(words[1])
			return code
		case "sleep":
			time.Sleep(time.Hour)
		}
		words = words[2:]
	}
	return 0
}

// commandLine quotes words for a profile's process_command, so that they arrive as they are.
func commandLine(t testing.TB, words ...string) string {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var quoted []string
	for _, word := range append([]string{binary, commandMarker}, words...) {
		quoted = append(quoted, "'"+strings.ReplaceAll(word, "'", `'\''`)+"'")
	}
	return strings.Join(quoted, " ")
}

func runCommand(t testing.TB, words ...string) (cloud.Session, error) {
	t.Helper()
	return command(commandLine(t, words...), "ext")(t.Context())
}

func TestExternalCommand(t *testing.T) {
	t.Parallel()
	s, err := runCommand(t, "err", "a remark", "out",
		`{"mode":"StsToken","access_key_id":"`+testAccessKey+`","access_key_secret":"`+testSecretKey+`","sts_token":"`+testToken+`","expiration":"2099-01-02T03:04:05Z"}`)
	if err != nil {
		t.Fatal(err)
	}
	if s.AccessKeyID != testAccessKey || s.AccessKeySecret != testSecretKey || s.SecurityToken != testToken ||
		!s.Expires.Equal(time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Error("the credentials are not those that the command printed")
	}
	s, err = runCommand(t, "out", `{"mode":"AK","access_key_id":"a","access_key_secret":"b"}`)
	if err != nil || !s.Expires.IsZero() || s.SecurityToken != "" {
		t.Errorf("an access key never expires, but got %v, %v", s.Expires, err)
	}
	s, err = runCommand(t, "out", `{"mode":"StsToken","access_key_id":"a","access_key_secret":"b","sts_token":"c"}`)
	if err != nil || s.Expires.IsZero() {
		t.Errorf("a token expires even if the command does not say when, but got %v, %v", s.Expires, err)
	}
}

// Errors show the error output, and never what the command prints: that may be credentials.
func TestExternalCommandFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		words []string
		says  string
	}{
		"code":       {[]string{"out", testSecretKey, "err", "log in\nfirst", "exit", "2"}, "and said: log in first"},
		"silent":     {[]string{"out", testSecretKey, "exit", "7"}, "failed: exit status 7"},
		"no JSON":    {[]string{"out", testSecretKey}, "it printed no JSON object"},
		"no keys":    {[]string{"out", `{"access_key_id":"` + testAccessKey + `"}`}, "no access_key_id or no access_key_secret"},
		"no token":   {[]string{"out", `{"mode":"StsToken","access_key_id":"a","access_key_secret":"` + testSecretKey + `"}`}, "no sts_token"},
		"other mode": {[]string{"out", `{"mode":"Magic","access_key_id":"a","access_key_secret":"` + testSecretKey + `"}`}, "a mode other than AK and StsToken"},
		"expiration": {[]string{"out", `{"access_key_id":"a","access_key_secret":"b","sts_token":"` + testToken + `","expiration":"soon"}`}, "no time such as"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := runCommand(t, c.words...)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), `the profile "ext" (process_command)`) {
				t.Fatalf("got %v; want %q", err, c.says)
			}
			assertNoSecrets(t, "the error", err.Error())
		})
	}
	_, err := command("/no/such/command", "ext")(t.Context())
	if err == nil || !strings.Contains(err.Error(), "/no/such/command") {
		t.Errorf("got %v", err)
	}
}

// A command that hangs is stopped when the asking ends.
func TestExternalCommandIsStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errors.New("no answer within 200ms"))
	defer cancel()
	_, err := command(commandLine(t, "sleep", "1"), "ext")(ctx)
	if err == nil || !strings.Contains(err.Error(), "was stopped: no answer within 200ms") {
		t.Errorf("got %v", err)
	}
}

// No shell looks at the command line.
func TestExternalCommandHasNoShell(t *testing.T) {
	t.Parallel()
	marker := t.TempDir() + "/marker"
	for _, trick := range []string{"; touch " + marker, "$(touch " + marker + ")", "`touch " + marker + "`", "| tee " + marker, "&& touch " + marker, "> " + marker} {
		_, _ = command(commandLine(t, "out", "{}")+" "+trick, "ext")(t.Context())
		if _, err := os.Stat(marker); err == nil {
			t.Errorf("%s was carried out", trick)
		}
	}
}

func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line    string
		windows bool
		want    []string
	}{
		{`a b  c`, false, []string{"a", "b", "c"}},
		{"a\tb\n", false, []string{"a", "b"}},
		{`"a b" 'c "d"' e"f g"h`, false, []string{"a b", `c "d"`, "ef gh"}},
		{`a "" ''`, false, []string{"a", "", ""}},
		{`a\ b "c\"d" 'e\f' "g\h"`, false, []string{"a b", `c"d`, `e\f`, `g\h`}},
		{`"C:\Program Files\tool.exe" --x \"q\"`, true, []string{`C:\Program Files\tool.exe`, "--x", `"q"`}},
		{`$HOME *.txt`, false, []string{"$HOME", "*.txt"}},
		{`a\`, false, []string{`a\`}},
	} {
		got, err := splitCommand(c.line, c.windows)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, %v; want %q", c.line, got, err, c.want)
		}
	}
	for _, line := range []string{"", "  ", `""`, `"a`, `a 'b`} {
		if got, err := splitCommand(line, false); err == nil {
			t.Errorf("%q: got %q; want an error", line, got)
		}
	}
}
