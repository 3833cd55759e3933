# Where things that are slow to make are kept between checkouts. Sourced, from the top of the tree.
# Each place carries the hash of what it was made from, so that nothing stale is ever used.

cache_root() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/yatagarasu"; }

short_hash() { cat "$@" | sha256sum | cut -c1-16; }

venv_dir() { echo "$(cache_root)/python-$(short_hash tests/integration/requirements.txt)"; }

# What npm installed for one folder of tests/servers.
node_modules_dir() {
  echo "$(cache_root)/$1-$(short_hash "tests/servers/$1/package.json" "tests/servers/$1/package-lock.json")/node_modules"
}

versitygw_binary() {
  echo "$(cache_root)/versitygw-$(short_hash tests/servers/versitygw/go.mod tests/servers/versitygw/go.sum)/versitygw"
}
