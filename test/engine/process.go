package engine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
)

// Binary is a plugin's binary, started as a process of its own.
type Binary struct {
	Path string
	// Env is the environment of the process; nil means that of this one.
	Env []string
	// Dir is its working directory.
	Dir string
}

// patience is how long a plugin may take to start and to end. It ends only tests that have failed anyway.
const patience = time.Minute

func (b Binary) start(engine string) (*running, error) {
	cmd := exec.Command(b.Path, engine) //nolint:noctx // the test says which plugin; it is ended by stop
	cmd.Env, cmd.Dir = b.Env, b.Dir
	cmdutil.RegisterProcessGroup(cmd) // as the engine does: Ctrl-C in a terminal reaches a plugin through the engine only
	var stderr, rest bytes.Buffer     // to be read when the process has exited
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the plugin: %w", err)
	}
	port, exited := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(exited)
		reader := bufio.NewReader(stdout)
		line, readErr := reader.ReadString('\n')
		port <- strings.TrimSpace(line)
		if readErr == nil {
			_, _ = reader.WriteTo(&rest)
		}
		_ = cmd.Wait() // a plugin that is killed has no other status
	}()
	kill := func() error {
		err := cmd.Process.Kill()
		<-exited
		if errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		return err
	}
	stop := func() error {
		select {
		case <-exited:
			return nil
		default:
		}
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-exited:
		case <-time.After(patience):
			return errors.Join(errors.New("the plugin did not end when it was told to"), kill())
		}
		if printed := rest.String(); printed != "" {
			return fmt.Errorf("the plugin printed to stdout, which belongs to the engine: %q", printed)
		}
		return nil
	}
	select {
	case first := <-port:
		folder := filepath.Dir(b.Path)
		return &running{target: "127.0.0.1:" + first, folder: &folder, stop: stop, kill: kill, stderr: stderr.String}, nil
	case <-time.After(patience):
		return nil, errors.Join(errors.New("the plugin printed no port"), kill(), errors.New(stderr.String()))
	}
}
