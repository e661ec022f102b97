#!/usr/bin/env bash
# Runs the life of an instance against the emulator with Alibaba Cloud's own clients for Go, Python and JavaScript.
# Everything that it installs and starts is gone when it ends. Needs go, python3 with venv, node and npm.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$(mktemp -d)
emulator=

cleanup() {
	if [ -n "$emulator" ]; then
		kill "$emulator" 2>/dev/null || true
		wait "$emulator" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap cleanup EXIT

echo "== Go"
go -C "$root" test -count=1 ./internal/emulator/clients

echo "== emulator"
go -C "$root" build -o "$work/alicloud-kms-emulator" ./cmd/alicloud-kms-emulator
"$work/alicloud-kms-emulator" --listen 127.0.0.1:0 --env-file "$work/env" \
	--order-visible 0 --connect 0 --upgrade 0 --refund 0 --release 0 >"$work/emulator.log" 2>&1 &
emulator=$!
until [ -s "$work/env" ]; do
	kill -0 "$emulator" 2>/dev/null || { cat "$work/emulator.log"; exit 1; }
	sleep 0.1
done
set -a
. "$work/env"
set +a

failed=0

echo "== Python"
python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet --disable-pip-version-check \
	'alibabacloud-kms20160120>=3.3,<4' 'alibabacloud-tea-openapi>=0.4.6,<0.5'
"$work/python/bin/python" "$here/life.py" || failed=1

echo "== JavaScript"
mkdir "$work/node"
echo '{"private":true}' >"$work/node/package.json"
npm install --prefix "$work/node" --no-audit --no-fund --no-package-lock --loglevel=error \
	@alicloud/kms20160120@1 @alicloud/openapi-client@0.4 @alicloud/rpc-client@1 @alicloud/tea-util@1
(cd "$work/node" && node "$here/life.mjs") || failed=1

if [ "$failed" != 0 ]; then
	echo "== the emulator's log"
	tail -n 40 "$work/emulator.log"
	exit 1
fi
echo "== all clients passed"
