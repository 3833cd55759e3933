#!/usr/bin/env bash
# Builds all that the tests need and runs them in one ctest run: the product as it is released; everything with ASan
# and UBSan; and with TSan the rooms whose objects are shared between threads. Real servers must be there already
# (make servers).
set -euo pipefail
cd "$(dirname "$0")/../.."

tools/dev/build.sh release yatagarasu
tools/dev/build.sh asan-ubsan
tools/dev/build.sh tsan unit_tests
# One closing line for all builds: a test tree that holds the three of them. Names carry the preset.
echo 'subdirs(release asan-ubsan tsan)' > build/CTestTestfile.cmake
exec ctest --test-dir build -j "${JOBS:-$(nproc)}" --output-on-failure "$@"
