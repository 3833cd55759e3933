#!/usr/bin/env bash
# pytest with the environment that tools/dev/setup.sh made and the servers that tools/dev/servers.sh built.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/../.."
. tools/dev/cache.sh
YATA_VERSITYGW=${YATA_VERSITYGW:-$(versitygw_binary)}
YATA_HTTP_CACHE_TESTS=${YATA_HTTP_CACHE_TESTS:-$(node_modules_dir http_cache_tests)/http-cache-tests}
YATA_OIDC_PROVIDER=${YATA_OIDC_PROVIDER:-$(node_modules_dir oidc_provider)}
export YATA_VERSITYGW YATA_OIDC_PROVIDER YATA_HTTP_CACHE_TESTS PYTHONDONTWRITEBYTECODE=1
python=$(venv_dir)/bin/python
[ -x "$python" ] || { echo "pytest.sh: no Python environment; run: make servers" >&2; exit 1; }
config=$PWD/tests/integration/pytest.ini
cd "$here"
exec "$python" -m pytest -c "$config" "$@"
