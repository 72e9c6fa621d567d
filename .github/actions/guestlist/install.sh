#!/usr/bin/env bash
# The first step of the action: installs a release whose checksum is right, or builds the checkout that the action is in.
set -euo pipefail

fail() { echo "::error title=guestlist::$*"; exit 1; }

bin=$RUNNER_TEMP/guestlist/bin
program=$bin/guestlist
[ "$RUNNER_OS" != Windows ] || program+=.exe
mkdir -p "$bin"

# build takes the version of Go that go.mod names, which may be newer than the runner's.
build() {
  command -v go >/dev/null || fail "Go is not installed: give a version, or use actions/setup-go before this action"
  (cd "$GITHUB_ACTION_PATH/../../.." && CGO_ENABLED=0 go build -trimpath -tags=grpcnotrace -o "$program" ./cmd/guestlist)
}

download() {
  local version=$1 platform kind=tar.gz archive
  [[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "version must be a release such as v1.2.3, is '$version'"
  case "$RUNNER_OS" in
    Linux) platform=linux ;;
    macOS) platform=darwin ;;
    Windows) platform=windows kind=zip ;;
    *) fail "there is no release for $RUNNER_OS" ;;
  esac
  case "$RUNNER_ARCH" in
    X64) platform+=_amd64 ;;
    ARM64) platform+=_arm64 ;;
    *) fail "there is no release for $RUNNER_ARCH" ;;
  esac
  archive=guestlist_${version#v}_$platform.$kind
  cd "$RUNNER_TEMP/guestlist"
  fetch "$version" "$archive"
  expected "$version" "$archive" >checksum
  check checksum || fail "$archive does not have the checksum that it must have; it is not installed"
  case $kind in
    tar.gz) tar -xzf "$archive" -C "$bin" guestlist ;;
    zip) unzip -q -o "$archive" guestlist.exe -d "$bin" ;;
  esac
  rm -f "$archive"
}

fetch() {
  curl --fail --silent --show-error --location --proto '=https' --retry 3 --output "$2" \
    "$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases/download/$1/$2" || fail "release $1 has no $2"
}

# expected prints the line of a list of checksums that the archive must fit.
expected() {
  if [ -n "$INPUT_SHA256" ]; then
    [[ $INPUT_SHA256 =~ ^[0-9a-f]{64}$ ]] || fail "sha256 must be 64 digits of 0-9 and a-f" >&2
    echo "$INPUT_SHA256  $2"
    return
  fi
  fetch "$1" SHA256SUMS >&2
  grep -E "^[0-9a-f]{64}  ${2//./\\.}\$" SHA256SUMS || fail "SHA256SUMS of $1 does not list $2" >&2
}

check() {
  if command -v sha256sum >/dev/null; then sha256sum --check --status "$1"; else shasum -a 256 --check --status "$1"; fi
}

if [ -n "$INPUT_VERSION" ]; then download "$INPUT_VERSION"; else build; fi
"$program" version
echo "program=$program" >>"$GITHUB_OUTPUT"
echo "$bin" >>"$GITHUB_PATH"
