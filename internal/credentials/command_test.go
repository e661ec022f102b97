package credentials

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// sh is the command line of a script.
func sh(script string) string {
	return `sh -c "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(script) + `"`
}

func printed(t testing.TB, text string) (cloud.Session, error) {
	t.Helper()
	return command(sh("echo a remark >&2; cat <<'END'\n"+text+"\nEND"), "ext")(t.Context())
}

func TestExternalCommand(t *testing.T) {
	t.Parallel()
	s, err := printed(t, `{"mode":"StsToken","access_key_id":"`+testAccessKey+`","access_key_secret":"`+testSecretKey+`","sts_token":"`+testToken+
		`","expiration":"2099-01-02T03:04:05Z"}`)
	if err != nil {
		t.Fatal(err)
	}
	if s.AccessKeyID != testAccessKey || s.AccessKeySecret != testSecretKey || s.SecurityToken != testToken ||
		!s.Expires.Equal(time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Error("the credentials are not those that the command printed")
	}
	s, err = printed(t, `{"mode":"AK","access_key_id":"a","access_key_secret":"b"}`)
	if err != nil || !s.Expires.IsZero() || s.SecurityToken != "" {
		t.Errorf("an access key never expires, but got %v, %v", s.Expires, err)
	}
	s, err = printed(t, `{"mode":"StsToken","access_key_id":"a","access_key_secret":"b","sts_token":"c"}`)
	if err != nil || s.Expires.IsZero() {
		t.Errorf("a token expires even if the command does not say when, but got %v, %v", s.Expires, err)
	}
}

// Errors show the error output, and never what the command prints: that may be credentials.
func TestExternalCommandFails(t *testing.T) {
	t.Parallel()
	says := func(text string) string { return sh("cat <<'END'\n" + text + "\nEND") }
	for name, c := range map[string]struct{ line, says string }{
		"code":       {sh("echo " + testSecretKey + "; echo log in >&2; echo first >&2; exit 2"), "and said: log in first"},
		"silent":     {sh("echo " + testSecretKey + "; exit 7"), "failed: exit status 7"},
		"no JSON":    {says(testSecretKey), "it printed no JSON object"},
		"no keys":    {says(`{"access_key_id":"` + testAccessKey + `"}`), "no access_key_id or no access_key_secret"},
		"no token":   {says(`{"mode":"StsToken","access_key_id":"a","access_key_secret":"` + testSecretKey + `"}`), "no sts_token"},
		"other mode": {says(`{"mode":"Magic","access_key_id":"a","access_key_secret":"` + testSecretKey + `"}`), "a mode other than AK and StsToken"},
		"expiration": {says(`{"access_key_id":"a","access_key_secret":"b","sts_token":"` + testToken + `","expiration":"soon"}`), "no time such as"},
		"no command": {"/no/such/command", "/no/such/command"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := command(c.line, "ext")(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), `the profile "ext" (process_command)`) {
				t.Fatalf("got %v; want %q", err, c.says)
			}
			assertNoSecrets(t, "the error", err.Error())
		})
	}
}

// A command that hangs is stopped when the asking ends.
func TestExternalCommandIsStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errors.New("no answer within 200ms"))
	defer cancel()
	_, err := command("sleep 3600", "ext")(ctx)
	if err == nil || !strings.Contains(err.Error(), "was stopped: no answer within 200ms") {
		t.Errorf("got %v", err)
	}
}

// No shell looks at the command line.
func TestExternalCommandHasNoShell(t *testing.T) {
	t.Parallel()
	marker := t.TempDir() + "/marker"
	for _, trick := range []string{"; touch " + marker, "$(touch " + marker + ")", "`touch " + marker + "`", "| tee " + marker, "> " + marker} {
		_, _ = command("echo {} "+trick, "ext")(t.Context())
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
		{"a\tb\r\n", false, []string{"a", "b"}},
		{`"a b" 'c "d"' e"f g"h`, false, []string{"a b", `c "d"`, "ef gh"}},
		{`a "" ''`, false, []string{"a", "", ""}},
		{`a\ b "c\"d" 'e\f' "g\h"`, false, []string{"a b", `c"d`, `e\f`, `g\h`}},
		{`"C:\Program Files\tool.exe" --x \"q\"`, true, []string{`C:\Program Files\tool.exe`, "--x", `"q"`}},
		{`'C:\Program Files\tool.exe' D:\x`, true, []string{`C:\Program Files\tool.exe`, `D:\x`}},
		{`$HOME *.txt`, false, []string{"$HOME", "*.txt"}},
	} {
		got, err := splitCommand(c.line, c.windows)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, %v; want %q", c.line, got, err, c.want)
		}
	}
	for _, line := range []string{"", "  ", `""`, `"a`, `a 'b`, `a\`} {
		if got, err := splitCommand(line, false); err == nil {
			t.Errorf("%q: got %q; want an error", line, got)
		}
	}
}
