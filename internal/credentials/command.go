package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/kballard/go-shellquote"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// maxStderr bounds what is repeated of a failing command's error output.
const maxStderr = 300

// command is the source of credentials that a command prints as JSON (mode External of a profile). credentials-go's own code
// for this prints what it cannot read, which may be a secret.
func command(line, profile string) source {
	return func(ctx context.Context) (cloud.Session, error) {
		s, err := run(ctx, line)
		if err != nil {
			err = fmt.Errorf("the command of the profile %q (process_command) gave no credentials: %w", profile, err)
		}
		return s, err
	}
}

func run(ctx context.Context, line string) (cloud.Session, error) {
	args, err := splitCommand(line, runtime.GOOS == "windows")
	if err != nil {
		return cloud.Session{}, err
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the user's own configuration says what to run; no shell
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // children that hold the pipes open must not hold up the provider
	if err := cmd.Run(); err != nil {
		return cloud.Session{}, commandError(ctx, args[0], err, stderr.String())
	}
	var answer struct {
		Mode            string `json:"mode"`
		AccessKeyID     string `json:"access_key_id"`
		AccessKeySecret string `json:"access_key_secret"`
		Token           string `json:"sts_token"`
		Expiration      string `json:"expiration"`
	}
	var s cloud.Session
	wrong := ""
	switch {
	case json.Unmarshal(stdout.Bytes(), &answer) != nil:
		wrong = "it printed no JSON object"
	case answer.AccessKeyID == "" || answer.AccessKeySecret == "":
		wrong = "it printed no access_key_id or no access_key_secret"
	case answer.Mode == "StsToken" && answer.Token == "":
		wrong = "it printed the mode StsToken but no sts_token"
	case answer.Mode != "" && answer.Mode != "AK" && answer.Mode != "StsToken":
		wrong = "it printed a mode other than AK and StsToken"
	case answer.Expiration != "":
		if s.Expires, err = time.Parse(time.RFC3339, answer.Expiration); err != nil {
			wrong = "it printed an expiration that is no time such as 2006-01-02T15:04:05Z"
		}
	case answer.Token != "": // it does not say when they expire: the shortest life that STS gives
		s.Expires = time.Now().Add(15 * time.Minute)
	}
	if wrong != "" {
		return cloud.Session{}, errors.New(wrong)
	}
	s.Credentials = cloud.Credentials{
		AccessKeyID: answer.AccessKeyID, AccessKeySecret: answer.AccessKeySecret, SecurityToken: answer.Token, Provider: "external",
	}
	return s, nil
}

// commandError repeats what the command says on its error output, never what it prints: that may be credentials.
func commandError(ctx context.Context, name string, err error, stderr string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s was stopped: %w", name, context.Cause(ctx))
	}
	stderr = strings.Join(strings.Fields(stderr), " ")
	if runes := []rune(stderr); len(runes) > maxStderr {
		stderr = string(runes[:maxStderr]) + "…"
	}
	if stderr == "" {
		return fmt.Errorf("%s failed: %w", name, err)
	}
	return fmt.Errorf("%s failed (%w) and said: %s", name, err, stderr)
}

// splitCommand splits a command line into words as a POSIX shell does, but expands nothing.
func splitCommand(line string, windows bool) ([]string, error) {
	if windows { // where a backslash separates folders: it stays, but before a quotation mark
		parts := strings.Split(line, "'")
		for i := 0; i < len(parts); i += 2 { // between single quotes it stays anyway
			parts[i] = strings.NewReplacer(`\"`, `\"`, `\`, `\\`).Replace(parts[i])
		}
		line = strings.Join(parts, "'")
	}
	words, err := shellquote.Split(strings.TrimSpace(line))
	switch {
	case err != nil:
		return nil, errors.New("a quotation mark in it is not closed, or a backslash ends it")
	case len(words) == 0 || words[0] == "":
		return nil, errors.New("it is empty")
	}
	return words, nil
}
