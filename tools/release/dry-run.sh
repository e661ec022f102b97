#!/usr/bin/env bash
# Builds the release of HEAD twice, each time in a fresh clone at another place and with an empty build cache, compares
# the results byte for byte, and leaves the first in dist/.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
: "${VERSION:?is not set; run make release-dry-run}"
# Otherwise the last tag would count, which may be one of the Go SDK.
export VERSION GORELEASER_CURRENT_TAG=v$VERSION

work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT

if [ -n "$(git -C "$root" status --porcelain)" ]; then
	echo "Note: uncommitted changes are not part of the release; this builds the last commit."
fi

# Commits that are made meanwhile are not part of it either.
commit=$(git -C "$root" rev-parse HEAD)

build() {
	echo "== build $1 of the release"
	git clone --quiet --no-hardlinks --no-checkout "$root" "$work/$1/source"
	(
		cd "$work/$1/source"
		git checkout --quiet --detach "$commit"
		GOCACHE=$work/$1/cache "$root/bin/goreleaser" release --snapshot --clean --skip=publish,announce
		mkdir "$work/$1/files"
		cp dist/*.tar.gz dist/*.cdx.json dist/*_checksums.txt "$work/$1/files"
	)
	rm -rf "$work/$1/cache"
}

"$root/bin/goreleaser" check --quiet "$root/.goreleaser.yml"
build first
build the-second-at-another-place

echo "== compare"
diff -r "$work/first/files" "$work/the-second-at-another-place/files"
echo "both builds are the same, byte for byte"

echo "== check"
cd "$work/first/files"
sha256sum --check --quiet ./*_checksums.txt
for os in linux darwin windows; do
	for arch in amd64 arm64; do
		archive=pulumi-resource-alicloud-kms-v$VERSION-$os-$arch.tar.gz
		binary=pulumi-resource-alicloud-kms
		[ "$os" != windows ] || binary=$binary.exe
		tar -tzf "$archive" | grep -qx "$binary" || { echo "$archive has no $binary at its root" >&2; exit 1; }
		[ -s "${archive%.tar.gz}.cdx.json" ] || { echo "$archive has no bill of materials" >&2; exit 1; }
	done
done

echo "== install"
archive=$PWD/pulumi-resource-alicloud-kms-v$VERSION-$(go env GOOS)-$(go env GOARCH).tar.gz
export PULUMI_HOME=$work/pulumi PULUMI_SKIP_UPDATE_CHECK=true PULUMI_IGNORE_AMBIENT_PLUGINS=true
"$PULUMI" plugin install resource alicloud-kms "$VERSION" --file "$archive"
"$PULUMI" package get-schema "alicloud-kms@$VERSION" | grep -q '"version": "'"$VERSION"'"'
echo "the CLI installs the plugin from $(basename "$archive"), and gets its schema"

rm -rf "$root/dist"
mkdir "$root/dist"
cp ./* "$root/dist"
echo "== dist/"
cd "$root/dist"
ls -l | awk 'NR > 1 { printf "%10d  %s\n", $5, $9 }'
