#!/usr/bin/env bash
# Line coverage of the unit tests and scenarios together.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/dev/build.sh coverage
export LLVM_PROFILE_FILE=$PWD/build/coverage/profile/%p-%m.profraw
rm -rf build/coverage/profile
ctest --test-dir build/coverage -j "${JOBS:-$(nproc)}" --output-on-failure
llvm-profdata-19 merge -sparse build/coverage/profile/*.profraw -o build/coverage/all.profdata
objects=(build/coverage/yatagarasu)
for test in build/coverage/src/yata_*_test; do objects+=(-object "$test"); done
llvm-cov-19 report "${objects[@]}" -instr-profile build/coverage/all.profdata \
  -ignore-filename-regex='(_test|_bench|_fuzz)\.cc$|^/usr/' | tee build/coverage/report.txt | tail -n 1
