#!/usr/bin/env bash
# Formats the C++ files, or with --check only says which are not formatted.
set -euo pipefail
cd "$(dirname "$0")/../.."
mode=(-i)
[ "${1:-}" != --check ] || mode=(--dry-run --Werror)
git ls-files -z --cached --others --exclude-standard '*.cc' '*.h' |
  xargs -0 --no-run-if-empty clang-format-19 "${mode[@]}"
