"""A large cold object over connections that do not go on by themselves: parts of it are asked for side by side."""

import os
import socket
import threading

import pytest

from harness.deadline import until
from harness.proxy import s3_bucket
from harness.wire import Cut

MIB = 1 << 20
SIZE = 40 * MIB + 17
HELD_AT = 7 * MIB // 2
PARALLEL = 4


class Lock:
    """Stands before an origin, and lets no connection beyond HELD_AT bytes before it is opened."""

    def __init__(self, port):
        self.to = port
        self.opened = threading.Event()
        self.connections = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.opened.set()
        self.listener.close()
        for one in self.connections:
            one.close()

    def _accept(self):
        while True:
            try:
                ours, _ = self.listener.accept()
            except OSError:
                return
            origin = socket.create_connection(("127.0.0.1", self.to))
            self.connections.append(ours)
            threading.Thread(target=self._forward, args=(ours, origin, False), daemon=True).start()
            threading.Thread(target=self._forward, args=(origin, ours, True), daemon=True).start()

    def _forward(self, source, target, held):
        passed = 0
        try:
            while piece := source.recv(min(65536, HELD_AT - passed) if held and passed < HELD_AT else 65536):
                target.sendall(piece)
                passed += len(piece)
                if held and passed >= HELD_AT:
                    self.opened.wait()
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


@pytest.fixture
def lock(s3_server):
    made = Lock(s3_server.port)
    yield made
    made.stop()


def start(start_proxy, lock, bucket, parts):
    made = s3_bucket(lock.endpoint, bucket, path_prefix="/assets")
    return start_proxy([{**made, "cache": {"default_ttl": "1h", "parallel_parts": {"per_reader": parts}}}],
                       cache={"layers": ["memory"], "memory": {"max_size": "256MiB"}})


def in_background(work):
    """What `work` returns, once asked for."""
    results = []

    def run():
        try:
            results.append(work())
        except Exception as failure:
            results.append(failure)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result():
        thread.join(60)
        return results[0]
    return result


def metric(proxy, name):
    return sum(float(line.split()[-1]) for line in proxy.metrics().splitlines() if line.startswith(name + "{"))


def test_parts_come_side_by_side_and_each_byte_once(start_proxy, lock, s3, bucket):
    content = os.urandom(SIZE)
    s3.put_object(Bucket=bucket, Key="large", Body=content)
    proxy = start(start_proxy, lock, bucket, parts=PARALLEL)
    answer = in_background(lambda: proxy.get("/assets/large"))
    until(lambda: len(lock.connections) >= PARALLEL, "as many connections as parts")
    assert len(lock.connections) == PARALLEL
    lock.opened.set()
    assert answer().status == 200 and answer().body == content
    # The front without a range, and one for each part behind it.
    assert metric(proxy, "yatagarasu_origin_requests_total") == 1 + SIZE // (8 * MIB)
    assert metric(proxy, "yatagarasu_cache_stored_bytes_total") < SIZE + MIB
    again = proxy.get("/assets/large")
    assert again["x-cache"] == "HIT" and again.body == content


def test_an_object_replaced_meanwhile_is_cut_visibly(start_proxy, lock, s3, bucket):
    old, new = os.urandom(MIB) * 41, os.urandom(MIB) * 41
    s3.put_object(Bucket=bucket, Key="large", Body=old)
    proxy = start(start_proxy, lock, bucket, parts=PARALLEL)
    answer = in_background(lambda: proxy.get("/assets/large"))
    until(lambda: len(lock.connections) >= PARALLEL, "as many connections as parts")
    s3.put_object(Bucket=bucket, Key="large", Body=new)
    lock.opened.set()
    assert isinstance(answer(), Cut)
    received = answer().response.body
    assert len(received) >= HELD_AT and received == old[:len(received)]
    assert proxy.get("/assets/large").body == new


def test_one_part_after_the_other_where_it_is_turned_off(start_proxy, lock, s3, bucket):
    content = os.urandom(MIB) * 20
    s3.put_object(Bucket=bucket, Key="large", Body=content)
    proxy = start(start_proxy, lock, bucket, parts=1)
    lock.opened.set()
    assert proxy.get("/assets/large").body == content
    assert metric(proxy, "yatagarasu_origin_requests_total") == 1
