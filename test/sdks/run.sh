#!/usr/bin/env bash
# Builds the SDKs from a copy of the tree as their users would, compiles the examples with them, and runs the examples on the
# emulator: with the language's own host where it is on PATH, else inline. Installs what that takes through npm, pip and Maven.
# Everything that it installs and starts is gone when it ends, the Go build cache aside. Needs go and python3 with venv; gets
# node, npm, a JDK and Maven from Debian if they are missing. On GitHub every host must be there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree

# The oldest @pulumi/pulumi that sdk/nodejs/package.json admits, with the TypeScript that sdk/nodejs itself is built with. The newest
# one is what npm finds for the package.json of an example.
oldest_pulumi=$(sed -n 's/.*"@pulumi\/pulumi": "^\([0-9.]*\)".*/\1/p' "$root/sdk/nodejs/package.json")
oldest_typescript=4.9

export npm_config_cache=$work/npm npm_config_audit=false npm_config_fund=false npm_config_loglevel=error
export npm_config_update_notifier=false npm_config_package_lock=false
export PIP_CACHE_DIR=$work/pip PIP_DISABLE_PIP_VERSION_CHECK=1
export npm_config_fetch_retries=5 PIP_RETRIES=10
export MAVEN_OPTS="${MAVEN_OPTS:-} -XX:+UseSerialGC -XX:TieredStopAtLevel=1"

if [ -n "${GITHUB_ACTIONS:-}" ]; then
	for host in go nodejs python dotnet java yaml; do
		command -v "pulumi-language-$host" >/dev/null || { echo "pulumi-language-$host is not on PATH: the workflow must install it" >&2; exit 1; }
	done
	command -v dotnet >/dev/null || { echo "dotnet is not on PATH: the workflow must install it" >&2; exit 1; }
fi

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

# Debian has what a bare machine lacks.
provide() {
	local missing=()
	command -v node >/dev/null && command -v npm >/dev/null || missing+=(nodejs npm)
	command -v javac >/dev/null || missing+=(default-jdk-headless)
	command -v mvn >/dev/null || missing+=(maven)
	[ ${#missing[@]} -eq 0 ] && return
	say "installing ${missing[*]} with apt-get"
	{ apt-get update && apt-get install --yes --no-install-recommends "${missing[@]}"; } >"$work/apt.log" 2>&1 || {
		cat "$work/apt.log"
		echo "node, npm, a JDK or Maven is missing, and apt-get did not install it" >&2
		exit 1
	}
}

# What package managers and compilers leave in the tree is not copied.
copy_tree() {
	mkdir "$tree"
	tar -C "$root" --exclude=node_modules --exclude=package-lock.json --exclude='sdk/nodejs/bin' --exclude='examples/*/bin' \
		--exclude=obj --exclude=target --exclude=build --exclude=venv --exclude=__pycache__ --exclude='*.egg-info' \
		-cf - sdk examples | tar -C "$tree" -xf -
}

# The SDK with the newest packages. All TypeScript programs find them, and the SDK, in the folder above them.
node_newest() {
	cd "$tree/sdk/nodejs"
	npm install
	npm run build
	cd "$(dirname "$(grep -l '"@pulumi/alicloud"' "$tree"/examples/typescript-*/package.json | head -n 1)")"
	npm install
	mv node_modules "$tree"
	ln -sfn "$tree/sdk/nodejs" "$tree/node_modules/@pulumiverse/alicloud-kms"
	node -p '"@pulumi/pulumi " + require("'"$tree"'/node_modules/@pulumi/pulumi/package.json").version'
}

# The SDK once more, with the oldest packages.
node_oldest() {
	mkdir -p "$work/oldest/examples"
	cp -R "$root/sdk/nodejs" "$work/oldest/sdk"
	rm -rf "$work"/oldest/sdk/{node_modules,bin}
	cd "$work/oldest"
	echo '{"private":true}' >package.json
	npm install "@pulumi/pulumi@$oldest_pulumi" "typescript@$oldest_typescript" ts-node@10 @types/node@20
	node_modules/.bin/tsc --project sdk
	cp sdk/package.json sdk/bin
	mkdir node_modules/@pulumiverse
	ln -s "$PWD/sdk" node_modules/@pulumiverse/alicloud-kms
}

# One virtual environment has the packages of all examples.
python_sdk() {
	python3 -m venv "$work/venv"
	sort -u "$tree"/examples/python-*/requirements.txt >"$work/requirements.txt"
	mkdir -p "$tree/any/folder"; cd "$tree/any/folder" # as far from the SDK as an example is
	"$work/venv/bin/pip" install --quiet --requirement "$work/requirements.txt"
	"$work/venv/bin/pip" install --quiet 'mypy>=1.11,<2' 'tree-sitter>=0.23,<1' 'tree-sitter-c-sharp>=0.23,<1'
	"$work/venv/bin/pip" list --format=freeze
}

# The SDK in a Maven repository of our own, and the class path of a program that uses it.
java_sdk() {
	local mvn=(mvn --batch-mode --no-transfer-progress --quiet "-Dmaven.repo.local=$work/maven")
	"${mvn[@]}" --file "$tree/sdk/java" install
	"${mvn[@]}" --file "$(printf '%s\n' "$tree"/examples/java-* | head -n 1)" \
		compile org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath "-Dmdep.outputFile=$work/classpath"
}

# Steps run side by side; the log of each is shown if it fails.
steps=()
start() {
	(
		set +e
		(
			set -euo pipefail
			"$1"
		) >"$work/$1.log" 2>&1
		status=$?
		if [ "$status" = 0 ]; then
			say "$2"
		else
			cat "$work/$1.log"
			say "FAILED: $2"
		fi
		exit "$status"
	) &
	steps+=($!)
}

finish() {
	local failed=0
	for step in "${steps[@]}"; do wait "$step" || failed=1; done
	steps=()
	[ "$failed" = 0 ] || exit 1
}

say "making what the tests need in a temp folder"
provide
copy_tree
start java_sdk "Java: SDK installed into a Maven repository"
start node_newest "TypeScript: SDK built with the newest @pulumi/pulumi"
finish
start python_sdk "Python: SDK and the examples' packages installed"
start node_oldest "TypeScript: SDK built with @pulumi/pulumi $oldest_pulumi, TypeScript $oldest_typescript"
finish

say "running the tests"
SDKTEST_WORK=$work go -C "$root/test" test -tags sdks -count=1 -v -timeout 20m ./sdks "$@" | { grep --line-buffered -v '^=== ' || true; }
say "all SDKs passed"
