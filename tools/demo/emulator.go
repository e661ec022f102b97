package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// emulator is the emulator's process and its admin API.
type emulator struct {
	url  string
	cmd  *exec.Cmd
	done chan error
}

// instance is what the demo looks at of an instance of the emulator.
type instance struct {
	ID    string            `json:"instanceId"`
	Name  string            `json:"instanceName"`
	Tags  map[string]string `json:"tags"`
	State string            `json:"status"`
	VpcID string            `json:"vpcId"`
	Gone  bool              `json:"gone"`
	Sizes struct {
		Spec      int `json:"spec"`
		KeyNum    int `json:"keyNum"`
		SecretNum int `json:"secretNum"`
	} `json:"sizes"`
	BindVpcs []struct {
		VpcID string `json:"vpcId"`
	} `json:"bindVpcs"`
}

func (i instance) boundOnlyTo(vpc string) bool {
	return len(i.BindVpcs) == 1 && i.BindVpcs[0].VpcID == vpc
}

// totals are the sums of the emulator's journal.
type totals struct {
	Orders        int `json:"orders"`
	Modifications int `json:"modifications"`
	Renewals      int `json:"renewals"`
	Refunds       int `json:"refunds"`
	Releases      int `json:"releases"`
	Replays       int `json:"replays"`
}

// order is one order of the emulator's journal.
type order struct {
	ID         string `json:"orderId"`
	Kind       string `json:"kind"`
	InstanceID string `json:"instanceId"`
	Amount     int    `json:"amount"`
}

// startTime is how long the emulator may take to listen.
const startTime = time.Minute

// startEmulator starts the emulator on a free port, with delays that are long enough to watch, and points all later
// commands at it.
func startEmulator(ctx context.Context, s *shell) (*emulator, error) {
	envFile := filepath.Join(s.temp, "emulator.env")
	arguments := "-listen 127.0.0.1:0 -order-visible 500ms -connect 2s -upgrade 1500ms -refund 500ms -release 500ms -quiet -env-file " + envFile
	s.prompt("", "alicloud-kms-emulator "+arguments+" &")
	e := &emulator{
		cmd:  exec.Command(s.bin("alicloud-kms-emulator"), strings.Fields(arguments)...), //nolint:noctx // it is stopped, and waited for, at the end
		done: make(chan error, 1),
	}
	var complaint bytes.Buffer
	e.cmd.Stderr = &complaint
	if err := e.cmd.Start(); err != nil {
		return nil, fmt.Errorf("the emulator does not start: %w", err)
	}
	go func() { e.done <- e.cmd.Wait() }()
	variables, err := e.listening(ctx, envFile)
	if err != nil {
		return nil, errors.Join(err, e.stop(), errors.New(complaint.String()))
	}
	for _, variable := range variables {
		if url, ok := strings.CutPrefix(variable, "ALIBABA_CLOUD_ENDPOINT_KMS="); ok {
			e.url = url
		}
	}
	s.printf("Listening on %s\n", e.url)
	s.export(variables...)
	s.export(
		"PULUMI_HOME="+filepath.Join(s.temp, "home"),
		"PULUMI_BACKEND_URL=file://"+filepath.ToSlash(s.temp),
		"PULUMI_CONFIG_PASSPHRASE=demo",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"ALICLOUD_KMS_LOOK_AGAIN=2s", // the demo does not wait a minute
	)
	return e, nil
}

// listening waits for the file with variables that the emulator writes when it listens.
func (e *emulator) listening(ctx context.Context, envFile string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		if text, err := os.ReadFile(envFile); err == nil {
			return strings.Fields(string(text)), nil
		}
		select {
		case err := <-e.done:
			e.done <- err
			return nil, errors.New("the emulator stopped before it was listening")
		case <-ctx.Done():
			return nil, errors.New("the emulator does not listen")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the emulator and waits until it is gone.
func (e *emulator) stop() error {
	_ = e.cmd.Process.Signal(os.Interrupt) // it may have stopped by itself
	select {
	case err := <-e.done:
		if err != nil {
			return fmt.Errorf("the emulator broke down: %w", err)
		}
		return nil
	case <-time.After(startTime):
		return errors.Join(errors.New("the emulator did not stop by itself"), e.cmd.Process.Kill())
	}
}

// admin calls the emulator's admin API.
func (e *emulator) admin(ctx context.Context, method, path string, body []byte, result any) error {
	request, err := http.NewRequestWithContext(ctx, method, e.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s of the emulator's admin API failed: %s", method, path, answer)
	}
	return json.Unmarshal(answer, result)
}

// curl calls the admin API and shows the command that does the same.
func (e *emulator) curl(ctx context.Context, s *shell, method, path, body string, result any) error {
	s.prompt("", fmt.Sprintf("curl -X %s %s%s -d '%s'", method, e.url, path, body))
	return e.admin(ctx, method, path, []byte(body), result)
}

func (e *emulator) instance(ctx context.Context, id string) (i instance, err error) {
	err = e.admin(ctx, http.MethodGet, "/_admin/instances/"+id, nil, &i)
	return i, err
}

func (e *emulator) totals(ctx context.Context) (t totals, err error) {
	err = e.admin(ctx, http.MethodGet, "/_admin/totals", nil, &t)
	return t, err
}
