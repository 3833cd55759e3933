"""One large sparse object of a real S3 server, random ranges of it, and each answer compared with the file."""

import concurrent.futures
import os

from .prometheus import Metrics
from .proxy import Proxy, s3_bucket

MIB = 1 << 20
GRANULE = MIB


def cached(bucket, **cache):
    return {**bucket, "cache": {"default_ttl": "1h", **cache}}


def start_cached(directory, endpoint, quota_mib, bucket_cache=None, **sections):
    """A proxy that keeps what is under /b, which is an S3's `bucket`; without an access log."""
    return Proxy(directory, [cached(s3_bucket(endpoint, "bucket", path_prefix="/b"), **(bucket_cache or {}))],
                 logging={"level": "info", "access": {"output": "off"}},
                 cache={"layers": ["memory"], "memory": {"max_size": f"{quota_mib}MiB"}}, **sections)


class SparseObject:
    """/b/object, with random bytes at so many places."""

    def __init__(self, server, size, marks, seeded):
        (server.folder / "bucket").mkdir(exist_ok=True)
        self.path, self.size = server.folder / "bucket/object", size
        with open(self.path, "wb") as file:
            file.truncate(size)
            for _ in range(marks):
                file.seek(seeded.randrange(size - 4096))
                file.write(seeded.randbytes(4096))
        # Where versitygw keeps the ETag of what was put through it; without one, parts cannot be pinned to a version.
        os.setxattr(self.path, "user.etag", b'"0123456789abcdef0123456789abcdef"')

    def draw(self, seeded, count, most):
        """So many ranges [first, end) of at most so many bytes."""
        def one():
            first = seeded.randrange(self.size)
            return first, min(self.size, first + 1 + seeded.randrange(most))
        return [one() for _ in range(count)]

    def ask(self, proxy, part):
        first, end = part
        answer = proxy.get("/b/object", {"Range": f"bytes={first}-{end - 1}"})
        with open(self.path, "rb") as file:
            file.seek(first)
            assert answer.status == 206 and answer.body == file.read(end - first), (
                f"bytes {first}-{end - 1}: {answer.status}, {len(answer.body)} bytes, not those of the file")

    def ask_all(self, proxy, parts, clients):
        """Every answer is right, or an AssertionError says which is not. The proxy's largest memory meanwhile."""
        peak = proxy.process.rss_bytes()
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            for _ in pool.map(lambda part: self.ask(proxy, part), parts):
                peak = max(peak, proxy.process.rss_bytes())
        return peak


def granules_of(parts):
    return {index for first, end in parts for index in range(first // GRANULE, (end - 1) // GRANULE + 1)}


def metric(proxy, name):
    return Metrics(proxy.metrics()).value(name)


def rss_limit_bytes(quota_mib):
    """What the process may have with so large a cache."""
    return quota_mib * MIB * 105 // 100 + 64 * MIB
