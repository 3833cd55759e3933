#!/usr/bin/env bash
# run.sh FILE: serves FILE and, once it accepts, prints the address and two commands to try. Ctrl-C ends it with 0.
set -euo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

hints() {
  local address=
  for _ in $(seq 300); do
    address=$(sed -nE 's/.*listening on (https?:\/\/[^ ]+) \(main\).*/\1/p' "$log" | head -n 1)
    [ -z "$address" ] || break
    sleep 0.1
  done
  [ -n "$address" ] || return 0
  printf '\nServing %s (Ctrl-C ends it). Try:\n' "$address"
  printf '  curl -i %s\n' "$address/index.html" "-r 0-27 $address/poem.txt"
}

if [ -t 0 ]; then
  # The server gets the terminal's foreground, so that Ctrl-C reaches it alone and not make.
  set -m
  hints &
  build/release/yatagarasu serve -c "$1" 2> >(tee -i "$log" >&2)
else
  build/release/yatagarasu serve -c "$1" 2> >(tee -i "$log" >&2) &
  server=$!
  trap 'kill -TERM "$server" 2>/dev/null || true' INT TERM
  hints
  # A trapped signal ends the first wait early.
  wait "$server" || wait "$server"
fi
