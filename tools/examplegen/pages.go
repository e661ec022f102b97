package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// page is a text with examples between two marks.
type page struct {
	file       string // below the root of the repository
	begin, end string
	render     func(root string) (string, error)
}

var pages = []page{
	{"internal/kmsinstance/kmsinstance.md", "{{% examples %}}\n", "{{% /examples %}}\n", resourceExamples},
	{"docs/_index.md", "{{< chooser language \"" + chooserLanguages() + "\" >}}\n", "{{< /chooser >}}\n", chooser},
	{"docs/howto-use.md", "<!-- examples/typescript-keys -->\n", "<!-- end -->\n", func(root string) (string, error) { return languages[0].block(root, "keys") }},
}

// language is how a language is called in examples/, in code blocks, and in the registry's choosers.
type language struct {
	folder, program, fence string
	withNetworks           bool // has the examples that make networks with the alicloud provider
}

var languages = []language{
	{"typescript", "index.ts", "typescript", true},
	{"python", "__main__.py", "python", true},
	{"go", "main.go", "go", true},
	{"csharp", "Program.cs", "csharp", false},
	{"java", "src/main/java/example/App.java", "java", false},
	{"yaml", "Pulumi.yaml", "yaml", true},
}

// minimal is the example that is there in every language.
const minimal = "minimal"

func chooserLanguages() string {
	names := make([]string, len(languages))
	for i, l := range languages {
		names[i] = l.fence
	}
	return strings.Join(names, ",")
}

// resourceExamples shows a stack of each payment type, in the form that the generators of SDKs pick their language from.
func resourceExamples(root string) (string, error) {
	var out strings.Builder
	out.WriteString("## Example Usage\n\nThe first program takes the ids of its networks from the configuration of its stack, the second makes them with the " +
		"`alicloud` provider. Their project files are in `examples/`, and a Subscription with its networks.\n\n")
	for _, stack := range []string{minimal, "payasyougo"} {
		title, err := description(root, "yaml-"+stack)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "{{%% example %%}}\n### %s\n\n", title)
		for _, l := range languages {
			if stack != minimal && !l.withNetworks {
				continue
			}
			block, err := l.block(root, stack)
			if err != nil {
				return "", err
			}
			out.WriteString(block + "\n")
		}
		out.WriteString("{{% /example %}}\n")
	}
	return out.String(), nil
}

// chooser shows the minimal example in the form from which readers of the registry choose their language.
func chooser(root string) (string, error) {
	var out strings.Builder
	for _, l := range languages {
		block, err := l.block(root, minimal)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "{{%% choosable language %s %%}}\n\n%s\n{{%% /choosable %%}}\n", l.fence, block)
	}
	return out.String(), nil
}

// block is the program of a stack as a code block.
func (l language) block(root, stack string) (string, error) {
	text, err := read(root, l.folder+"-"+stack, l.program)
	return "```" + l.fence + "\n" + text + "```\n", err
}

var descriptionLine = regexp.MustCompile(`(?m)^description: (.+)$`)

// description is what an example's project file says that it is.
func description(root, example string) (string, error) {
	text, err := read(root, example, "Pulumi.yaml")
	if err != nil {
		return "", err
	}
	found := descriptionLine.FindStringSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("the project file of %s has no description", example)
	}
	return found[1], nil
}

func read(root, example, file string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "examples", example, filepath.FromSlash(file)))
	return string(text), err
}
