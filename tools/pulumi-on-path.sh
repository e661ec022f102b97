#!/usr/bin/env bash
# Prints the path of the `pulumi` on PATH if its version is at least $1, and nothing otherwise.
set -euo pipefail

oldest=$1
found=$(command -v pulumi || true)
[ -n "$found" ] || exit 0
version=$("$found" version 2>/dev/null | sed -n 's/^v\([0-9.]*\).*/\1/p' || true)
[ -n "$version" ] || exit 0
if [ "$(printf '%s\n' "$oldest" "$version" | sort -V | head -n 1)" = "$oldest" ]; then
	echo "$found"
fi
