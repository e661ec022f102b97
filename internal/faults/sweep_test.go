package faults

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"
)

var (
	seed = flag.Uint64("seed", 1, "seed of what the sweep chooses at random")
	scen = flag.String("scenario", "", "")
	kin  = flag.String("kind", "", "")
)

func TestSweep(t *testing.T) {
	w := &sweep{plugin: os.Getenv("PLUGIN"), dir: t.TempDir(), parallel: 32, seed: *seed, sample: 1}
	w.only = func(s *scenario, k *kind) bool { return *kin == "" || k.name == *kin }
	list := scenarios()
	if *scen != "" {
		list = slices.DeleteFunc(list, func(s scenario) bool { return s.name != *scen })
	}
	t0 := time.Now()
	r, err := w.run(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	bad, blows, orders := 0, 0, 0
	ways := map[string]int{}
	shown := 0
	for _, o := range r.outcomes {
		blows += o.struck
		orders += o.bought
		ways[o.way]++
		if len(o.violations) > 0 {
			bad++
			if shown < 40 {
				t.Errorf("%s: %v", o.testCase, o.violations)
				shown++
				if shown < 6 {
					t.Log(o.log)
				}
			}
		}
	}
	fmt.Printf("cases %d, faults %d, orders %d, violations %d in %s\n", len(r.outcomes), blows, orders, bad, time.Since(t0))
	for _, k := range slices.Sorted(maps.Keys(ways)) {
		fmt.Println("  ", k, ways[k])
	}
}
