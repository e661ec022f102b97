//go:build unix

package enginetest

import (
	"os"
	"runtime"
	"syscall"
)

// ownGroup starts a process in a group of its own.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// maxRSS is the most memory that the process had resident, in bytes; 0 if it is not known.
func maxRSS(process *os.ProcessState) int64 {
	usage, ok := process.SysUsage().(*syscall.Rusage)
	if !ok || runtime.GOOS != "linux" {
		return 0 // other systems count in other units
	}
	return usage.Maxrss << 10
}
