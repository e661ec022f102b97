//go:build linux

package main

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// evict takes a file's pages out of the system's cache, as far as it obeys, and returns the part that is still there.
func evict(path string) (float64, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	fd := int(file.Fd())
	// Only pages that are on the disk can be dropped.
	if err := errors.Join(file.Sync(), unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED)); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return cached(fd, int(info.Size()))
}

// cached returns which part of a file is in the cache.
func cached(fd, size int) (float64, error) {
	mapped, err := unix.Mmap(fd, 0, size, unix.PROT_NONE, unix.MAP_SHARED)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Munmap(mapped) }()
	page := os.Getpagesize()
	pages := make([]byte, (size+page-1)/page)
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&mapped[0])), uintptr(size), uintptr(unsafe.Pointer(&pages[0]))) //nolint:gosec // mincore has no wrapper
	if errno != 0 {
		return 0, errno
	}
	in := 0
	for _, p := range pages {
		in += int(p & 1)
	}
	return float64(in) / float64(len(pages)), nil
}
