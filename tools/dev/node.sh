#!/usr/bin/env bash
# node.sh SCRIPT ARGUMENT...: Node, with the packages of tests/servers/oidc_provider in the folder YATA_NODE_MODULES.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/../.."
. tools/dev/cache.sh
export YATA_NODE_MODULES=${YATA_NODE_MODULES:-$(node_modules_dir oidc_provider)}
[ -e "$YATA_NODE_MODULES" ] || { echo "node.sh: no Node packages; run: make servers" >&2; exit 1; }
cd "$here"
exec node "$@"
