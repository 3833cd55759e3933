"""What the macro benchmarks share: processes pinned to cores, CPU time of a process, wrk, the machine's description."""

import argparse
import contextlib
import json
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BINARY = Path(os.environ.get("YATA_BINARY", ROOT / "build/release/yatagarasu"))
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = str(CORES[0])
MIB = 1 << 20
OTHER_CORES = ",".join(map(str, CORES[1:] or CORES))
VERSITYGW = os.environ.get("YATA_VERSITYGW", "")
started = []  # What folder() stops at its end.

WRK_REPORT = """
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%.6f,"bytes":%d,"errors":%d,"p50_us":%d,"p99_us":%d}\\n',
    summary.requests, summary.duration / 1e6, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


def parser(description, **defaults):
    """An option of each name, with its default and of its type."""
    made = argparse.ArgumentParser(description=description)
    for name, default in defaults.items():
        made.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    return made


def recording_parser(description, **defaults):
    made = parser(description, **defaults)
    made.add_argument("--record", action="store_true", help="write the result into bench/results")
    return made


@contextlib.contextmanager
def folder():
    """A temporary one. Whatever was started is stopped before it goes."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)  # nginx's worker is another user.
        try:
            yield Path(name)
        finally:
            while started:
                stop(started.pop())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(argv, **how):
    started.append(subprocess.Popen(list(map(str, argv)), **how))
    return started[-1]


def pinned(core, argv, **how):
    """Starts a process on one core (or several: "1,2")."""
    return start(["taskset", "-c", core, *argv], **how)


def wait_for(port, process, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            sys.exit(f"{process.args} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"nothing accepts on port {port}")


def bucket(name, origin, path_prefix="/", **sections):
    """A public bucket of an S3 at port `origin`, which holds all under /bench/."""
    return {"name": name, "path_prefix": path_prefix, "auth": {"enabled": False},
            "s3": {"bucket": "bench", "region": "us-east-1", "endpoint": f"http://127.0.0.1:{origin}",
                   "credentials": {"access_key": "AKIDBENCH", "secret_key": "bench-secret"}}, **sections}


def start_ours(folder, buckets, **sections):
    """(process, port, admin port): one loop on the server's core, its access log in a file."""
    port, admin = free_port(), free_port()
    config = folder / "yatagarasu.json"
    config.write_text(json.dumps({"server": {"address": f"127.0.0.1:{port}", "threads": 1},
                                  "admin": {"address": f"127.0.0.1:{admin}"}, "buckets": buckets, **sections}))
    with open(folder / "access.log", "wb") as log, open(folder / "ours.log", "wb") as errors:
        process = pinned(SERVER_CORE, [BINARY, "serve", "-c", config], stdout=log, stderr=errors)
    wait_for(port, process)
    return process, port, admin


def memory_cache(mib):
    return {"layers": ["memory"], "memory": {"max_size": f"{mib}MiB"}}


def stop(process):
    process.terminate()
    process.wait()


def cpu_seconds(process):
    """CPU time of a process and its children, from the scheduler's own count."""
    family, total = [process.pid], 0
    for pid in family:
        for task in Path(f"/proc/{pid}/task").iterdir():
            family += map(int, (task / "children").read_text().split())
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def rss_bytes(process):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1]) * 1024


def wrk_command(url, connections, seconds, script):
    return ["taskset", "-c", OTHER_CORES, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s",
            "-s", str(script), url]


def run_wrk(folder, url, connections, seconds, requests=""):
    """`requests`: Lua that says what is sent; without it, wrk's own GET of the URL."""
    script = Path(folder) / "report.lua"
    script.write_text(requests + WRK_REPORT)
    done = subprocess.run(wrk_command(url, connections, seconds, script), capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(process, folder, url, size, connections, seconds, requests=""):
    """One run of wrk against a server: figures per request (an object of `size`) and per GB."""
    before = cpu_seconds(process)
    run = run_wrk(folder, url, connections, seconds, requests)
    cpu = cpu_seconds(process) - before
    if run["errors"] or not run["requests"]:
        sys.exit(f"{url}: {run}; too slow for {seconds} s?")
    # Of large objects many are under way when time is up: they cost CPU without counting as requests.
    requests = run["bytes"] / size if size > MIB else run["requests"]
    return {"cpu_us": cpu * 1e6 / requests, "cpu_s_per_gb": cpu / (run["bytes"] / 1e9),
            "rps": requests / run["seconds"], "p50_us": run["p50_us"], "p99_us": run["p99_us"]}


def check_hit(url, *fields):
    """That the object is in the cache once it was asked for."""
    headers = [part for field in fields for part in ("-H", field)]
    for _ in range(2):
        head = subprocess.run(["curl", "-si", *headers, url], capture_output=True, check=True).stdout
    if not head.startswith(b"HTTP/1.1 20") or b"X-Cache: HIT" not in head:
        sys.exit(f"{url} is no hit:\n{head[:500]}")


def median_of(rows, name):
    return statistics.median(row[name] for row in rows)


def machine():
    """One line on where this ran."""
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    return f"{model[1] if model else platform.machine()}, {len(CORES)} cores, Linux {platform.release()}"


def version_of(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()[0].strip()


def show(options, name, text):
    """Prints a result, and records it if that is wanted."""
    print(text)
    if options.record:
        record(name, text)


def record(name, text):
    """Writes a result under bench/results, named by today's date."""
    path = ROOT / "bench/results" / f"{time.strftime('%Y-%m-%d')}-{name}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    print(f"written to {path.relative_to(ROOT)}")
