package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// stateFormat changes when older files can no longer be read.
const stateFormat = 1

// savedState is what a state file holds. Credentials, nonces, faults and the journal are not among it.
type savedState struct {
	Format    int                    `json:"format"`
	Clock     time.Time              `json:"clock"`
	Instances []*Instance            `json:"instances"`
	Networks  []Network              `json:"networks"`
	Orders    []Order                `json:"orders"`
	Tokens    map[string]tokenResult `json:"tokens"`
	OrderSeq  int64                  `json:"orderSequence"`
	Totals    Totals                 `json:"totals"`
}

// saved copies the state; it shares nothing with the original.
func (c *cloud) saved(now time.Time) *savedState {
	c.catchUpAll(now)
	s := &savedState{
		Format: stateFormat, Clock: now, Orders: append([]Order{}, c.orders...), Tokens: map[string]tokenResult{},
		OrderSeq: c.orderSeq, Totals: c.totals, Instances: []*Instance{}, Networks: []Network{},
	}
	for _, n := range c.sortedNetworks() {
		s.Networks = append(s.Networks, n.copy())
	}
	for _, i := range c.sorted() {
		kept := i.copy()
		s.Instances = append(s.Instances, &kept)
	}
	for key, result := range c.tokens {
		s.Tokens[key] = result
	}
	return s
}

func (c *cloud) restore(s *savedState) {
	for _, i := range s.Instances {
		c.instances[i.ID] = i
	}
	for n := range s.Networks {
		c.networks[s.Networks[n].VpcID] = &s.Networks[n]
	}
	c.orders, c.orderSeq, c.totals = s.Orders, s.OrderSeq, s.Totals
	c.totals.Calls = 0 // the journal counts the calls of this run
	for key, result := range s.Tokens {
		c.tokens[key] = result
	}
}

// stateFile writes states to a file, one after the other, whole or not at all.
type stateFile struct {
	path string

	wanted struct {
		sync.Mutex
		version int
	}
	mu      sync.Mutex
	written int
}

func newStateFile(path string) *stateFile { return &stateFile{path: path} }

// sweep removes what a killed emulator left of a file that it was writing.
func (f *stateFile) sweep() {
	dir, prefix := filepath.Dir(f.path), filepath.Base(f.path)+"."
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // the first save says so
	}
	for _, e := range entries {
		if middle, ok := strings.CutPrefix(e.Name(), prefix); ok && e.Type().IsRegular() {
			if number, ok := strings.CutSuffix(middle, tempSuffix); ok && digitsPattern.MatchString(number) {
				_ = os.Remove(filepath.Join(dir, e.Name())) // it does no harm
			}
		}
	}
}

// tempSuffix ends the names of files that are being written: "state.json.123.tmp".
const tempSuffix = ".tmp"

// load reads the file; it returns nil if there is none.
func (f *stateFile) load() (*savedState, error) {
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no file is a fresh start, not a failure
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the state file: %w", err)
	}
	damaged := func(why string) error {
		return fmt.Errorf("the state file %s is damaged (%s); nothing was changed: move it away to start empty, or put a good copy in its place", f.path, why)
	}
	var s savedState
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&s); err != nil {
		return nil, damaged(err.Error())
	}
	if decoder.More() {
		return nil, damaged("there is something after its end")
	}
	if s.Format != stateFormat {
		return nil, fmt.Errorf("the state file %s has format %d, but this emulator reads format %d; move it away to start empty", f.path, s.Format, stateFormat)
	}
	for _, i := range s.Instances {
		if i == nil || i.ID == "" || i.Region == "" {
			return nil, damaged("an instance has no id or region")
		}
	}
	if s.OrderSeq <= 0 {
		return nil, damaged("its order sequence is missing")
	}
	return &s, nil
}

// save writes a state that is at least as new as this call. Calls that come while another one is writing share the
// next write.
func (f *stateFile) save(snapshot func() *savedState) error {
	f.wanted.Lock()
	f.wanted.version++
	mine := f.wanted.version
	f.wanted.Unlock()

	f.mu.Lock()
	defer f.mu.Unlock()
	if f.written >= mine {
		return nil
	}
	f.wanted.Lock()
	covers := f.wanted.version
	f.wanted.Unlock()
	if err := f.write(snapshot()); err != nil {
		return err
	}
	f.written = covers
	return nil
}

func (f *stateFile) write(s *savedState) (err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("cannot write the state: %w", err)
	}
	// The new file appears under the old name only when all of it is on the disk.
	temp, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*"+tempSuffix)
	if err != nil {
		return fmt.Errorf("cannot write the state file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
			err = fmt.Errorf("cannot write the state file: %w", err)
		}
	}()
	if _, err = temp.Write(append(text, '\n')); err != nil {
		return err
	}
	if err = temp.Sync(); err != nil {
		return err
	}
	if err = temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), f.path)
}
