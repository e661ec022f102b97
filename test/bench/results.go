package main

// What the tests measure on the virtual clock, and the program prints.

// calls are the API calls of an operation: how many of each action, and how many one after another.
type calls struct {
	Operation string
	Counts    map[string]int
	Deep      int
}

func (c calls) total() int {
	n := 0
	for _, count := range c.Counts {
		n += count
	}
	return n
}

// overhead is by how much an operation took longer than the cloud, in seconds of the virtual clock.
type overhead struct {
	Operation string
	Cloud     string // what the cloud takes
	Call      string // what each call takes
	Seconds   []float64
	Looks     []float64 // how often GetKmsInstance was called
}

// many is what happened while many instances were created at once.
type many struct {
	Instances int
	Calls     int       // all API calls
	Throttled int       // of them refused because of too many
	Busiest   int       // GetKmsInstance calls in the busiest second while all were connecting
	Seconds   []float64 // from Connected until the create is done
}
