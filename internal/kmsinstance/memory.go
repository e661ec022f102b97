package kmsinstance

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// memory is what this process knows beyond the state that the engine sends. A process serves one configuration of the provider
// in one command of Pulumi.
//
//	map        | what                                   | written                      | read
//	known      | ids that were ordered here or named    | by every verb                | by the look for lost purchases: such an
//	           | to this process                        |                              | instance is in a stack
//	old        | the instance that Diff or Read named   | by Diff and Read; deleted    | by Create: what replaces a protected instance,
//	           | last under a URN                       | when it is gone              | or one of another account, is not bought
//	unfinished | the instance under a URN that is not   | by Create, Update and Diff;  | by Delete: the instance that is replaced stays
//	           | as its program wants it                | deleted when it is finished  | until then
//	purchases  | the order of a URN whose Create has    | by Create                    | by the next Create of the URN, as an error
//	           | not succeeded                          |                              | hook makes it: it orders nothing again
//	checked    | URNs whose inputs were checked         | by Check                     | by Read: it says what an import leaves out
//	unsaid     | what a Read has left out of the inputs | by Read                      | by Check, which says it
type memory struct {
	known, old, unfinished, purchases, checked, unsaid sync.Map

	ordering atomic.Int32 // orders that are under way
	noLook   sync.Once    // says that the look for lost purchases failed
	mutex    sync.Mutex
	survey   *survey // the last look for lost purchases
}

// standing is an instance that a replacement would destroy.
type standing struct {
	id        string
	place     place
	protected bool
}

// named notes that the engine has asked about an instance. outputs hold it by its id, too.
func (m *memory) named(id string, state property.Map) {
	m.known.Store(id, true)
	m.known.Store(stringOf(state.Get("instanceId")), true)
}

// knownOr tells ids that are known or among others.
func (m *memory) knownOr(others []string) func(id string) bool {
	return func(id string) bool {
		_, known := m.known.Load(id)
		return known || slices.Contains(others, id)
	}
}

// stands notes the instance under a URN.
func (m *memory) stands(urn resource.URN, s standing) { m.old.Store(urn, s) }

func (m *memory) standing(urn resource.URN) (standing, bool) {
	old, _ := m.old.Load(urn)
	s, ok := old.(standing)
	return s, ok
}

// gone forgets an instance under a URN that does not exist any more.
func (m *memory) gone(urn resource.URN, id string) {
	if old, _ := m.standing(urn); old.id == id {
		m.old.Delete(urn)
	}
	m.unfinished.CompareAndDelete(urn, id)
}

// begun notes that the instance under a URN is not finished.
func (m *memory) begun(urn resource.URN, id string) { m.unfinished.Store(urn, id) }

// ended notes how an operation on an instance ended. An empty id says that there is none.
func (m *memory) ended(urn resource.URN, id string, err error) {
	switch {
	case err == nil:
		m.unfinished.Delete(urn)
		m.purchases.Delete(urn)
	case id != "":
		m.begun(urn, id)
	}
}

// unfinishedSuccessor is the instance that is to replace another one and is not finished; "" if there is none. An engine that
// goes on after errors asks for the other one to be deleted all the same.
func (m *memory) unfinishedSuccessor(urn resource.URN, id string) string {
	found, _ := m.unfinished.Load(urn)
	if successor, _ := found.(string); successor != id {
		return successor
	}
	return ""
}

// look returns the survey of this moment: one that began within the last seconds, or a new one. It is nil if ctx ends before, or
// the patience, which counts from its beginning; 0 has no end.
func (m *memory) look(ctx context.Context, client *cloud.Client, skip func(id string) bool, patience time.Duration) *survey {
	m.mutex.Lock()
	s := m.survey
	if s == nil || time.Since(s.began) > oneLook {
		s = &survey{began: time.Now(), done: make(chan struct{})}
		m.survey = s
		shared := context.WithoutCancel(ctx)
		go func() {
			defer close(s.done)
			s.make(shared, client, skip)
		}()
	}
	m.mutex.Unlock()
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, s.began.Add(patience))
		defer cancel()
	}
	select {
	case <-s.done:
		return s
	case <-ctx.Done():
		return nil
	}
}

// leftOut is told what a Read without state has left out of the inputs. Whether to say it shows only from who asks: the engine also
// checks the inputs of an import, before or after. It does not check those of a `.get`, which manages none.
func (m *memory) leftOut(g *progress, urn resource.URN, warnings []string) {
	m.unsaid.Store(urn, warnings)
	if _, checked := m.checked.Load(urn); checked {
		m.say(g, urn)
	}
}

// isChecked is told of every Check.
func (m *memory) isChecked(g *progress, urn resource.URN) {
	m.checked.Store(urn, true)
	m.say(g, urn)
}

func (m *memory) say(g *progress, urn resource.URN) {
	found, _ := m.unsaid.LoadAndDelete(urn)
	warnings, _ := found.([]string)
	g.warnings(warnings)
}
