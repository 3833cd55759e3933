"""Requests at a fixed rate, whether or not those before were answered (bench/open_loop/), and what each waited.

A wait is counted from the moment a request was due, so that a server that stalls is seen in all that it delays.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import rig

BINARY = Path(os.environ.get("YATA_OPEN_LOOP", rig.ROOT / "build/release/open_loop"))


def get(path, token=None, fields=()):
    lines = [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *lines, *fields, "", ""]).encode()


def post(path, body):
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


class Run:
    """Sends rate × seconds requests, the list again from its start when it is over; figures() waits for the end."""

    def __init__(self, port, requests, rate, seconds, connections=64, nice=0):
        self.file = tempfile.NamedTemporaryFile()
        self.file.write(b"".join(request + b"\0" for request in requests))
        self.file.flush()
        self.process = rig.pinned(rig.OTHER_CORES, [
            "nice", "-n", nice, BINARY, "--port", port, "--rate", rate, "--seconds", seconds,
            "--connections", connections, "--requests", self.file.name], stdout=subprocess.PIPE, text=True)

    def figures(self):
        said, _ = self.process.communicate()
        self.file.close()
        if self.process.returncode:
            raise SystemExit(f"open_loop ended with {self.process.returncode}")
        figures = json.loads(said)
        return {**figures, "statuses": {int(status): count for status, count in figures["statuses"].items()}}

    def stop(self):
        rig.stop(self.process)


def measure(port, requests, rate, seconds, **how):
    return Run(port, requests, rate, seconds, **how).figures()


class Beside:
    """`with Beside(port, requests, rate, seconds) as load:` as many are sent meanwhile; its figures are after it."""

    def __init__(self, *arguments):
        self.arguments, self.run, self.figures = arguments, None, None

    def __enter__(self):
        self.run = Run(*self.arguments, connections=512, nice=19)  # Whoever measures is not to wait for this one.
        return self

    def __exit__(self, *failure):
        if failure[0] is None:
            self.figures = self.run.figures()
        else:
            self.run.stop()
