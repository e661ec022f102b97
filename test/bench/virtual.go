//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// virtualResults are what the tests of this package have measured on the virtual clock.
type virtualResults struct {
	calls     []calls
	overheads []overhead
	many      []many
}

// measureVirtual runs the tests, which hand over their measurements as attributes. The virtual clock is only to be had in a
// test.
func (b *bench) measureVirtual(ctx context.Context) (*virtualResults, error) {
	if b.virtual != nil {
		return b.virtual, nil
	}
	out, err := command(ctx, nil, "go", "test", "-count=1", "-timeout=1h", "-json", "-run=^Test(Calls|Overhead|ManyAtOnce)$", "./bench",
		"-args", "-runs="+strconv.Itoa(b.effort.virtual), "-at-once="+strconv.Itoa(slices.Max(b.instances)))
	if err != nil {
		return nil, err
	}
	results := &virtualResults{}
	decoder := json.NewDecoder(bytes.NewReader([]byte(out)))
	for decoder.More() {
		var event struct{ Action, Key, Value string }
		if err := decoder.Decode(&event); err != nil {
			return nil, fmt.Errorf("reading what the tests say: %w", err)
		}
		if event.Action != "attr" {
			continue
		}
		switch event.Key {
		case "calls":
			err = appendTo(&results.calls, event.Value)
		case "overhead":
			err = appendTo(&results.overheads, event.Value)
		case "many":
			err = appendTo(&results.many, event.Value)
		}
		if err != nil {
			return nil, fmt.Errorf("reading what the tests have measured: %w", err)
		}
	}
	b.virtual = results
	return results, nil
}

func appendTo[T any](list *[]T, encoded string) error {
	var v T
	err := json.Unmarshal([]byte(encoded), &v)
	*list = append(*list, v)
	return err
}

func measureCalls(ctx context.Context, b *bench) (string, error) {
	results, err := b.measureVirtual(ctx)
	if err != nil {
		return "", err
	}
	t := newTable("operation", "calls:", "deep:", "by action")
	for _, c := range results.calls {
		var actions []string
		for _, action := range slices.Sorted(maps.Keys(c.Counts)) {
			if n := c.Counts[action]; n > 1 {
				action = fmt.Sprintf("%d × %s", n, action)
			}
			actions = append(actions, action)
		}
		t.row(c.Operation, strconv.Itoa(c.total()), strconv.Itoa(c.Deep), strings.Join(actions, ", "))
	}
	return t.String() + "\nWithout delays of the cloud; each look while something is waited for adds a GetKmsInstance. \"Deep\" is how many calls wait " +
		"for one another.\n", nil
}

func measureOverhead(ctx context.Context, b *bench) (string, error) {
	results, err := b.measureVirtual(ctx)
	if err != nil {
		return "", err
	}
	t := newTable("operation", "the cloud takes:", "each call takes:", "median:", "p90:", "max:", "looks:", "runs:")
	for _, o := range results.overheads {
		s := sample(o.Seconds)
		t.row(o.Operation, o.Cloud, o.Call, seconds(s.median()), seconds(s.at(0.9)), seconds(s.max()),
			fmt.Sprintf("%.0f", sample(o.Looks).median()), strconv.Itoa(len(s)))
	}
	m := newTable("creates at once", "median:", "p90:", "max:", "looks in the busiest second:", "calls for each:", "throttled for each:")
	for _, r := range results.many {
		s := sample(r.Seconds)
		m.row(strconv.Itoa(r.Instances), seconds(s.median()), seconds(s.at(0.9)), seconds(s.max()), strconv.Itoa(r.Busiest),
			fmt.Sprintf("%.0f", float64(r.Calls)/float64(r.Instances)), fmt.Sprintf("%.2f", float64(r.Throttled)/float64(r.Instances)))
	}
	return t.String() + "\nOn a virtual clock. \"The cloud takes\" so long to connect; a tenth of it to show the instance, which the time of a create is " +
		"beyond, too; and as long to carry out an order of sizes and to take an instance back (9 minutes at most).\n\n" +
		m.String() + "\nFrom Connected until the create is done, in a cloud that connects in 2 minutes and keeps to the request rates of KMS.\n", nil
}

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }
