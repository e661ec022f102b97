#!/usr/bin/env bash
# Checks that everything linked into the programs comes under a license that lets us ship it, on each system that they are built for.
# With a file as argument, it also writes the notices that go with the binaries there.
set -euo pipefail
notices=${1:+$(realpath "$1")}
cd "$(dirname "$0")/../.."
rule=$(printf -- '-%.0s' {1..80})

# The licenses under which a module may be part of a binary under Apache-2.0. MPL-2.0 asks for the sources of that module alone, which
# the module proxies have.
allowed=Apache-2.0,BSD-2-Clause,BSD-3-Clause,ISC,MIT,MPL-2.0,Unicode-DFS-2016

# Modules without a license file, their licenses, and where else the authors state them. Alibaba Cloud generates one library for all
# languages, and states the license in the one for Java.
without_file='github.com/alibabacloud-go/alibabacloud-gateway-pop: Apache-2.0, by pom.xml of com.aliyun:alibabacloud-gateway-pop
github.com/alibabacloud-go/darabonba-array: Apache-2.0, by pom.xml of com.aliyun:darabonba-array
github.com/alibabacloud-go/darabonba-encode-util: Apache-2.0, by pom.xml of com.aliyun:darabonba-encode-util
github.com/alibabacloud-go/darabonba-map: Apache-2.0, by pom.xml of com.aliyun:darabonba-map
github.com/alibabacloud-go/darabonba-signature-util: Apache-2.0, by pom.xml of com.aliyun:darabonba-signature-util
github.com/alibabacloud-go/darabonba-string: Apache-2.0, by README.md of the module
github.com/alibabacloud-go/endpoint-util: Apache-2.0, by pom.xml of com.aliyun:endpoint-util
github.com/mattn/go-localereader: MIT, by README.md of the module'

work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT

# go-licenses warns of every assembler file: its messages are shown only if it fails.
licenses() {
	local ignore=(--ignore github.com/pulumiverse/pulumi-alicloud-kms)
	while IFS=: read -r module _; do ignore+=(--ignore "$module"); done <<<"$without_file"
	bin/go-licenses "$@" ./cmd/... "${ignore[@]}" >"$work/log" 2>&1 || {
		grep -v -e 'contains non-Go code' -e '^/' "$work/log" >&2
		exit 1
	}
}

# Without GOROOT, go-licenses takes every module for a part of the standard library, and finds nothing wrong.
GOROOT=$(go env GOROOT)
export GOROOT CGO_ENABLED=0
for system in linux darwin windows; do
	export GOOS=$system
	licenses check --allowed_licenses "$allowed"
	licenses save --save_path "$work/$system"
	[ -s "$work/$system/google.golang.org/grpc/LICENSE" ] || { echo "go-licenses did not find the modules" >&2; exit 1; }
done
[ -n "$notices" ] || exit 0

# What it saved holds the license files of all modules, and the sources of those under MPL-2.0.
cd "$work"
{
	printf 'The programs in this archive contain the following modules.\n\n%s\n' "$without_file"
	find linux darwin windows -type f -regextype egrep -iregex '.*/(licen[cs]e|copying|notice)[^/]*' -printf '%P\n' | LC_ALL=C sort -u |
		while read -r file; do
			printf -- '\n%s\n%s\n\n' "$rule" "$file"
			cat "linux/$file" 2>/dev/null || cat "darwin/$file" 2>/dev/null || cat "windows/$file"
		done
} >"$notices"
