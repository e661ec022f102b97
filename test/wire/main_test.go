package wire_test

import (
	"flag"
	"os"
	"testing"
)

// Property tests are the same every time, and leave no files behind. A flag on the command line comes later and wins.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.seed": "20260102", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
