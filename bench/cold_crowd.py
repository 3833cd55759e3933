#!/usr/bin/env python3
"""Thousands of clients on one cold object at once: how often S3 is asked, how far followers are behind, in what memory.

A few read all of it and compare it; the others take the first part and then nothing more until the end. Needs versitygw
and the tests' Python environment, as cached_ranges.py does.
"""

import argparse
import hashlib
import os
import selectors
import socket
import sys
import tempfile
import time
from pathlib import Path

import rig

sys.path.insert(0, str(rig.ROOT / "tests/integration"))
from harness.sparse_object import metric, start_cached  # noqa: E402
from harness.versitygw import Versitygw  # noqa: E402

REQUEST = b"GET /b/object HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Client:
    def __init__(self, address, wanted):
        self.socket = socket.create_connection(address)
        self.socket.setblocking(False)
        self.wanted = wanted
        self.got = 0
        self.first = None
        self.digest = hashlib.sha256()

    def read(self):
        """False when it has all that it wants."""
        piece = self.socket.recv(min(262144, max(1, self.wanted + 4096 - self.got)))
        if not piece:
            sys.exit(f"cut after {self.got} bytes")
        if self.first is None:
            self.first = time.monotonic()
            piece = piece[piece.index(b"\r\n\r\n") + 4:]
        self.got += len(piece)
        self.digest.update(piece)
        return self.got < self.wanted


def run(options, folder):
    server = Versitygw(options.versitygw, folder / "s3")
    content = os.urandom(rig.MIB) * options.mib
    client = server.client()
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="object", Body=content)
    proxy = start_cached(folder / "proxy", server.endpoint, options.quota_mib, server={"timeouts": {"stall": "300s"}})
    try:
        before = proxy.process.rss_bytes()
        clients = [Client(proxy.main, len(content) if n < options.whole else options.part_kib << 10)
                   for n in range(options.clients)]
        chosen = selectors.DefaultSelector()
        began = time.monotonic()
        for one in clients:
            one.socket.setblocking(True)
            one.socket.sendall(REQUEST)
            one.socket.setblocking(False)
            chosen.register(one.socket, selectors.EVENT_READ, one)
        left, peak = len(clients), 0
        while left:
            for key, _ in chosen.select(60):
                if not key.data.read():
                    chosen.unregister(key.data.socket)
                    left -= 1
            peak = max(peak, proxy.process.rss_bytes())
        lags = sorted(one.first - began for one in clients)
        right = all(one.digest.digest() == hashlib.sha256(content).digest() for one in clients[:options.whole])
        asked = metric(proxy, "yatagarasu_origin_requests_total")
        print(f"{rig.machine()}. {options.clients} clients, {options.whole} of them for all of {options.mib} MiB: "
              f"{time.monotonic() - began:.1f} s.")
        print(f"requests to S3 {asked:.0f}; stored {metric(proxy, 'yatagarasu_cache_stored_bytes_total') / rig.MIB:.1f} MiB; "
              f"RSS {before / rig.MIB:.0f} MiB before, {peak / rig.MIB:.0f} MiB at its peak; bytes right: {right}")
        print(f"first byte after the first request was sent, ms: first {lags[0] * 1e3:.1f}, median "
              f"{lags[len(lags) // 2] * 1e3:.1f}, last {lags[-1] * 1e3:.1f} (this client is one thread)")
        return 0 if asked == 1 and right else 1
    finally:
        proxy.process.kill()
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--whole", type=int, default=4)
    parser.add_argument("--mib", type=int, default=64)
    parser.add_argument("--part-kib", type=int, default=64)
    parser.add_argument("--quota-mib", type=int, default=256)
    parser.add_argument("--versitygw", default=os.environ.get("YATA_VERSITYGW"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sys.exit(run(options, Path(name)))


if __name__ == "__main__":
    main()
