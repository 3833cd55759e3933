#!/usr/bin/env bash
# build.sh PRESET [TARGET...]: configures as the preset says now, and builds under build/PRESET.
set -euo pipefail
cd "$(dirname "$0")/../.."
preset=$1
shift
mkdir -p "build/$preset"
log=build/$preset/configure.log
# Each time, for a second: a preset that has changed must not leave an old build as it was.
cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
exec cmake --build "build/$preset" -j "${JOBS:-$(nproc)}" ${*:+--target "$@"}
