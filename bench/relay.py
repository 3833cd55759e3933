#!/usr/bin/env python3
"""Stands between us and an origin, on loopback: so many bytes a second for each connection, or none before it is told.

Prints "listening PORT". With --hold, what the origin says is kept back until a line comes on the standard input.
"""

import argparse
import socket
import subprocess
import sys
import threading
import time

PIECE = 128 * 1024


def forward(source, target):
    try:
        while piece := source.recv(PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def forward_slowly(source, target, options, go):
    """At the given rate from the first byte on: time that was not used is not made up for."""
    due = 0.0
    try:
        while piece := source.recv(PIECE):
            go.wait()
            target.sendall(piece)
            now = time.monotonic()
            due = max(due, now) + (len(piece) / options.rate if options.rate else 0)
            if due > now:
                time.sleep(due - now)
    except OSError:
        pass
    for one in (source, target):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(options, go):
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(f"listening {listener.getsockname()[1]}", flush=True)
    while True:
        client, _ = listener.accept()
        origin = socket.socket()
        # What lies in a buffer has passed the limit already.
        origin.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
        origin.connect(("127.0.0.1", options.to))
        for one in (client, origin):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=forward, args=(client, origin), daemon=True).start()
        threading.Thread(target=forward_slowly, args=(origin, client, options, go), daemon=True).start()


class Relay:
    """The same as a process of its own, for the benchmarks."""

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
    options.rate = options.mib_per_second * (1 << 20)
    go = threading.Event()
    if not options.hold:
        go.set()
    threading.Thread(target=serve, args=(options, go), daemon=True).start()
    for _ in sys.stdin:  # Until who started this ends it.
        go.set()


if __name__ == "__main__":
    main()
