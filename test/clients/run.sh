#!/usr/bin/env bash
# Runs the life of an instance against the emulator with Alibaba Cloud's own clients for Go, Python and TypeScript.
# Everything that it installs and starts is gone when it ends. Needs go, python3 with venv, node and npm.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
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

export npm_config_fetch_retries=5 PIP_RETRIES=10

echo "== Go"
go -C "$root/test" test -count=1 ./clients

echo "== emulator"
go -C "$root" build -o "$work/alicloud-kms-emulator" ./cmd/alicloud-kms-emulator
"$work/alicloud-kms-emulator" --listen 127.0.0.1:0 --env-file "$work/env" \
	--order-visible 0 --connect 0 --upgrade 0 --refund 0 --release 0 --network-available 0 >"$work/emulator.log" 2>&1 &
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
	alibabacloud-kms20160120==3.3.1 alibabacloud-tea-openapi==0.4.6 \
	alibabacloud-vpc20160428==7.2.2 alibabacloud-bssopenapi20171214==5.1.2
"$work/python/bin/python" "$here/life.py" || failed=1

echo "== TypeScript"
mkdir "$work/node"
echo '{"private":true}' >"$work/node/package.json"
npm install --prefix "$work/node" --no-audit --no-fund --no-package-lock --loglevel=error \
	@alicloud/kms20160120@1.2.0 @alicloud/openapi-client@0.4.15 @alicloud/rpc-client@1.3.2 @alicloud/tea-util@1.4.11 \
	@alicloud/vpc20160428@7.3.2 @alicloud/bssopenapi20171214@4.1.1 @alicloud/openapi-core@1.0.8 \
	typescript@5.9.3 @types/node@20.19.43
cp "$here/life.ts" "$work/node/" # imports are looked for beside the program
(cd "$work/node" && node_modules/.bin/tsc --strict --noUnusedLocals --noUnusedParameters --target es2022 --module commonjs \
	--esModuleInterop --skipLibCheck --types node life.ts && node life.js) || failed=1

# Two lives of Python and three of TypeScript: each bought two instances, replayed one order and gave both back.
echo "== totals"
python3 - "$ALIBABA_CLOUD_ENDPOINT_KMS" <<'END' || failed=1
import json, sys, urllib.request
totals = json.load(urllib.request.urlopen(sys.argv[1] + "/_admin/totals"))
want = {"orders": 10, "replays": 5, "modifications": 5, "renewals": 5, "refunds": 5, "releases": 5, "refunded": totals["paid"]}
sys.exit(0 if want.items() <= totals.items() else f"the totals are {totals}, not {want}")
END

if [ "$failed" != 0 ]; then
	echo "== the emulator's log"
	tail -n 40 "$work/emulator.log"
	exit 1
fi
echo "== all clients passed"
