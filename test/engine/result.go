package engine

import (
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/display"
	pulumi "github.com/pulumi/pulumi/pkg/v3/engine"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Result is what came of an operation.
type Result struct {
	// Steps are those that ended, in that order, without those of default providers and of the stack itself.
	Steps []Step
	// Messages are what the engine and the providers said, in that order.
	Messages []Message
	// Registered is what the program was handed, by the names of its resources. What it was handed nothing for is missing.
	Registered map[string]*Registered
	// Stderr is what plugin processes wrote there.
	Stderr string
	// Err is why the operation failed, nil if it did not. The reasons are among the messages.
	Err error
	// Broken is what is wrong with the snapshots that were recorded: a defect of the engine, which no test expects.
	Broken error
}

// Step is a step that ended.
type Step struct {
	Op         display.StepOp
	URN        resource.URN
	Failed     bool
	ID         resource.ID
	InitErrors []string
	Diff       map[string]plugin.PropertyDiff
}

// Message is a line for the user.
type Message struct {
	Severity diag.Severity
	Text     string
	Status   bool // shown in the row of the resource only while it is the latest
}

func resultOf(events []pulumi.Event) *Result {
	r := &Result{}
	for _, e := range events {
		switch p := e.Payload().(type) {
		case pulumi.DiagEventPayload:
			line := strings.TrimSuffix(colors.Never.Colorize(p.Message), "\n")
			r.Messages = append(r.Messages, Message{Severity: p.Severity, Text: line, Status: p.Ephemeral})
		case pulumi.ResourceOutputsEventPayload:
			if !e.Internal() && p.Metadata.Type != rootStack {
				r.Steps = append(r.Steps, stepOf(p.Metadata, false))
			}
		case pulumi.ResourceOperationFailedPayload:
			r.Steps = append(r.Steps, stepOf(p.Metadata, true))
		}
	}
	return r
}

func stepOf(m pulumi.StepEventMetadata, failed bool) Step {
	s := Step{Op: m.Op, URN: m.URN, Failed: failed, Diff: m.DetailedDiff}
	if m.Res != nil {
		s.ID, s.InitErrors = m.Res.State.ID, m.Res.State.InitErrors
	}
	return s
}

// Ops lists the steps as "op name", without those that do nothing.
func (r *Result) Ops() []string {
	var ops []string
	for _, s := range r.Steps {
		if s.Op != deploy.OpSame {
			ops = append(ops, string(s.Op)+" "+s.URN.Name())
		}
	}
	return ops
}

// Text is what a user reads, a line each, without --debug; the lines of resources' rows only if status is true.
func (r *Result) Text(status bool) string {
	var b strings.Builder
	for _, m := range r.Messages {
		if m.Severity != diag.Debug && (status || !m.Status) {
			b.WriteString(string(m.Severity) + ": " + m.Text + "\n")
		}
	}
	return b.String()
}
