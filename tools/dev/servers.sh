#!/usr/bin/env bash
# Builds the real servers the tests talk to, once for each pinned version, outside the tree.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/cache.sh

binary=$(versitygw_binary)
if [ ! -x "$binary" ]; then
  go=go
  for newer in /usr/lib/go-*/bin/go /usr/local/go/bin/go; do
    [ -x "$newer" ] && go=$newer
  done
  echo "servers: building versitygw into $binary (about a minute)"
  mkdir -p "$(dirname "$binary")"
  # Written under another name first: an interrupted build must not look like a finished one.
  (cd tests/servers/versitygw &&
    GOTOOLCHAIN=auto GOFLAGS=-mod=readonly CGO_ENABLED=0 "$go" build -trimpath -ldflags='-s -w' \
      -o "$binary.part" github.com/versity/versitygw/cmd/versitygw)
  mv "$binary.part" "$binary"
fi

install_node_modules() {  # install_node_modules NAME: what the lock file of tests/servers/NAME says, and nothing else.
  local modules
  modules=$(node_modules_dir "$1")
  [ -e "$modules" ] && return 0
  echo "servers: installing the npm packages of tests/servers/$1 into $modules"
  local part=${modules%/node_modules}.part
  rm -rf "$part"
  mkdir -p "$(dirname "$part")"
  cp -r "tests/servers/$1" "$part"
  (cd "$part" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  rm -rf "${modules%/node_modules}"
  mv "$part" "${modules%/node_modules}"
}

install_node_modules http_cache_tests
install_node_modules oidc_provider
