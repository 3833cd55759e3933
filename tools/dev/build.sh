#!/usr/bin/env bash
# build.sh PRESET [TARGET...]: configures when that was not done yet and builds under build/PRESET.
set -euo pipefail
cd "$(dirname "$0")/../.."
preset=$1
shift
[ -e "build/$preset/build.ninja" ] || cmake --preset "$preset" >"/dev/null"
exec cmake --build "build/$preset" -j "${JOBS:-$(nproc)}" ${*:+--target "$@"}
