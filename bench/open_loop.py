"""Requests at a fixed rate, whether or not the ones before were answered; and what each waited.

Each is sent on an idle connection or a new one, so that a slow answer delays no other request. The time is taken from
before the request is sent until its answer is complete.
"""

import collections
import gc
import multiprocessing
import os
import re
import select
import socket
import time

import rig

CONNECTIONS_MAX = 512
ANSWERED_WITHIN_SECONDS = 20
FORK = multiprocessing.get_context("fork")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def get(path, token=None):
    field = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n".encode()


class Load:
    def __init__(self, port, requests):
        self.port, self.requests = port, requests
        self.poller = select.epoll()
        self.idle = []
        self.busy = {}
        self.waits = []
        self.statuses = collections.Counter()
        self.not_sent = 0

    def run(self, rate, seconds):
        """Sends rate × seconds requests, the list again from its start when it is over."""
        count, sent, began = int(rate * seconds), 0, time.perf_counter()
        while sent < count or self.busy:
            passed = time.perf_counter() - began
            if passed > seconds + ANSWERED_WITHIN_SECONDS:
                break
            while sent < min(count, int(passed * rate) + 1):
                self.send(self.requests[sent % len(self.requests)])
                sent += 1
            for descriptor, _ in self.poller.poll(0.001 if sent < count else 1):
                self.receive(descriptor)
        self.not_sent += len(self.busy)
        return self

    def send(self, request):
        if len(self.busy) >= CONNECTIONS_MAX:
            self.not_sent += 1
            return
        if self.idle:
            connection = self.idle.pop()
        else:
            connection = socket.create_connection(("127.0.0.1", self.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.poller.register(connection, select.EPOLLIN)
        self.busy[connection.fileno()] = [connection, time.perf_counter(), b""]
        connection.sendall(request)

    def receive(self, descriptor):
        if descriptor not in self.busy:
            raise SystemExit("the server closed a connection that was idle")
        connection, sent_at, got = self.busy[descriptor]
        piece = connection.recv(65536)
        if not piece:
            raise SystemExit(f"cut after {got[:200]}")
        got += piece
        end = got.find(b"\r\n\r\n")
        if end < 0 or len(got) < end + 4 + int(LENGTH.search(got)[1]):
            self.busy[descriptor][2] = got
            return
        self.waits.append(time.perf_counter() - sent_at)
        self.statuses[int(got[9:12])] += 1
        del self.busy[descriptor]
        self.idle.append(connection)

    def close(self):
        for connection in self.idle + [one[0] for one in self.busy.values()]:
            connection.close()
        self.poller.close()

    def figures(self):
        waits = sorted(self.waits)
        return {"p50_us": waits[len(waits) // 2] * 1e6, "p99_us": waits[len(waits) * 99 // 100] * 1e6,
                "statuses": dict(self.statuses), "not_sent": self.not_sent}


def measure(port, requests, rate, seconds):
    gc.disable()  # Its pauses would be counted as the server's.
    load = Load(port, requests).run(rate, seconds)
    load.close()
    gc.enable()
    return load.figures()


def _in_the_background(pipe, arguments):
    os.sched_setaffinity(0, set(map(int, rig.OTHER_CORES.split(","))))
    os.nice(19)  # Whoever measures is not to wait for this one.
    pipe.send(measure(*arguments))


class Beside:
    """`with Beside(port, requests, rate, seconds) as load:` another process sends meanwhile; its figures are after it."""

    def __init__(self, *arguments):
        self.pipe, there = FORK.Pipe()
        self.process = FORK.Process(target=_in_the_background, args=(there, arguments), daemon=True)
        self.figures = None

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *failure):
        if failure[0] is None and self.pipe.poll(60):
            self.figures = self.pipe.recv()
        self.process.terminate()
        self.process.join()
