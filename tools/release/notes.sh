#!/usr/bin/env bash
# Prints the section of CHANGELOG.md about version $1: the notes of its release. No section is an error.
set -euo pipefail

version=$1
changelog=$(dirname "$0")/../../CHANGELOG.md
notes=$(awk -v heading="## [$version]" '
	index($0, "## ") == 1 { inside = index($0, heading) == 1; next }
	/^\[[^]]+\]: / { next }
	inside { print }
' "$changelog")
if [ -z "${notes//[[:space:]]/}" ]; then
	echo "CHANGELOG.md has no section \"## [$version]\" with text in it" >&2
	exit 1
fi
printf '%s\n' "$notes"
