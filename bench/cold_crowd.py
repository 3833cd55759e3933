#!/usr/bin/env python3
"""Crowds of clients on one cold object at once: how far followers' first bytes are behind the leader's, how often S3
is asked, in what memory.

The origin is held back until all have asked, so that nobody is late by the asking. When a first byte has come is what
the kernel says of each connection: the clients sleep meanwhile, and cost nothing. A few others then read all of the
object and compare it; the rest take what fits into their small buffers and nothing more. Needs versitygw and the tests'
Python environment, as cached_ranges.py does, and a `ulimit -n` above the largest crowd.
"""

import hashlib
import os
import selectors
import socket
import struct
import sys
import time

import rig
from relay import Relay

sys.path.insert(0, str(rig.ROOT / "tests/integration"))
from harness.sparse_object import metric, start_cached  # noqa: E402
from harness.versitygw import Versitygw  # noqa: E402

REQUEST = b"GET /b/object HTTP/1.1\r\nHost: localhost\r\n\r\n"
SO_TIMESTAMPNS = 35
SMALL_BUFFER = 4096  # What comes later does not change the time of what came first.
HEADING = """| clients | first byte after the leader's: median | 99 % | last | the leader's after the origin's | CPU of us, µs a client | requests to S3 | RSS before, peak |
|--:|--:|--:|--:|--:|--:|--:|--:|"""


class Follower:
    """Reads its first bytes when all have theirs, and then nothing more."""

    def __init__(self, address):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.connect(address)

    def first_byte_ns(self):
        """Of the wall clock, as the kernel wrote it down."""
        self.socket.settimeout(60)
        data, notes, _, _ = self.socket.recvmsg(1, 64)
        if data != b"H":
            sys.exit("no answer")
        seconds, nanoseconds = struct.unpack("qq", notes[0][2])
        return seconds * 10**9 + nanoseconds


class Whole:
    """Reads all of it."""

    def __init__(self, address, size):
        self.socket = socket.create_connection(address)
        self.left = size
        self.began = False
        self.digest = hashlib.sha256()

    def read(self):
        """False when it has all."""
        piece = self.socket.recv(262144)
        if not piece:
            sys.exit(f"cut with {self.left} bytes left")
        if not self.began:
            self.began = True
            piece = piece[piece.index(b"\r\n\r\n") + 4:]
        self.left -= len(piece)
        self.digest.update(piece)
        return self.left > 0


def wait_until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def read_all(readers, proxy):
    """The highest resident memory meanwhile."""
    peak = proxy.process.rss_bytes()
    with selectors.DefaultSelector() as chosen:
        for one in readers:
            chosen.register(one.socket, selectors.EVENT_READ, one)
        while chosen.get_map():
            for key, _ in chosen.select(60):
                if not key.data.read():
                    chosen.unregister(key.data.socket)
            peak = max(peak, proxy.process.rss_bytes())
    return peak


def crowd(options, folder, origin, content, count):
    relay = Relay(origin.port, hold=True)
    proxy = start_cached(folder, relay.endpoint, options.quota_mib, server={"timeouts": {"stall": "300s"}})
    try:
        before = proxy.process.rss_bytes()
        followers = [Follower(proxy.main) for _ in range(count)]
        for one in followers:
            one.socket.sendall(REQUEST)
        wait_until(lambda: metric(proxy, "yatagarasu_requests_in_flight") >= count, "all have asked")
        cpu = rig.cpu_seconds(proxy.process.popen)
        released = time.time_ns()
        relay.release()
        time.sleep(options.settle)
        cpu = rig.cpu_seconds(proxy.process.popen) - cpu
        firsts = sorted(one.first_byte_ns() for one in followers)
        lags = [(first - firsts[0]) / 1e6 for first in firsts[1:]]
        readers = [Whole(proxy.main, len(content)) for _ in range(options.whole)]
        for one in readers:
            one.socket.sendall(REQUEST)
        peak = read_all(readers, proxy)
        right = all(one.digest.digest() == hashlib.sha256(content).digest() for one in readers)
        asked = metric(proxy, "yatagarasu_origin_requests_total")
        row = (f"| {count} | {lags[len(lags) // 2]:.1f} ms | {lags[len(lags) * 99 // 100]:.1f} ms | {lags[-1]:.1f} ms | "
               f"{(firsts[0] - released) / 1e6:.1f} ms | {cpu * 1e6 / count:.0f} | {asked:.0f} | "
               f"{before / rig.MIB:.0f}, {peak / rig.MIB:.0f} MiB |")
        print(row, flush=True)
        # Once, and once for each part ahead of those who read all.
        return row, right and asked <= 1 + len(content) // (8 * rig.MIB)
    finally:
        proxy.process.kill()
        relay.stop()


def run(options, folder):
    load = f"load average at its begin {os.getloadavg()[0]:.2f}"
    print(f"{rig.machine()}, {load}.\n{HEADING}")
    origin = Versitygw(options.versitygw, folder / "s3")
    content = os.urandom(rig.MIB) * options.mib
    client = origin.client()
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="object", Body=content)
    try:
        done = [crowd(options, folder / f"proxy-{n}", origin, content, count)
                for n, count in enumerate(options.clients * options.rounds)]
    finally:
        origin.stop()
    if options.record:
        rig.record("cold-crowd", f"""# Crowds on a cold object

{time.strftime('%Y-%m-%d')}, {rig.machine()}, {load}. {rig.version_of(rig.BINARY, 'version')}.
An object of {options.mib} MiB that nobody had asked for; the origin's answer was held back until all had asked. First
bytes are timed by the kernel as they reach the client's socket; the client's process sleeps meanwhile.

{HEADING}
{chr(10).join(row for row, _ in done)}

Repeat: `bench/cold_crowd.py --clients {' '.join(map(str, options.clients))} --rounds {options.rounds}`.
""")
    return 0 if all(good for _, good in done) else 1


def main():
    parser = rig.recording_parser(__doc__, rounds=1, whole=4, mib=64, quota_mib=256, versitygw=rig.VERSITYGW)
    parser.add_argument("--clients", type=int, nargs="+", default=[100, 1000, 5000])
    parser.add_argument("--settle", type=float, default=2, help="seconds in which the first bytes have come")
    options = parser.parse_args()
    with rig.folder() as folder:
        sys.exit(run(options, folder))


if __name__ == "__main__":
    main()
