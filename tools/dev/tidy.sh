#!/usr/bin/env bash
# tidy.sh [ROOM...]: clang-tidy over the C++ files of the rooms, of all without one. Only configures: the compile
# commands are those of the asan-ubsan build, which the tests have too. About 5 s of CPU for each file, 25 minutes for
# all, so it is no part of the tests; name the rooms that were worked on.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/dev/build.sh asan-ubsan help >/dev/null
[ $# -gt 0 ] || set -- $(cd src && ls -d */ | tr -d /)
rooms=$(IFS='|'; echo "$*")
# The commands of the tests name a precompiled header, which has to be there.
for header in $(ninja -C build/asan-ubsan -t targets all | sed -nE 's/^(.*\.pch): .*/\1/p'); do
  ninja -C build/asan-ubsan "$header" >/dev/null
done
exec run-clang-tidy-19 -quiet -j "${JOBS:-$(nproc)}" -p build/asan-ubsan "^$PWD/src/($rooms)/.*\.cc$"
