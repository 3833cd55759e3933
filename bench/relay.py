#!/usr/bin/env python3
"""The tests' relay before an origin as a process of its own: so many bytes a second for each connection, or none
before it is told.

Prints "listening PORT". With --hold, what the origin says is kept back until a line comes on the standard input.
"""

import argparse
import subprocess
import sys

import rig

sys.path.insert(0, str(rig.ROOT / "tests/integration"))
from harness import relay  # noqa: E402


class Relay:
    def __init__(self, to, mib_per_second=0, hold=False):
        argv = [sys.executable, __file__, "--to", to, "--mib-per-second", mib_per_second, *(["--hold"] if hold else [])]
        self.process = subprocess.Popen(list(map(str, argv)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def release(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.kill()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=int, required=True, help="the origin's port")
    parser.add_argument("--mib-per-second", type=float, default=0, help="of each connection; 0: as it comes")
    parser.add_argument("--hold", action="store_true")
    options = parser.parse_args()
    made = relay.Relay(options.to, rate=options.mib_per_second * rig.MIB)
    if not options.hold:
        made.opened.set()
    print(f"listening {made.port}", flush=True)
    for _ in sys.stdin:  # Until who started this ends it.
        made.opened.set()


if __name__ == "__main__":
    main()
