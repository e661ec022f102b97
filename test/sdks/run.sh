#!/usr/bin/env bash
# Builds the SDKs from a copy of the tree as their users would, compiles the examples with them, and runs the examples on the
# emulator. Installs what that takes through npm, pip and Maven. Everything that it installs and starts is gone when it ends,
# the Go build cache aside. Needs go and python3 with venv; gets node, npm, a JDK and Maven from Debian if they are missing.
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
	mkdir "$tree/bad"
	cp -R "$here/testdata/bad/." "$tree/bad"
}

# The steps of examples/README.md for TypeScript. One example has the packages of all of them.
node_newest() {
	cd "$tree/sdk/nodejs"
	npm install
	npm run build
	cd "$tree/examples/typescript-subscription"
	npm install
	for folder in "$tree"/examples/typescript-{minimal,payasyougo,keys} "$tree"/bad/typescript; do
		ln -s "$PWD/node_modules" "$folder/node_modules"
	done
	for folder in "$tree"/examples/typescript-*; do
		node_modules/.bin/tsc --project "$folder"
	done
	node_modules/.bin/tsc --project "$tree/bad/typescript"
	node_modules/.bin/tsc --version
	node -p '"@pulumi/pulumi " + require("@pulumi/pulumi/package.json").version'
}

# The SDK and the minimal example once more, compiled with the oldest packages.
node_oldest() {
	mkdir "$tree/oldest"
	cp -R "$root/sdk/nodejs" "$tree/oldest/sdk"
	cp -R "$root/examples/typescript-minimal" "$tree/oldest"
	rm -rf "$tree"/oldest/*/node_modules "$tree"/oldest/*/bin
	cd "$tree/oldest"
	echo '{"private":true}' >package.json
	npm install "@pulumi/pulumi@$oldest_pulumi" "typescript@$oldest_typescript" ts-node@10 @types/node@20
	node_modules/.bin/tsc --project sdk
	cp sdk/package.json sdk/bin
	mkdir node_modules/@pulumiverse
	ln -s "$PWD/sdk" node_modules/@pulumiverse/alicloud-kms
	node_modules/.bin/tsc --project typescript-minimal
	node_modules/.bin/tsc --version
	node -p '"@pulumi/pulumi " + require("@pulumi/pulumi/package.json").version'
}

# The steps of examples/README.md for Python.
python_sdk() {
	cd "$tree/examples/python-subscription"
	python3 -m venv "$work/venv"
	"$work/venv/bin/pip" install --quiet --requirement requirements.txt
	"$work/venv/bin/pip" install --quiet 'mypy>=1.11,<2' 'tree-sitter>=0.23,<1' 'tree-sitter-c-sharp>=0.23,<1'
	"$work/venv/bin/pip" list --format=freeze
}

# The steps of examples/README.md for Java, with a Maven repository of our own, and the examples' class paths.
java_sdk() {
	local mvn=(mvn --batch-mode --no-transfer-progress --quiet "-Dmaven.repo.local=$work/maven")
	"${mvn[@]}" --file "$tree/sdk/java" install
	for folder in "$tree"/examples/java-* "$tree"/bad/java; do
		"${mvn[@]}" --file "$folder" compile org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath \
			-Dmdep.outputFile=target/classpath
		javac -cp "$folder/target/classes:$(cat "$folder/target/classpath")" -d "$folder/target/classes" "$here/runners/Inline.java"
	done
	javac -version
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
start java_sdk "Java: SDK installed into a Maven repository, examples compiled"
start node_newest "TypeScript: SDK built, examples compiled in strict mode with the newest @pulumi/pulumi"
finish
start python_sdk "Python: SDK and the examples' packages installed"
start node_oldest "TypeScript: SDK and the minimal example compiled in strict mode with @pulumi/pulumi $oldest_pulumi, TypeScript $oldest_typescript"
finish

say "running the tests"
SDKTEST_WORK=$work go -C "$root/test" test -tags sdks -count=1 -v -timeout 20m ./sdks "$@" | { grep --line-buffered -v '^=== ' || true; }
say "all SDKs passed"
