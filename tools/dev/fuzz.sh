#!/usr/bin/env bash
# fuzz.sh SECONDS: runs every fuzz target of build/fuzz, its corpus kept in build/fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/../../build/fuzz"
found=0
for target in src/yata_*_fuzz; do
  [ -x "$target" ] || continue
  found=1
  name=$(basename "$target")
  mkdir -p "corpus/$name"
  echo "fuzz: $name for $1 s"
  "$target" -max_total_time="$1" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "corpus/$name" \
    >"corpus/$name.log" 2>&1 || { tail -n 50 "corpus/$name.log"; exit 1; }
  grep -E 'stat::number_of_executed_units|cov:' "corpus/$name.log" | tail -n 2
done
[ "$found" = 1 ] || { echo "fuzz: no fuzz target was built" >&2; exit 1; }
