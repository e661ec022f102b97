package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// stateFormat changes when older files can no longer be read.
const stateFormat = 1

// tempSuffix ends the name of a state file that is being written.
const tempSuffix = ".tmp"

// load reads a state file; it returns nil if there is none. Credentials, nonces, faults and the journal are in none.
func load(path string) (*book, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the file that the options name
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no file is a fresh start, not a failure
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the state file: %w", err)
	}
	var b book
	decoder := json.NewDecoder(bytes.NewReader(text))
	damage := ""
	switch err := decoder.Decode(&b); {
	case err != nil:
		damage = err.Error()
	case decoder.More():
		damage = "there is something after its end"
	case b.Format != stateFormat:
		return nil, fmt.Errorf("the state file %s has format %d, but this emulator reads format %d; move it away to start empty", path, b.Format, stateFormat)
	case slices.ContainsFunc(b.Instances, func(i *Instance) bool { return i == nil || i.ID == "" || i.Region == "" }):
		damage = "an instance has no id or region"
	case b.OrderSeq <= 0:
		damage = "its order sequence is missing"
	}
	if damage != "" {
		return nil, fmt.Errorf("the state file %s is damaged (%s); nothing was changed: move it away to start empty, or put a good copy in its place", path, damage)
	}
	if b.Tokens == nil {
		b.Tokens = map[string]tokenResult{}
	}
	b.Totals.Calls = 0 // the journal counts the calls of this run
	return &b, nil
}

// save writes the state, whole or not at all: the new file appears under the old name only when all of it is there. The
// state is at least as new as this call.
func (s *Server) save() error {
	path := s.opts.StateFile
	if path == "" {
		return nil
	}
	s.saving.Lock()
	defer s.saving.Unlock()
	text, err := s.state()
	if err == nil {
		err = os.WriteFile(path+tempSuffix, append(text, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(path+tempSuffix, path)
	}
	if err != nil {
		_ = os.Remove(path + tempSuffix)
		return fmt.Errorf("cannot write the state file: %w", err)
	}
	return nil
}

func (s *Server) state() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.Clock = s.clock.now()
	s.account.catchUpAll(s.account.Clock)
	return json.Marshal(s.account.book)
}
