#!/usr/bin/env python3
"""Random ranges of one sparse 10 GB object through a real S3 server: how often each granule is fetched, and in what memory.

Each answer is compared with the file. Needs versitygw (make servers) and the tests' Python environment:
tools/dev/pytest.sh sets both up; or give --versitygw. tests/integration/test_cached_ranges.py is the same, smaller.
"""

import random
import sys
import time

import rig

sys.path.insert(0, str(rig.ROOT / "tests/integration"))
from harness.sparse_object import (  # noqa: E402
    GRANULE, SparseObject, granules_of, metric, rss_limit_bytes, start_cached)
from harness.versitygw import Versitygw  # noqa: E402


def run(options, folder):
    seeded = random.Random(options.seed)
    server = Versitygw(options.versitygw, folder / "s3")
    large = SparseObject(server, options.gigabytes << 30, 20_000, seeded)
    proxy = start_cached(folder / "proxy", server.endpoint, options.quota_mib)
    try:
        parts = large.draw(seeded, options.ranges, options.range_kib << 10)
        touched = granules_of(parts)
        began, sent = time.monotonic(), server.process.written_bytes()
        peak = large.ask_all(proxy, parts, options.clients)
        fetched = server.process.written_bytes() - sent
        evicted = metric(proxy, "yatagarasu_cache_evictions_total")
        print(f"{rig.machine()}. {options.ranges} ranges of up to {options.range_kib} KiB of {options.gigabytes} GiB, "
              f"{options.clients} clients, quota {options.quota_mib} MiB: {time.monotonic() - began:.0f} s.")
        print(f"granules touched {len(touched)}; sent by S3 {fetched / GRANULE:.1f} MiB in "
              f"{metric(proxy, 'yatagarasu_origin_requests_total'):.0f} requests; records evicted {evicted:.0f}")
        limit = rss_limit_bytes(options.quota_mib)
        print(f"RSS at its peak {peak / rig.MIB:.0f} MiB of at most {limit / rig.MIB:.0f}; every answer was right")
        once = fetched <= len(touched) * GRANULE * 1.01 or evicted > 0
        return 0 if once and peak <= limit else 1
    finally:
        proxy.process.kill()
        server.stop()


def main():
    options = rig.parser(__doc__, ranges=10_000, range_kib=1024, gigabytes=10, quota_mib=1024, clients=8, seed=1,
                         versitygw=rig.VERSITYGW).parse_args()
    with rig.folder() as folder:
        sys.exit(run(options, folder))


if __name__ == "__main__":
    main()
