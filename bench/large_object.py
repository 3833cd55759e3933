#!/usr/bin/env python3
"""Objects of 5 and 10 GiB through a real S3 server, one reader and five: growth of memory, throughput, digest.

The objects are sparse files put straight into the server's folder, with blocks of noise strewn in, so that a piece
that is missing, doubled or misplaced changes the digest.
"""

import concurrent.futures
import hashlib
import http.client
import json
import os
import random
import subprocess
import threading
import time

import rig

GIB, MIB = 1 << 30, 1 << 20
GOAL_MIB = 32
HEADING = """| object | readers | RSS growth MiB | GB/s | CPU s/GB | digest |
|--:|--:|--:|--:|--:|---|"""


def start_s3(folder):
    binary = rig.VERSITYGW or subprocess.run(
        ["bash", "-c", ". tools/dev/cache.sh; versitygw_binary"], cwd=rig.ROOT, capture_output=True, text=True,
        check=True).stdout.strip()
    port = rig.free_port()
    (folder / "buckets/large").mkdir(parents=True)
    process = rig.start(
        [binary, "--port", f"127.0.0.1:{port}", "--keep-alive", "--quiet", "posix", folder / "buckets"],
        env={"PATH": os.environ["PATH"], "ROOT_ACCESS_KEY": "bench", "ROOT_SECRET_KEY": "bench-secret"},
        stdout=subprocess.DEVNULL)
    rig.wait_for(port, process)
    return process, port


def start_ours(folder, s3_port):
    port = rig.free_port()
    config = folder / "yatagarasu.json"
    config.write_text(json.dumps({
        "server": {"address": f"127.0.0.1:{port}"}, "admin": {"address": "127.0.0.1:0"},
        "buckets": [{"name": "large", "path_prefix": "/", "auth": {"enabled": False},
                     "s3": {"bucket": "large", "region": "us-east-1", "endpoint": f"http://127.0.0.1:{s3_port}",
                            "credentials": {"access_key": "bench", "secret_key": "bench-secret"}}}]}))
    process = rig.start([rig.BINARY, "serve", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rig.wait_for(port, process)
    return process, port


def make_object(path, size):
    """A sparse file with 64 KiB of noise each 64 MiB; returns its digest."""
    noise = random.Random(size)
    with open(path, "wb") as file:
        file.truncate(size)
        for start in range(0, size, 64 * MIB):
            file.seek(start + noise.randrange(60 * MIB))
            file.write(noise.randbytes(65536))
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(port, key):
    """The digest of what one reader gets."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", f"/{key}")
    answer = connection.getresponse()
    digest, buffer = hashlib.sha256(), bytearray(MIB)
    while size := answer.readinto(buffer):
        digest.update(memoryview(buffer)[:size])
    connection.close()
    return digest.hexdigest()


class PeakWatch(threading.Thread):
    """The highest resident memory of a process until it is told to end."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.peak, self.done = process, 0, threading.Event()

    def run(self):
        while not self.done.wait(0.05):
            self.peak = max(self.peak, rig.rss_bytes(self.process))


def run(ours, port, key, size, digest, readers):
    before = rig.rss_bytes(ours)
    watch = PeakWatch(ours)
    watch.start()
    began, cpu = time.monotonic(), rig.cpu_seconds(ours)
    with concurrent.futures.ThreadPoolExecutor(readers) as pool:
        digests = list(pool.map(lambda _: read(port, key), range(readers)))
    seconds = time.monotonic() - began
    watch.done.set()
    watch.join()
    total = readers * size
    grown = (watch.peak - before) / MIB
    right = "same" if set(digests) == {digest} else "DIFFERENT"
    row = (f"| {size // GIB} GiB | {readers} | {grown:.1f} | {total / seconds / 1e9:.2f} | "
           f"{(rig.cpu_seconds(ours) - cpu) / (total / 1e9):.2f} | {right} |")
    print(row, flush=True)
    return row, right == "same" and grown <= GOAL_MIB


def main():
    parser = rig.recording_parser(__doc__)
    parser.add_argument("--gib", type=int, nargs="+", default=[5, 10])
    parser.add_argument("--readers", type=int, nargs="+", default=[1, 5])
    options = parser.parse_args()
    rows, good = [], True
    print(HEADING)
    with rig.folder() as folder:
        _, s3_port = start_s3(folder)
        ours, port = start_ours(folder, s3_port)
        for gib in options.gib:
            key = f"object-{gib}"
            digest = make_object(folder / "buckets/large" / key, gib * GIB)
            for readers in options.readers:
                row, fine = run(ours, port, key, gib * GIB, digest, readers)
                rows.append(row)
                good = good and fine
    text = f"""# Large objects through a real S3 server

{time.strftime('%Y-%m-%d')}, {rig.machine()}. {rig.version_of(rig.BINARY, 'version')}.
Goal: memory grows by at most {GOAL_MIB} MiB.

{HEADING}
{chr(10).join(rows)}

Repeat: `bench/large_object.py --gib {' '.join(map(str, options.gib))} --readers {' '.join(map(str, options.readers))}`.
"""
    if options.record:
        rig.record("large-object", text)
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
