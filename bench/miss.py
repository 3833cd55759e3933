#!/usr/bin/env python3
"""A cold object read straight from a real S3 server and through us with nothing in the cache, in pairs.

Once as fast as the server gives it, and once with so many MiB/s for each connection to it, as S3 has it: through us
with parallel parts, and without. Each miss is of a key that nobody has asked for; a first, unmeasured one is compared
with the file. Needs versitygw and the tests' Python environment, as cached_ranges.py does.
"""

import hashlib
import os
import random
import socket
import statistics
import sys
import time

import boto3
from botocore.config import Config

import rig
from relay import Relay

sys.path.insert(0, str(rig.ROOT / "tests/integration"))
from harness import versitygw  # noqa: E402
from harness.sparse_object import SparseObject, start_cached  # noqa: E402

HEADING = """| connection to S3 | parts | throughput direct | through us | ratio, median (range) | first byte direct | through us | difference |
|---|--:|--:|--:|--:|--:|--:|--:|"""


class Origin:
    """versitygw with one object under as many keys as are asked for."""

    def __init__(self, options, folder):
        self.server = versitygw.Versitygw(options.versitygw, folder / "s3")
        made = SparseObject(self.server, options.mib << 20, 2000, random.Random(1))
        self.path, self.size = made.path, made.size
        self.keys = 0
        self.signers = {}  # By port.

    def cold_key(self):
        self.keys += 1
        os.link(self.path, self.path.with_name(f"object-{self.keys}"))
        return f"object-{self.keys}"

    def target(self, key, port):
        """A signed URL's path and query, for whoever listens on the port."""
        if port not in self.signers:
            self.signers[port] = boto3.client(
                "s3", endpoint_url=f"http://127.0.0.1:{port}", aws_access_key_id=versitygw.ACCESS_KEY,
                aws_secret_access_key=versitygw.SECRET_KEY, region_name=versitygw.REGION,
                config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"))
        url = self.signers[port].generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": key})
        return url.partition(f":{port}")[2]


def read(address, target, size, digest=None):
    """(seconds to the first byte, bytes a second)."""
    buffer = bytearray(1 << 20)
    with socket.create_connection(address, timeout=60) as sock:
        host = f"{address[0]}:{address[1]}"
        began = time.monotonic()
        sock.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        got = sock.recv_into(buffer)
        first = time.monotonic() - began
        head = bytes(buffer[:got]).partition(b"\r\n\r\n")[0]
        if not head.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"{target}: {bytes(buffer[:got])!r}")
        if digest is not None:
            digest.update(buffer[len(head) + 4:got])
        total = got - len(head) - 4
        while total < size:
            got = sock.recv_into(buffer)
            if got == 0:
                sys.exit(f"cut after {total} bytes")
            if digest is not None:
                digest.update(memoryview(buffer)[:got])
            total += got
    return first, total / (time.monotonic() - began)


def ours(origin, proxy, digest=None):
    return read(proxy.main, f"/b/{origin.cold_key()}", origin.size, digest)


def direct(origin, port):
    return read(("127.0.0.1", port), origin.target(origin.cold_key(), port), origin.size)


def check(origin, proxy):
    got = hashlib.sha256()
    ours(origin, proxy, got)
    with open(origin.path, "rb") as file:
        if hashlib.file_digest(file, "sha256").digest() != got.digest():
            sys.exit("not the bytes of the file")


def compare(options, origin, folder, rate, parts):
    relay = Relay(origin.server.port, rate) if rate else None
    port = relay.port if relay else origin.server.port
    proxy = start_cached(folder, f"http://127.0.0.1:{port}", options.quota_mib,
                         {"parallel_parts": {"per_reader": parts}})
    try:
        check(origin, proxy)
        pairs = [(direct(origin, port), ours(origin, proxy)) for _ in range(options.pairs)]
    finally:
        proxy.process.kill()
        if relay:
            relay.stop()
    ratios = sorted(us[1] / them[1] for them, us in pairs)
    median = [[statistics.median(side[n] for side in sides) for n in (0, 1)] for sides in zip(*pairs, strict=True)]
    them, us = median
    later = statistics.median((us[0] - them[0]) * 1e3 for them, us in pairs)
    ratio = statistics.median(ratios)
    row = (f"| {f'{rate} MiB/s each' if rate else 'as it comes'} | {parts} | {them[1] / rig.MIB:.0f} MiB/s | "
           f"{us[1] / rig.MIB:.0f} MiB/s | {ratio:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) | {them[0] * 1e3:.1f} ms | "
           f"{us[0] * 1e3:.1f} ms | {later:+.1f} ms |")
    print(row, flush=True)
    return row, ratio


def run(options, folder):
    origin = Origin(options, folder)
    load = f"load average at its begin {os.getloadavg()[0]:.2f}"
    print(f"{rig.machine()}, {load}.\n{HEADING}")
    cases = [(0, options.parts), (0, 1), (options.mib_per_second, options.parts), (options.mib_per_second, 1)]
    try:
        rows = [compare(options, origin, folder / f"proxy-{n}", *case) for n, case in enumerate(cases)]
    finally:
        origin.server.stop()
    if options.record:
        rig.record("miss", f"""# A miss, and S3 read directly

{time.strftime('%Y-%m-%d')}, {rig.machine()}, {load}. {rig.version_of(rig.BINARY, 'version')}.
An object of {options.mib} MiB, {options.pairs} pairs of a direct read and a miss in turns, medians; the ratios are of
pairs. Server, we and reader share the cores.

{HEADING}
{chr(10).join(row for row, _ in rows)}

Repeat: `bench/miss.py --mib {options.mib} --pairs {options.pairs} --mib-per-second {options.mib_per_second}`.
""")
    return 0 if rows[2][1] > 1 else 1


def main():
    options = rig.recording_parser(__doc__, mib=1024, pairs=5, parts=4, mib_per_second=64, quota_mib=2048,
                                   versitygw=rig.VERSITYGW).parse_args()
    with rig.folder() as folder:
        sys.exit(run(options, folder))


if __name__ == "__main__":
    main()
