#!/usr/bin/env python3
"""What a token costs: cached hits of 1 KiB, public and behind JWT, in pairs on one process with one loop.

With --stall also: cached hits at a fixed rate, quiet and beside tokens that are slow to verify or name unknown keys.
"""

import os
import statistics
import subprocess
import time

import passthrough
import rig
import signing
import slow_tokens

KEY = "1KiB"
# Cycled in order, several times as many tokens as the cache holds and notes are not found again: each is new.
REMEMBERED = {"HS256": 10_000, "RS256": 1_000}
MADE = {"HS256": 60_000, "RS256": 4_000}

# Tokens are read before the clock starts; requests are ready bytes, so that the load generator costs the same for all.
REQUESTS = """
local all, at = {{}}, 0
function init(args)
  for token in io.lines("{tokens}") do
    if token ~= "" then wrk.headers["Authorization"] = "Bearer " .. token end
    all[#all + 1] = wrk.format("GET")
  end
end
function request()
  at = at % #all + 1
  return all[at]
end
"""
# What is measured: the bucket, the tokens that are sent, the goal beyond a public hit in µs.
CASES = {"public, tokens sent and not read": ("public", "HS256", None),
         "HS256, new token each time": ("HS256", "HS256", 1.5),
         "HS256, new, `token_cache: 0`": ("HS256-not-kept", "HS256", None),
         "HS256, same token": ("HS256", "HS256-same", 0.6),
         "RS256, new token each time": ("RS256", "RS256", None),
         "RS256, same token": ("RS256", "RS256-same", 0.6)}


def start(folder, origin, verifiers):
    """One loop; a public bucket, and one for each verifier, of its name."""
    closed = [rig.bucket(name, origin, f"/{name}", auth={"enabled": True, "jwt": name}) for name in verifiers]
    process, port, _ = rig.start_ours(folder, [rig.bucket("public", origin, "/public"), *closed], jwt=verifiers,
                                      cache=rig.memory_cache(64))
    return process, port


def make_tokens(folder):
    """The verifiers; files of tokens, one a line, for wrk."""
    private, public = signing.key_pair(folder, "RS256")
    signers = {"HS256": signing.hmac_signer(), "RS256": signing.signer(private, "RS256")}
    (folder / "none.tokens").write_text("\n")
    for algorithm, sign in signers.items():
        made = signing.tokens(MADE[algorithm], algorithm, sign)
        (folder / f"{algorithm}.tokens").write_text("\n".join(made) + "\n")
        (folder / f"{algorithm}-same.tokens").write_text(made[0] + "\n")
    with_secret = {"algorithms": ["HS256"], "secret": signing.SECRET}
    return {"HS256": {**with_secret, "token_cache": REMEMBERED["HS256"]},
            "HS256-not-kept": {**with_secret, "token_cache": 0},
            "RS256": {"algorithms": ["RS256"], "public_keys": [{"id": "k1", "file": str(public)}],
                      "token_cache": REMEMBERED["RS256"]}}


def check(folder, port, name, tokens):
    """A hit in the cache with a token; 401 without one, except where everybody may."""
    url = f"http://127.0.0.1:{port}/{name}/{KEY}"
    token = (folder / f"{tokens}.tokens").read_text().partition("\n")[0]
    rig.check_hit(url, f"Authorization: Bearer {token}")
    without = subprocess.run(["curl", "-so", "/dev/null", "-w", "%{http_code}", url], capture_output=True, check=True,
                             text=True).stdout
    if without != ("200" if name == "public" else "401"):
        raise SystemExit(f"{url}: {without} without a token")


def compare(folder, origin, options):
    """{case: [(figures of a public hit, figures of the case)]}: each case right after a public run of its own."""
    process, port = start(folder, origin, make_tokens(folder))

    def measured(name, tokens):
        return rig.measure(process, folder, f"http://127.0.0.1:{port}/{name}/{KEY}", 1024, options.connections,
                           options.seconds, REQUESTS.format(tokens=folder / f"{tokens}.tokens"))
    for name, tokens, _ in CASES.values():
        check(folder, port, name, tokens)
    measured("public", "none")  # Warm.
    results = {case: [] for case in CASES}
    for _ in range(options.rounds):
        for case, (name, tokens, _) in CASES.items():
            results[case].append((measured("public", "none"), measured(name, tokens)))
    rig.stop(process)
    return results


def table(results):
    lines = ["| cached hit, 1 KiB | CPU µs/request | public, same pairs | more, median of pairs | lowest … highest "
             "| goal |", "|---|--:|--:|--:|--:|--:|"]
    for case, pairs in results.items():
        public, ours = (rig.median_of([pair[side] for pair in pairs], "cpu_us") for side in (0, 1))
        more = sorted(pair[1]["cpu_us"] - pair[0]["cpu_us"] for pair in pairs)
        goal = f"≤ +{CASES[case][2]} µs" if CASES[case][2] else ""
        lines.append(f"| {case} | {ours:.2f} | {public:.2f} | {statistics.median(more):+.2f} µs "
                     f"| {more[0]:+.2f} … {more[-1]:+.2f} | {goal} |")
    return "\n".join(lines)


def report(results, options):
    return f"""# Tokens: what they cost, and whom they hold up

{time.strftime('%Y-%m-%d')}, {rig.machine()}, load average {os.getloadavg()[0]:.1f}.
{rig.version_of(rig.BINARY, 'version')}.
{options.connections} connections, one loop on a core of its own, access log on, {options.rounds} rounds of pairs
(public, case, public, case …), {options.seconds} s each.
Three claims in each token. New each time: {MADE['HS256']:,} HS256 tokens in turns against the default `token_cache` of
{REMEMBERED['HS256']:,}, {MADE['RS256']:,} RS256 tokens against one of {REMEMBERED['RS256']:,}. None is found again: an
HS256 token is looked up and noted, an RS256 token is looked up and kept.

{table(results)}
"""


def main():
    parser = rig.recording_parser(__doc__, rounds=5, seconds=2, connections=64, stall_rounds=3, stall_seconds=10)
    parser.add_argument("--stall", action="store_true", help="also hits beside slow and unknown tokens (three minutes)")
    options = parser.parse_args()
    with rig.folder() as folder:
        passthrough.make_objects(folder, passthrough.SIZES)
        _, origin_port = passthrough.start_nginx(folder, "origin", rig.OTHER_CORES, passthrough.ORIGIN)
        text = report(compare(folder, origin_port, options), options)
        print(text, flush=True)
        if options.stall:
            verifiers = slow_tokens.prepare(folder)
            process, port = start(folder, origin_port, verifiers.options)
            more = slow_tokens.report(verifiers, process, port, options)
            print(more)
            text += more
    if options.record:
        rig.record("tokens", f"{text}\nRepeat: `bench/tokens.py{' --stall' * options.stall}`.\n")


if __name__ == "__main__":
    main()
