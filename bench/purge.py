#!/usr/bin/env python3
"""Purges over HTTP while many tiny objects are held: what each takes, and what hits beside them pay.

Times are from the moment a request was due to its answer, through the sockets of the admin listener, so what the
server does is less. Filling the cache takes a minute or two for a million objects.
"""

import json
import os
import random
import subprocess
import time
import urllib.request

import open_loop
import passthrough
import rig

FOLDERS = 1000  # Each has its tag. The first half is purged, the other is asked for.
PURGES_RATE = 200
HITS_RATE = 5000
GOALS_US = {"key": 50, "prefix": 1000, "tag": 1000}
ORIGIN = """
  map $uri $tag {{ ~^/bench/(\\d+)/ product-$1; default none; }}
  server {{ listen 127.0.0.1:{port} backlog=1024;
    location /bench/ {{ add_header ETag '"v1"'; add_header Cache-Control max-age=86400; add_header Cache-Tag $tag;
                        default_type text/plain; return 200 tiny; }} }}
"""


def path_of(number):
    return f"/{number % FOLDERS}/images/{number}.webp"


def order(kind, number):
    named = {"key": path_of(number)[1:], "prefix": f"{number % FOLDERS}/", "tag": f"product-{number % FOLDERS}"}
    return open_loop.post("/cache/purge", json.dumps({"bucket": "bench", kind: named[kind]}))


def held(admin):
    with urllib.request.urlopen(f"http://127.0.0.1:{admin}/cache/stats") as answer:
        return json.load(answer)["layers"]["memory"]["objects"]


def fill(port, admin, objects):
    """As fast as it goes: all are due at once."""
    began = time.monotonic()
    open_loop.measure(port, [open_loop.get(path_of(number)) for number in range(objects)], 1e9, objects / 1e9)
    print(f"{held(admin):,} objects held after {time.monotonic() - began:.0f} s", flush=True)


def state_of(port, number):
    head = subprocess.run(["curl", "-si", f"http://127.0.0.1:{port}{path_of(number)}"], capture_output=True,
                          check=True, text=True).stdout
    return "HIT" if "X-Cache: HIT" in head else "MISS"


def measure(process, port, admin, kind, options, seeded):
    """Hits alone, purges alone, both together."""
    low, high = FOLDERS // 2, options.objects // FOLDERS
    purged = [seeded.randrange(high) * FOLDERS + seeded.randrange(low) for _ in range(1000)]
    kept = [seeded.randrange(high) * FOLDERS + low + seeded.randrange(low) for _ in range(10_000)]
    orders, hits = [order(kind, number) for number in purged], [open_loop.get(path_of(number)) for number in kept]
    alone = open_loop.measure(port, hits, HITS_RATE, options.seconds)
    before = rig.cpu_seconds(process)
    purges = open_loop.measure(admin, orders, PURGES_RATE, options.seconds, connections=4)
    cpu_us = (rig.cpu_seconds(process) - before) * 1e6 / purges["answered"]
    with open_loop.Beside(admin, orders, PURGES_RATE, options.seconds) as beside:
        both = open_loop.measure(port, hits, HITS_RATE, options.seconds)
    for figures in (alone, purges, both, beside.figures):
        if list(figures["statuses"]) != [200]:
            raise SystemExit(f"{kind}: {figures}")
    if state_of(port, purged[0]) != "MISS" or state_of(port, kept[0]) != "HIT":
        raise SystemExit(f"{kind}: what was purged is given, or what was not is gone")
    return {"purges": purges, "cpu_us": cpu_us, "alone": alone, "both": both}


def table(results):
    lines = ["| purge by | P50 µs | P99 µs | longest µs | CPU µs | goal | hits alone, P50 / P99 µs | hits beside them |",
             "|---|--:|--:|--:|--:|--:|--:|--:|"]
    for kind, one in results.items():
        took, alone, both = one["purges"], one["alone"], one["both"]
        lines.append(f"| {kind} | {took['p50_us']:,.0f} | {took['p99_us']:,.0f} | {took['max_us']:,.0f} "
                     f"| {one['cpu_us']:.0f} | ≤ {GOALS_US[kind]:,} µs | {alone['p50_us']:,.0f} / {alone['p99_us']:,.0f} "
                     f"| {both['p50_us']:,.0f} / {both['p99_us']:,.0f} |")
    return "\n".join(lines)


def report(results, objects, options):
    return f"""# Purges while many objects are held

{time.strftime('%Y-%m-%d')}, {rig.machine()}, load average {os.getloadavg()[0]:.1f} at the end.
{rig.version_of(rig.BINARY, 'version')}.
{objects:,} tiny objects in the memory tier, one loop. {PURGES_RATE} purges a second over HTTP, {HITS_RATE:,} hits a
second of objects that no purge reaches, {options.seconds} s each; waits from when each was due, both sockets included.
CPU: of the whole server for each purge. The goals are for the server's own time.

{table(results)}

Repeat: `bench/purge.py --objects {options.objects} --seconds {options.seconds}`.
"""


def main():
    options = rig.recording_parser(__doc__, objects=1_000_000, seconds=10).parse_args()
    with rig.folder() as folder:
        _, origin_port = passthrough.start_nginx(folder, "origin", rig.OTHER_CORES, ORIGIN)
        process, port, admin = rig.start_ours(
            folder, [rig.bucket("bench", origin_port)], cache=rig.memory_cache(2048),
            logging={"level": "info", "access": {"output": "off"}})
        fill(port, admin, options.objects)
        objects, seeded = held(admin), random.Random(1)
        results = {kind: measure(process, port, admin, kind, options, seeded) for kind in GOALS_US}
        text = report(results, objects, options)
    rig.show(options, "purge", text)


if __name__ == "__main__":
    main()
