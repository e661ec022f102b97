// Package demo takes the minimal example through its whole life on the emulator, once for each payment type, with the real CLI and the
// real plugin: a wrong vSwitch, up, a kill -9 on the way, a change in place, a replacement that is only previewed, drift, an import,
// destroy. It shows every command as one would type it, compares what happened with what should have happened after each step, and ends
// at the first difference. `make demo` runs it.
package demo
