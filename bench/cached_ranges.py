#!/usr/bin/env python3
"""Random ranges of one sparse 10 GB object through a real S3 server: how often each granule is fetched, and in what memory.

Each answer is compared with the file. Needs versitygw (make servers) and the tests' Python environment:
tools/dev/pytest.sh sets both up; or give --versitygw.
"""

import argparse
import concurrent.futures
import os
import random
import re
import sys
import tempfile
import time
from pathlib import Path

import rig

sys.path.insert(0, str(rig.ROOT / "tests/integration"))
from harness.proxy import Proxy, s3_bucket  # noqa: E402
from harness.versitygw import Versitygw  # noqa: E402

GRANULE = rig.MIB


def make_object(path, size, marks, seeded):
    """Sparse, with random bytes at so many places."""
    with open(path, "wb") as file:
        file.truncate(size)
        for _ in range(marks):
            file.seek(seeded.randrange(size - 4096))
            file.write(seeded.randbytes(4096))
    # Where versitygw keeps the ETag of what was put through it; without one, parts cannot be pinned to a version.
    os.setxattr(path, "user.etag", b'"0123456789abcdef0123456789abcdef"')


def draw(seeded, size, most):
    first = seeded.randrange(size)
    return first, min(size, first + 1 + seeded.randrange(most))


def metric(proxy, name):
    return sum(float(value) for value in re.findall(rf"^{name}\{{?[^ ]* ([0-9.e+]+)$", proxy.metrics(), re.MULTILINE))


def ask(proxy, path, part):
    first, end = part
    answer = proxy.get("/b/object", {"Range": f"bytes={first}-{end - 1}"})
    with open(path, "rb") as file:
        file.seek(first)
        if answer.status != 206 or answer.body != file.read(end - first):
            sys.exit(f"bytes {first}-{end - 1}: {answer.status} {len(answer.body)} bytes, not those of the file")


def run(options, folder):
    seeded = random.Random(options.seed)
    server = Versitygw(options.versitygw, folder / "s3")
    (server.folder / "bucket").mkdir()
    path = server.folder / "bucket/object"
    size = options.gigabytes << 30
    make_object(path, size, 20_000, seeded)
    proxy = Proxy(folder / "proxy", [{**s3_bucket(server.endpoint, "bucket", path_prefix="/b"),
                                      "cache": {"default_ttl": "1h"}}],
                  logging={"level": "info", "access": {"output": "off"}},
                  cache={"layers": ["memory"], "memory": {"max_size": f"{options.quota_mib}MiB"}})
    try:
        parts = [draw(seeded, size, options.range_kib << 10) for _ in range(options.ranges)]
        touched = {n for first, end in parts for n in range(first // GRANULE, (end - 1) // GRANULE + 1)}
        began, peak = time.monotonic(), 0
        with concurrent.futures.ThreadPoolExecutor(options.clients) as pool:
            for _ in pool.map(lambda part: ask(proxy, path, part), parts):
                peak = max(peak, proxy.process.rss_bytes())
        stored = metric(proxy, "yatagarasu_cache_stored_bytes_total")
        print(f"{rig.machine()}. {options.ranges} ranges of up to {options.range_kib} KiB of {options.gigabytes} GiB, "
              f"{options.clients} clients, quota {options.quota_mib} MiB: {time.monotonic() - began:.0f} s.")
        print(f"granules touched {len(touched)}; stored bytes {stored / GRANULE:.1f} MiB; records evicted "
              f"{metric(proxy, 'yatagarasu_cache_evictions_total'):.0f}; requests to S3 "
              f"{metric(proxy, 'yatagarasu_origin_requests_total'):.0f}")
        limit = options.quota_mib * 1.05 + 64
        print(f"RSS at its peak {peak / rig.MIB:.0f} MiB of at most {limit:.0f}; every answer was right")
        whole = stored <= len(touched) * GRANULE + GRANULE or metric(proxy, "yatagarasu_cache_evictions_total") > 0
        return 0 if whole and peak / rig.MIB <= limit else 1
    finally:
        proxy.process.kill()
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranges", type=int, default=10_000)
    parser.add_argument("--range-kib", type=int, default=1024)
    parser.add_argument("--gigabytes", type=int, default=10)
    parser.add_argument("--quota-mib", type=int, default=1024)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--versitygw", default=os.environ.get("YATA_VERSITYGW"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sys.exit(run(options, Path(name)))


if __name__ == "__main__":
    main()
