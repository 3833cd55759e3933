#!/usr/bin/env python3
"""The walk by its kinds of answer, each at a fixed rate in open loop: health check, hits, misses, ranges.

Every wait is counted from when its request was due (bench/open_loop.py). nginx answers the health check too, in turns
with us on the same core. The load generator has the other cores; for misses it shares them with the origin.
"""

import os
import random
import time

import open_loop
import passthrough
import rig
import signing

LARGE_MIB = 64
RANGE_BYTES = 64 * 1024
COLD_PER_ROUND = 100_000  # keys; more than are asked for
ORIGIN = """
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}/objects;
    location /bench/cold/ {{ rewrite ^ /bench/1KiB break; }} }}
"""
HEALTH = """
  server {{ listen 127.0.0.1:{port} backlog=1024;
    location = /health {{ default_type application/json; return 200 '{{"status":"ok"}}'; }} }}
"""
COLUMNS = [("cpu_us", "CPU µs/request", 1), ("p50_us", "P50 µs", 0), ("p99_us", "P99 µs", 0),
           ("p999_us", "P99.9 µs", 0), ("max_us", "longest µs", 0)]


class Case:
    """`requests(round)`: what is sent in that round; `goal`: of the P99, in µs."""

    def __init__(self, server, rate, requests, status=200, goal=None):
        self.server, self.rate, self.requests, self.status, self.goal = server, rate, requests, status, goal


def ranges(seeded):
    size = LARGE_MIB * rig.MIB
    for first in (seeded.randrange(size - RANGE_BYTES) for _ in range(1000)):
        yield open_loop.get("/public/large", fields=[f"Range: bytes={first}-{first + RANGE_BYTES - 1}"])


def cases(rate):
    token = signing.tokens(1, "HS256", signing.hmac_signer())[0]
    health, hit = [open_loop.get("/health")], [open_loop.get("/public/1KiB")]
    closed, parts = [open_loop.get("/closed/1KiB", token)], list(ranges(random.Random(1)))
    return {
        "health check": Case("ours", rate, lambda _: health, goal=100),
        "health check, nginx `return 200`": Case("nginx", rate, lambda _: health),
        "hit, 1 KiB": Case("ours", rate, lambda _: hit),
        "hit, 1 KiB, seen HS256 token": Case("ours", rate, lambda _: closed),
        "miss, 1 KiB, each another key": Case("ours", rate / 5, lambda turn: [
            open_loop.get(f"/public/cold/{turn}-{number}") for number in range(COLD_PER_ROUND)]),
        f"range of 64 KiB, cached {LARGE_MIB} MiB": Case("ours", rate / 5, lambda _: parts, status=206)}, token


def start(folder):
    """{server: (process, port)}"""
    (folder / "objects/bench").mkdir(parents=True)
    (folder / "objects/bench/1KiB").write_bytes(b"x" * 1024)
    (folder / "objects/bench/large").write_bytes(os.urandom(rig.MIB) * LARGE_MIB)
    _, origin_port = passthrough.start_nginx(folder, "origin", rig.OTHER_CORES, ORIGIN)
    nginx = passthrough.start_nginx(folder, "health", rig.SERVER_CORE, HEALTH)
    process, port, _ = rig.start_ours(
        folder, [rig.bucket("public", origin_port, "/public"),
                 rig.bucket("closed", origin_port, "/closed", auth={"enabled": True, "jwt": "default"})],
        jwt={"default": {"algorithms": ["HS256"], "secret": signing.SECRET}}, cache=rig.memory_cache(512))
    return {"ours": (process, port), "nginx": nginx}


def measure(servers, case, turn, options):
    process, port = servers[case.server]
    requests = case.requests(turn)
    before = rig.cpu_seconds(process)
    figures = open_loop.measure(port, requests, case.rate, options.seconds, connections=options.connections)
    cpu = rig.cpu_seconds(process) - before
    if list(figures["statuses"]) != [case.status] or figures["unanswered"]:
        raise SystemExit(f"{requests[0]}: {figures}")
    return {**figures, "cpu_us": cpu * 1e6 / figures["answered"]}


def table(results, all_cases):
    lines = [f"| answer | requests/s | {' | '.join(title for _, title, _ in COLUMNS)} | P99, lowest … highest | goal |",
             f"|---|--:|{'--:|' * len(COLUMNS)}--:|--:|"]
    for name, rounds in results.items():
        case = all_cases[name]
        shown = [f"{rig.median_of(rounds, column):,.{digits}f}" for column, _, digits in COLUMNS]
        tails = sorted(row["p99_us"] for row in rounds)
        goal = f"P99 < {case.goal} µs" if case.goal else ""
        lines.append(f"| {name} | {case.rate:,.0f} | {' | '.join(shown)} | {tails[0]:,.0f} … {tails[-1]:,.0f} "
                     f"| {goal} |")
    return "\n".join(lines)


def report(results, all_cases, options):
    return f"""# The walk at a fixed rate

{time.strftime('%Y-%m-%d')}, {rig.machine()}, load average {os.getloadavg()[0]:.1f} at the end.
{rig.version_of(rig.BINARY, 'version')}; {rig.version_of('nginx', '-v')}.
Open loop over {options.connections} connections: each wait from when its request was due, the load generator's own
lateness included. One loop on a core of its own, access log on; {options.rounds} rounds of {options.seconds} s in
turns, medians.

{table(results, all_cases)}

Repeat: `make bench`, or `bench/pipeline.py --rounds {options.rounds} --seconds {options.seconds}`.
"""


def main():
    parser = rig.recording_parser(__doc__, rounds=3, seconds=10, connections=64)
    parser.add_argument("--rate", type=float, default=10_000, help="of misses and ranges a fifth")
    options = parser.parse_args()
    with rig.folder() as folder:
        servers = start(folder)
        all_cases, token = cases(options.rate)
        url = f"http://127.0.0.1:{servers['ours'][1]}"
        rig.check_hit(f"{url}/public/1KiB")
        rig.check_hit(f"{url}/closed/1KiB", f"Authorization: Bearer {token}")
        rig.check_hit(f"{url}/public/large")
        results = {case: [] for case in all_cases}
        for turn in range(options.rounds):
            for case in all_cases:
                results[case].append(measure(servers, all_cases[case], turn, options))
        text = report(results, all_cases, options)
    rig.show(options, "pipeline", text)


if __name__ == "__main__":
    main()
