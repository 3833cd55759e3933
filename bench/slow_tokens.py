"""Whom tokens hold up (`bench/tokens.py --stall`): cached hits at a fixed rate on the loop that checks other tokens.

The hits are behind a verifier with published keys, with a token it has seen. Beside them come, at a fixed rate too:
slow signatures, each new to the verifier; made-up tokens whose `kid` nobody has published; and, to tell the cost of a
token from that of a request, as many cheap ones.
"""

import http.server
import json
import multiprocessing
import os
import statistics
import time

import open_loop
import rig
import signing

FORK = multiprocessing.get_context("fork")
PATH = "1KiB"
HITS_RATE = 1_000
TOKENS_RATE = 1_000
TOKENS = 1_000  # Different in each second; of those before, the verifier remembers a tenth.
REMEMBERED = 100
FLOOD = 100_000
KNOWN_KEY = "published"
MIN_REFRESH_SECONDS = 1
GOAL = 1.5  # of the hits' P99 beside unknown keys, as a multiple of that in quiet
READY_WITHIN_SECONDS = 20


class Provider:
    """Gives a JWK set to whoever asks, in a process of its own that ends with us, and counts."""

    def __init__(self, keys):
        self.fetches = FORK.Value("i", 0)
        fetches, body = self.fetches, json.dumps({"keys": keys}).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with fetches.get_lock():
                    fetches.value += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/keys"
        self.process = FORK.Process(target=server.serve_forever, daemon=True)
        self.process.start()
        server.server_close()


class Verifiers:
    """The configuration, and requests by their kind."""

    def __init__(self, folder, provider, sign_known):
        self.provider = provider
        self.options = {"HS256": {"algorithms": ["HS256"], "secret": signing.SECRET, "token_cache": REMEMBERED},
                        "published": {"algorithms": ["RS256"], "jwks": {
                            "url": provider.url, "min_refresh": f"{MIN_REFRESH_SECONDS}s"}}}
        signers = {"HS256": signing.hmac_signer()}
        for algorithm in ("RS512", "ES384"):
            private, public = signing.key_pair(folder, algorithm)
            signers[algorithm] = signing.signer(private, algorithm)
            self.options[algorithm] = {"algorithms": [algorithm], "token_cache": REMEMBERED,
                                       "public_keys": [{"id": "k1", "file": str(public)}]}
        self.requests = {
            algorithm: [open_loop.get(f"/{algorithm}/{PATH}", token)
                        for token in signing.tokens(TOKENS, algorithm, sign)]
            for algorithm, sign in signers.items()}
        known = signing.tokens(1, "RS256", sign_known, KNOWN_KEY)[0]
        self.requests["hit"] = [open_loop.get(f"/published/{PATH}", known)]
        made_up = bytes(range(256))
        self.requests["unknown"] = [
            open_loop.get(f"/published/{PATH}", token)
            for token in signing.tokens(FLOOD, "RS256", lambda _: made_up, lambda number: f"unknown-{number}")]
        self.requests["none"] = [open_loop.get(f"/published/{PATH}")]


def prepare(folder):
    private, public = folder / "RS256.key", folder / "RS256.pem"
    provider = Provider([signing.published(public, KNOWN_KEY)])
    return Verifiers(folder, provider, signing.signer(private, "RS256"))


def wait_for_keys(verifiers, port):
    end = time.monotonic() + READY_WITHIN_SECONDS
    while 200 not in open_loop.measure(port, verifiers.requests["hit"], 10, 0.2)["statuses"]:
        if time.monotonic() > end:
            raise SystemExit("the published keys are not used")


# (name, requests beside the hits, how many a second, the one status they get)
def cases(seconds):
    flood = FLOOD // seconds
    return [("quiet", None, 0, 200),
            (f"{TOKENS_RATE:,} HS256/s", "HS256", TOKENS_RATE, 200),
            (f"{TOKENS_RATE:,} RS512 of 4096 bits/s", "RS512", TOKENS_RATE, 200),
            (f"{TOKENS_RATE:,} ES384/s", "ES384", TOKENS_RATE, 200),
            (f"{flood:,}/s without a token", "none", flood, 401),
            (f"{flood:,}/s with unknown `kid`s", "unknown", flood, 401)]


def measure(verifiers, process, port, case, seconds):
    """Figures of the hits; how busy the loop was; how often the provider was asked."""
    name, requests, rate, status = case
    fetches, cpu = verifiers.provider.fetches.value, rig.cpu_seconds(process)
    if requests is None:
        hits, load = open_loop.measure(port, verifiers.requests["hit"], HITS_RATE, seconds), None
    else:
        with open_loop.Beside(port, verifiers.requests[requests], rate, seconds) as beside:
            hits = open_loop.measure(port, verifiers.requests["hit"], HITS_RATE, seconds)
        load = beside.figures
        if load is None or list(load["statuses"]) != [status]:
            raise SystemExit(f"{name}: {load}")
    if list(hits["statuses"]) != [200]:
        raise SystemExit(f"{name}: hits {hits}")
    return {**hits, "busy": (rig.cpu_seconds(process) - cpu) / seconds,
            "unanswered": hits["unanswered"] + (load["unanswered"] if load else 0),
            "load_p50_us": load["p50_us"] if load else None, "fetches": verifiers.provider.fetches.value - fetches}


def table(rounds, names):
    lines = ["| beside the hits | hits' P50 µs | hits' P99 µs | P99 ÷ quiet, median | lowest … highest | goal "
             "| loop busy | P50 µs of the others | unanswered | keys fetched |", "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for name in names:
        rows = [one[name] for one in rounds]
        ratios = sorted(one[name]["p99_us"] / one["quiet"]["p99_us"] for one in rounds)
        load = f"{rig.median_of(rows, 'load_p50_us'):,.0f}" if rows[0]["load_p50_us"] else ""
        goal = f"≤ {GOAL}" if "unknown" in name else ""
        lines.append(f"| {name} | {rig.median_of(rows, 'p50_us'):,.0f} | {rig.median_of(rows, 'p99_us'):,.0f} "
                     f"| {statistics.median(ratios):.2f} | {ratios[0]:.2f} … {ratios[-1]:.2f} | {goal} "
                     f"| {rig.median_of(rows, 'busy') * 100:.0f} % | {load} | {sum(row['unanswered'] for row in rows)} "
                     f"| {', '.join(str(row['fetches']) for row in rows)} |")
    return "\n".join(lines)


def report(verifiers, process, port, options):
    os.sched_setaffinity(0, set(map(int, rig.OTHER_CORES.split(","))))
    wait_for_keys(verifiers, port)
    seconds = options.stall_seconds
    rounds = [{case[0]: measure(verifiers, process, port, case, seconds) for case in cases(seconds)}
              for _ in range(options.stall_rounds)]
    return f"""
## Hits beside slow and unknown tokens

{HITS_RATE:,} cached hits of 1 KiB a second with a seen token, due at fixed times, one loop;
{options.stall_rounds} rounds of {seconds} s each, load average {os.getloadavg()[0]:.1f} at the end.
Slow tokens: {TOKENS:,} different ones each second, and a `token_cache` of {REMEMBERED}, so that none is found again.
Unknown `kid`s: {FLOOD:,} different ones in each round, `min_refresh` {MIN_REFRESH_SECONDS} s.
Both clients share the other core; the one that measures goes first.
Waits are counted from when a request was due.

{table(rounds, [case[0] for case in cases(seconds)])}
"""
