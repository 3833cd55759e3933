#!/usr/bin/env python3
"""Us and nginx in pairs: objects passed through from the same S3-like origin, one core for the server under test.

We sign, log and count each request; nginx's proxy_pass does none of it. The origin is nginx over static files that does
not look at signatures, so that it costs little. It and wrk share the other cores. Order A B A B; medians of ratios.
"""

import statistics
import subprocess
import time

import rig

SIZES = {"1 KiB": 1024, "64 KiB": 64 * 1024, "10 MiB": 10 * 1024 * 1024}
GOALS = {"1 KiB": 1.10, "64 KiB": 0.80, "10 MiB": 0.60}
COLUMNS = [("cpu_us", "CPU µs/request"), ("cpu_s_per_gb", "CPU s/GB"), ("rps", "requests/s"),
           ("p50_us", "p50 µs"), ("p99_us", "p99 µs")]

NGINX = """
daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 600s;
  client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {inside}
}}
"""
ORIGIN = """
  open_file_cache max=100 inactive=600s; open_file_cache_valid 600s;
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}/objects; }}
"""
PROXY = """
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 128; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port} backlog=1024;
    location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
                  proxy_max_temp_file_size 0; }} }}
"""


def start_nginx(folder, name, core, inside, **values):
    port = rig.free_port()
    config = folder / f"{name}.conf"
    config.write_text(NGINX.format(folder=folder, name=name, inside=inside.format(folder=folder, port=port, **values)))
    process = rig.pinned(core, ["nginx", "-p", folder, "-c", config], stderr=subprocess.DEVNULL)
    rig.wait_for(port, process)
    return process, port


def make_objects(folder, sizes):
    (folder / "objects/bench").mkdir(parents=True)
    for name, size in sizes.items():
        content = bytes(n * 31 % 256 for n in range(1024)) * (size // 1024)
        (folder / "objects/bench" / name.replace(" ", "")).write_bytes(content)


def same_bytes(ours, nginx, key):
    """Both give the same object, or the comparison means nothing."""
    bodies = [subprocess.run(["curl", "-sf", url], capture_output=True, check=True).stdout
              for url in (f"http://127.0.0.1:{ours}/{key}", f"http://127.0.0.1:{nginx}/bench/{key}")]
    if bodies[0] != bodies[1] or not bodies[0]:
        raise SystemExit(f"{key}: the two do not give the same bytes")


def compare(folder, servers, name, rounds, seconds, connections):
    """[(our figures, nginx's figures)] for one size, taken in turns."""
    key = name.replace(" ", "")
    (ours, our_port), (nginx, nginx_port) = servers
    same_bytes(our_port, nginx_port, key)
    targets = [(ours, f"http://127.0.0.1:{our_port}/{key}"), (nginx, f"http://127.0.0.1:{nginx_port}/bench/{key}")]
    for _, url in targets:
        rig.run_wrk(folder, url, connections, 1)  # Warm.
    return [tuple(rig.measure(process, folder, url, SIZES[name], connections, seconds) for process, url in targets)
            for _ in range(rounds)]


def table(results):
    lines = ["| object | figure | ours | nginx | ratio | goal |", "|---|---|--:|--:|--:|--:|"]
    for name, pairs in results.items():
        for column, title in COLUMNS:
            ours, nginx = (rig.median_of([pair[side] for pair in pairs], column) for side in (0, 1))
            ratio = statistics.median(pair[0][column] / pair[1][column] for pair in pairs)
            goal = f"≤ {GOALS[name]:.2f}" if column == "cpu_us" else ""
            lines.append(f"| {name} | {title} | {ours:,.4g} | {nginx:,.4g} | {ratio:.2f} | {goal} |")
    return "\n".join(lines)


def report(results, options):
    return f"""# Pass-through: us against nginx

{time.strftime('%Y-%m-%d')}, {rig.machine()}. {rig.version_of(rig.BINARY, 'version')}; {rig.version_of('nginx', '-v')}.
{options.connections} connections, one core for the server, {options.rounds} rounds of {options.seconds} s in turns
(ours, nginx, ours, nginx …), medians. Ours signs, writes its access log and counts; nginx relays without any of them.

{table(results)}

Repeat: `make bench`, or `bench/passthrough.py --rounds {options.rounds} --seconds {options.seconds}`.
By hand: `taskset -c {rig.SERVER_CORE} SERVER` and
`taskset -c {rig.OTHER_CORES} wrk -t1 -c{options.connections} -d{options.seconds}s URL`.
"""


def main():
    parser = rig.recording_parser(__doc__, rounds=3, seconds=5, connections=64)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    options = parser.parse_args()
    with rig.folder() as folder:
        make_objects(folder, SIZES)
        _, origin_port = start_nginx(folder, "origin", rig.OTHER_CORES, ORIGIN)
        process, port, _ = rig.start_ours(folder, [rig.bucket("bench", origin_port)])
        nginx = start_nginx(folder, "proxy", rig.SERVER_CORE, PROXY, origin=origin_port)
        results = {}
        for size in options.sizes:
            results[size] = compare(folder, ((process, port), nginx), size, options.rounds, options.seconds,
                                    options.connections)
        text = report(results, options)
    rig.show(options, "passthrough", text)


if __name__ == "__main__":
    main()
