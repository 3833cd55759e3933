"""A large cold object over connections that do not go on by themselves: parts of it are asked for side by side."""

import os
import threading

import pytest

from harness.deadline import until
from harness.proxy import s3_bucket
from harness.relay import Relay
from harness.sparse_object import cached, metric
from harness.wire import Cut

MIB = 1 << 20
SIZE = 40 * MIB + 17
HELD_AT = 7 * MIB // 2
PARALLEL = 4


@pytest.fixture
def lock(s3_server):
    made = Relay(s3_server.port, HELD_AT)
    yield made
    made.stop()


def start(start_proxy, lock, bucket, parts):
    return start_proxy([cached(s3_bucket(lock.endpoint, bucket, path_prefix="/assets"),
                               parallel_parts={"per_reader": parts})],
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
