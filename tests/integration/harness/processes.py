"""Processes with captured logs. A failing test prints the logs of all that ran during it (see conftest.py)."""

import os
import signal
import subprocess
from pathlib import Path

from .deadline import until

LOG_TAIL = 8000

started = []


class Process:
    """One program, its output in files, ended by terminate() or stop()."""

    def __init__(self, name, argv, directory, env=None):
        self.name = name
        self.argv = [str(part) for part in argv]
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        number = len(started)
        self.stdout_path = directory / f"{name}-{number}.out"
        self.stderr_path = directory / f"{name}-{number}.err"
        with open(self.stdout_path, "wb") as out, open(self.stderr_path, "wb") as err:
            self.popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env, cwd=directory)
        started.append(self)

    @property
    def pid(self):
        return self.popen.pid

    @property
    def alive(self):
        return self.popen.poll() is None

    def stdout(self):
        return self.stdout_path.read_text(errors="replace")

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def log(self):
        """The end of both outputs, for people."""
        state = "running" if self.alive else f"ended with {self.popen.returncode}"
        return (f"--- {self.name} (pid {self.pid}, {state}): {' '.join(self.argv)}\n"
                f"--- stdout\n{self.stdout()[-LOG_TAIL:]}\n--- stderr\n{self.stderr()[-LOG_TAIL:]}")

    def ready(self, condition, what, seconds=30.0):
        """Waits for condition(), but not for a process that has already ended."""
        def check():
            if not self.alive:
                raise AssertionError(f"{self.name} ended before it was ready\n{self.log()}")
            return condition()
        return until(check, f"{self.name}: {what}", seconds)

    def signal(self, number):
        self.popen.send_signal(number)

    def wait(self, seconds=30.0):
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {seconds} s\n{self.log()}") from None

    def stop(self, seconds=30.0):
        """Asks it to end and returns its exit code."""
        if self.alive:
            self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        """Ends it without asking; for the tidying after a failure."""
        if self.alive:
            self.popen.kill()
            self.popen.wait()

    def rss_bytes(self):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"{self.name} has no VmRSS")

    def written_bytes(self):
        """By all its writes and sends so far."""
        for line in Path(f"/proc/{self.pid}/io").read_text().splitlines():
            if line.startswith("wchar:"):
                return int(line.split()[1])
        raise AssertionError(f"{self.name} has no wchar")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))
