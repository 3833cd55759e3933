#!/usr/bin/env bash
# Installs what is missing on Debian 12 and nothing else: setup.sh [build] [test] [bench]
# Says what it installs; needs root or sudo only when something is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/cache.sh

build_packages=(
  clang-19 lld-19 libclang-rt-19-dev llvm-19 clang-format-19 clang-tidy-19
  cmake ninja-build ccache git curl
  libboost1.81-dev libboost-json1.81-dev libssl-dev libyaml-cpp-dev libpugixml-dev
  libspdlog-dev libcli11-dev prometheus-cpp-dev libsodium-dev libzstd-dev
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev)
test_packages=(python3 python3-venv openssl ca-certificates)
bench_packages=(nginx-light haproxy wrk strace openssl libcuckoo-dev libtbb-dev)
oldest_go=121  # 1.21 is the first that fetches a newer toolchain by itself.
backports_go=golang-1.23-go

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_missing() {
  local missing
  missing=$(comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | awk '$2 == "installed" {print $1}' | sort -u))
  [ -n "$missing" ] || return 0
  echo "setup: installing with apt:" $missing
  as_root apt-get update -qq
  # shellcheck disable=SC2086  # One word per package.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

go_version() {  # 1.23.4 gives 123; no Go gives 0.
  "$1" env GOVERSION 2>/dev/null | sed -nE 's/^go1\.([0-9]+).*/1\1/p' || true
}

install_go() {
  local candidate version
  for candidate in go /usr/local/go/bin/go /usr/lib/go-*/bin/go; do
    version=$(go_version "$candidate")
    [ "${version:-0}" -lt "$oldest_go" ] || return 0
  done
  local list=/etc/apt/sources.list.d/yatagarasu-backports.list mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 2>/dev/null |
    awk '$2 == "bookworm" && $3 == "main" {print $1; exit}')
  if [ -z "$mirror" ]; then
    echo "setup.sh: apt has no source for bookworm main; install Go 1.21 or newer by hand" >&2
    exit 1
  fi
  echo "setup: adding $list for $backports_go (the S3 server of the tests is written in Go)"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
    "$mirror bookworm-backports main" | as_root tee "$list" >/dev/null
  install_missing "$backports_go"
}

install_node() {
  command -v node >/dev/null && command -v npm >/dev/null && return 0
  install_missing nodejs npm
}

install_python_packages() {
  local venv
  venv=$(venv_dir)
  [ -e "$venv/complete" ] && return 0
  echo "setup: Python packages of tests/integration/requirements.txt into $venv"
  rm -rf "$venv"
  /usr/bin/python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/integration/requirements.txt
  touch "$venv/complete"
}

for group in "$@"; do
  case $group in
    build) install_missing "${build_packages[@]}" ;;
    test)
      install_missing "${test_packages[@]}"
      install_python_packages
      install_node
      [ -x "$(versitygw_binary)" ] || install_go ;;
    bench) install_missing "${bench_packages[@]}" ;;
    *) echo "setup.sh: unknown group '$group' (build, test, bench)" >&2; exit 2 ;;
  esac
done
