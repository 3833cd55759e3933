#!/usr/bin/env python3
"""Cached objects in pairs: us, nginx's proxy_cache and HAProxy's cache, one core for the server under test.

All three write an access log. Each round takes the servers in turns; the ratio is ours to the cheaper of the two others
of the same round, in CPU per request. Beside them, a loop that does nothing but receive and write (bench/bare_loop/):
what the kernel takes for it here. HAProxy's cache keeps objects of at most a quarter of its size in memory, whole.
"""

import os
import statistics
import subprocess
import time
from pathlib import Path

import passthrough
import rig

SIZES = {"1 KiB": 1024, "64 KiB": 64 * 1024, "1 MiB": 1024 * 1024}
BARE_LOOP = Path(os.environ.get("YATA_BARE_LOOP", rig.ROOT / "build/release/bare_loop"))
GOALS = {"1 KiB": 0.60, "64 KiB": 0.95, "1 MiB": 0.50}

NGINX_CACHE = """
  log_format line '$time_iso8601 $remote_addr "$request" $status $body_bytes_sent $request_time $upstream_cache_status';
  proxy_cache_path {folder}/nginx-cache levels=1:2 keys_zone=one:10m max_size=1g use_temp_path=off;
  open_file_cache max=100 inactive=600s; open_file_cache_valid 600s;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 16; }}
  server {{ listen 127.0.0.1:{port} backlog=1024; access_log {folder}/nginx-access.log line;
    location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
                  proxy_cache one; proxy_cache_valid 200 1h; }} }}
"""
HAPROXY = """
global
  nbthread 1
  maxconn 2000
  tune.bufsize 32768
  log {log} len 1024 format raw daemon
defaults
  mode http
  log global
  option httplog
  timeout client 60s
  timeout server 60s
  timeout connect 5s
  http-reuse always
cache one
  total-max-size 64
  max-object-size 8388608
  max-age 3600
frontend f
  bind 127.0.0.1:{port}
  filter cache one
  http-request cache-use one
  http-response cache-store one
  default_backend b
backend b
  server o 127.0.0.1:{origin}
"""


def start_haproxy(folder, origin):
    port = rig.free_port()
    config = folder / "haproxy.cfg"
    config.write_text(HAPROXY.format(port=port, origin=origin, log="stdout"))
    with open(folder / "haproxy-access.log", "wb") as log:
        process = rig.pinned(rig.SERVER_CORE, ["haproxy", "-db", "-f", config], stdout=log, stderr=log)
    rig.wait_for(port, process)
    return process, f"http://127.0.0.1:{port}/bench/"


def start_bare_loop():
    port = rig.free_port()
    answers = [part for name, size in SIZES.items() for part in (name.replace(" ", ""), size)]
    process = rig.pinned(rig.SERVER_CORE, [BARE_LOOP, port, *answers])
    rig.wait_for(port, process)
    return process, f"http://127.0.0.1:{port}/"


def start_servers(folder, origin):
    ours, port, _ = rig.start_ours(folder, [rig.bucket("bench", origin)], cache=rig.memory_cache(256))
    nginx, nginx_port = passthrough.start_nginx(folder, "cache", rig.SERVER_CORE, NGINX_CACHE, origin=origin)
    return {"ours": (ours, f"http://127.0.0.1:{port}/"), "nginx": (nginx, f"http://127.0.0.1:{nginx_port}/bench/"),
            "haproxy": start_haproxy(folder, origin), "bare": start_bare_loop()}


def check(servers, key, size):
    """All give the same bytes, and ours says that they are from its cache."""
    for _, url in servers.values():
        for _ in range(2):
            body = subprocess.run(["curl", "-sf", url + key], capture_output=True, check=True).stdout
            if len(body) != size:
                raise SystemExit(f"{url}{key}: {len(body)} bytes")
    rig.check_hit(servers["ours"][1] + key)


def compare(folder, servers, name, options):
    """[{server: figures}], one for each round."""
    key = name.replace(" ", "")
    check(servers, key, SIZES[name])
    for _, url in servers.values():
        rig.run_wrk(folder, url + key, options.connections, 1)
    return [{server: rig.measure(process, folder, url + key, SIZES[name], options.connections, options.seconds)
             for server, (process, url) in servers.items()} for _ in range(options.rounds)]


def table(results):
    lines = ["| object | figure | bare loop | ours | nginx | HAProxy | ours / cheaper | goal |",
             "|---|---|--:|--:|--:|--:|--:|--:|"]
    for name, rounds in results.items():
        for column, title in passthrough.COLUMNS:
            shown = [rig.median_of([one[server] for one in rounds], column)
                     for server in ("bare", "ours", "nginx", "haproxy")]
            better = max if column == "rps" else min
            ratio = statistics.median(
                one["ours"][column] / better(one["nginx"][column], one["haproxy"][column]) for one in rounds)
            goal = f"≤ {GOALS[name]:.2f}" if column == "cpu_us" else ""
            lines.append(f"| {name} | {title} | {' | '.join(f'{n:,.4g}' for n in shown)} | {ratio:.2f} | {goal} |")
    return "\n".join(lines)


def report(results, options):
    return f"""# Cached objects: us, nginx's proxy_cache, HAProxy's cache

{time.strftime('%Y-%m-%d')}, {rig.machine()}. {rig.version_of(rig.BINARY, 'version')}; {rig.version_of('nginx', '-v')};
{rig.version_of('haproxy', '-v')}.
{options.connections} connections, one core for the server, access log on in the three, {options.rounds} rounds of
{options.seconds} s in turns, medians.
The ratio is ours to the cheaper of the two others in the same round. The bare loop only receives and writes.

{table(results)}

Repeat: `make bench`, or `bench/cached.py --rounds {options.rounds} --seconds {options.seconds}`.
"""


def main():
    parser = rig.recording_parser(__doc__, rounds=3, seconds=5, connections=64)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    options = parser.parse_args()
    with rig.folder() as folder:
        (folder / "nginx-cache").mkdir(mode=0o777)
        (folder / "nginx-cache").chmod(0o777)
        passthrough.make_objects(folder, SIZES)
        _, origin_port = passthrough.start_nginx(folder, "origin", rig.OTHER_CORES, passthrough.ORIGIN)
        servers = start_servers(folder, origin_port)
        text = report({size: compare(folder, servers, size, options) for size in options.sizes}, options)
    rig.show(options, "cached", text)


if __name__ == "__main__":
    main()
