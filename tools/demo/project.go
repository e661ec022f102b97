package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The demo's projects use the plugin from bin/: nothing is published yet, and nothing is to be downloaded.
const pluginBlock = `
plugins:
  providers:
    - name: alicloud-kms
      path: %s
`

const program = "Pulumi.yaml"

// copyExample makes a project of an example.
func (s *shell) copyExample(example, project string) error {
	text, err := os.ReadFile(filepath.Join(s.root, "examples", example, program))
	if err != nil {
		return err
	}
	s.prompt("", "cp -r examples/"+example+" "+s.folder(project)+"; cd "+s.folder(project))
	if err := os.MkdirAll(s.folder(project), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.folder(project), program), text, 0o600); err != nil {
		return err
	}
	return s.addToProgram(project, fmt.Sprintf(pluginBlock, filepath.Join(s.root, "bin")))
}

// addToProgram appends text to a project's program.
func (s *shell) addToProgram(project, text string) error {
	path := filepath.Join(s.folder(project), program)
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	s.prompt(project, "cat >> "+program)
	s.printf("%s\n", strings.Trim(text, "\n"))
	if err := os.MkdirAll(s.folder(project), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(old, text...), 0o600)
}

// edit is a change of a program: old must be there once.
type edit struct{ old, new string }

// editProgram changes a project's program and shows the lines that change.
func (s *shell) editProgram(project string, edits ...edit) error {
	path := filepath.Join(s.folder(project), program)
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := string(content)
	s.prompt(project, "edit "+program)
	for _, e := range edits {
		if n := strings.Count(text, e.old); n != 1 {
			return fmt.Errorf("%s of %s should have %q once, but has it %d times", program, project, e.old, n)
		}
		text = strings.Replace(text, e.old, e.new, 1)
		for line := range strings.SplitSeq(e.old, "\n") {
			s.printf("  - %s\n", line)
		}
		for line := range strings.SplitSeq(e.new, "\n") {
			s.printf("  + %s\n", line)
		}
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

// read returns a file of a project.
func (s *shell) read(project, name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(s.folder(project), name))
	return string(text), err
}
